"""site: the pages of all data sets → the report with its front page, counts of verdicts, template of DVC's plots."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from pipeline.core import paths


def run(data_sets: Sequence[str]) -> None:
    from reports import front, plots
    from reports.texts import LANGUAGES, Texts, front_link

    pages = paths.RESULTS / "pages"
    found = front.summaries(pages, data_sets)
    shown = [*found, *front.published(paths.PUBLISHED, data_sets)]
    with paths.whole(paths.RESULTS / "report") as draft:
        draft.mkdir()
        for name in data_sets:
            shutil.copytree(pages / name, draft / name, ignore=shutil.ignore_patterns("summary.json"))
        for language in LANGUAGES:
            (draft / front_link(language)).write_text(front.html(shown, Texts(language)), encoding="utf-8")
    with paths.whole(paths.RESULTS / "plots" / "verdicts.csv") as draft:
        plots.counts(found).to_csv(draft, index=False, lineterminator="\n")
    with paths.whole(paths.RESULTS / "plots" / "template.html") as draft:
        draft.write_text(plots.template(), encoding="utf-8")
