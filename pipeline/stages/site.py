"""site: the pages of all data sets → the report: front page, page of all together, counts of verdicts, DVC's plots."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from pipeline.cards import not_run_here
from pipeline.core import paths, record, standing


def run(data_sets: Sequence[str]) -> None:
    with record.costed("site"):
        _report(data_sets)


def _report(data_sets: Sequence[str]) -> None:
    from reports import plots
    from reports.front import page as front
    from reports.synthesis import page as together_page
    from reports.synthesis.found import Found
    from reports.texts import LANGUAGES, Texts, front_link

    pages = paths.RESULTS / "pages"
    found = front.summaries(pages, data_sets)
    shown = [*found, *not_run_here.published(data_sets)]
    together = Found.read(paths.RESULTS / "synthesis", shown)
    with paths.whole(paths.RESULTS / "report") as draft:
        draft.mkdir()
        for name in data_sets:
            shutil.copytree(pages / name, draft / name, ignore=shutil.ignore_patterns("summary.json", standing.SHOWN))
        for language in LANGUAGES:
            texts = Texts(language)
            (draft / front_link(language)).write_text(front.html(shown, together, texts), encoding="utf-8")
            (draft / together_page.link(language)).write_text(together_page.html(together, texts), encoding="utf-8")
    with paths.whole(paths.RESULTS / "plots" / "verdicts.csv") as draft:
        plots.counts(found).to_csv(draft, index=False, lineterminator="\n")
    with paths.whole(paths.RESULTS / "plots" / "template.html") as draft:
        draft.write_text(plots.template(_vega()), encoding="utf-8")


def _vega() -> str:
    """What draws the plots: kept beside what DVC keeps until another version of it is installed."""
    from reports import plots

    kept = Path(".dvc/tmp") / f"vega-{version('vl-convert-python')}.js"
    if not kept.is_file():
        with paths.whole(kept) as draft:
            draft.write_bytes(plots.vega().encode())
    return kept.read_bytes().decode()
