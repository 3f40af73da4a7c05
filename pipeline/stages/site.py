"""site: the pages of all data sets → the report: front page, page of all together, counts of verdicts, DVC's plots."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from typing import Any

from pipeline.cards import studies
from pipeline.core import paths, record, results, standing
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded


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
    shown = [*found, *published(data_sets)]
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
        draft.write_text(plots.template(), encoding="utf-8")


def published(ran: Sequence[str]) -> list[dict[str, Any]]:
    """What published results say about data sets that have a card and were not run here, with the date of publication.

    Verdicts that another rule than today's decided are left out, their hypotheses named (`earlier`).

    Raises
    ------
    InputError
        For verdicts or threats that the pages have no words for, because an earlier program published them.
    """
    from models import theory
    from reports.tables.verdicts import MARKS

    found = []
    for path in sorted(paths.PUBLISHED.glob("*/summary.json")):
        name = path.parent.name
        if name in ran or not paths.card_path(name).exists():
            continue
        entry = json.loads(path.read_text(encoding="utf-8"))
        threats = {one for row in entry["verdicts"] for one in row.get("threats") or []}
        named = {
            worded("published_verdicts"): ({row["verdict"] for row in entry["verdicts"]}, MARKS.keys()),
            worded("published_threats"): (threats, theory.threats().keys()),
        }
        for what, (there, known) in named.items():
            if unknown := sorted(there - known):
                fix = worded("run_and_publish_again", name=name)
                raise InputError(
                    Problem(
                        path.as_posix(),
                        worded("unknown_word_of", what=what, unknown=unknown),
                        worded("of_known", names=list(known)),
                        fix,
                    )
                )
        facts = json.loads((path.parent / "published.json").read_text(encoding="utf-8"))
        decided = results.read(path.parent / studies.VERDICTS)
        earlier = decided.loc[~studies.of_today(decided), ["hypothesis", "kind"]].to_records(index=False).tolist()
        kept = [row for row in entry["verdicts"] if (row["hypothesis"], row["kind"]) not in earlier]
        left_out = sorted({hypothesis for hypothesis, _ in earlier})
        found.append(entry | {"verdicts": kept, "published": facts["date"], "earlier": left_out})
    return found
