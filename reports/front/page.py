"""The front page in one language: what was found, the verdicts, the theory, the sources, how to cite and rerun."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reports import comparison
from reports.exhibits import Figure
from reports.figures import theory as picture
from reports.front import matrix, opening, sets, trials
from reports.rendering import frame, template
from reports.synthesis import page, sentences, tables
from reports.synthesis.found import Found
from reports.texts import Texts, front_link

RUN = "pip install uv && uv run stickiness run"
TEST = "pip install uv && uv run pytest"
PAPER = "https://www.hanspub.org/journal/paperinformation?paperid=122045"
Summary = dict[str, Any]


def summaries(folder: Path, data_sets: Sequence[str]) -> list[Summary]:
    """What the pages of the data sets say about themselves, in the order of `data_sets`."""
    return [json.loads((folder / name / "summary.json").read_text(encoding="utf-8")) for name in data_sets]


def html(found: list[Summary], together: Found, texts: Texts) -> str:
    """The front page in one language."""
    observed = [s for s in found if not s["simulated"]]
    simulated = [s for s in found if s["simulated"]]
    compared = comparison.gathered(observed, texts)
    several = len(compared) and compared["data_set"].nunique() > 1
    drawings = comparison.figures(compared, texts, "") if several else []
    summary = tables.means(together, texts, averaged=True)
    # Numbers in the order of the page.
    numbered = sets.Numbers(texts)
    verdicts = [numbered.table(table, "matrix") for table in matrix.tables(observed, texts)]
    untested = matrix.untested(observed, together, texts)
    folded = numbered.table(untested) if untested.rows else ""
    means = numbered.table(summary) if summary.rows else ""
    side_by_side = numbered.table(comparison.table(compared, texts)) if several else ""
    sources = numbered.table(sets.listed([*observed, *simulated], texts))
    checked = trials.table(simulated, texts)
    return (
        template("front.html.j2").render(
            **frame(texts, front_link(texts.other)),
            paper=PAPER,
            opening=opening.paragraphs(observed, together, texts) if observed else [],
            boxes=opening.counted(observed, texts) + trials.boxes(simulated, texts),
            matrix=Markup("").join(verdicts),
            silent=matrix.silent(observed, texts) if verdicts else "",
            untested=folded,
            untested_summary=untested.caption,
            cautions=[] if opening.told_apart(observed) else opening.cautions(observed, texts),
            figure=numbered.head("figure", 1),
            theory=base64.b64encode(picture.svg(texts).encode("utf-8")).decode("ascii"),
            together=sentences.lead(together, texts) if together.data_sets else [],
            means=means,
            together_link=page.link(texts.language),
            compared=side_by_side,
            figures=_drawn(drawings, numbered, 2),
            data_sets=sources,
            trials=trials.sentences(simulated, texts),
            check=numbered.table(checked, prefix=texts("simulated.caption")) if checked else "",
            citations=list(dict.fromkeys(_cited(s, texts) for s in found)),
            commands=f"{RUN}\n{TEST}",
            published=_published(found, texts),
        )
        + "\n"
    )


def _published(found: Sequence[Summary], texts: Texts) -> list[str]:
    """What the mark of published results means, and whose verdicts an earlier rule decided."""
    said = [texts("site.published_note")] if any("published" in s for s in found) else []
    earlier = [(texts.pick(s["title"]), texts.listing(s["earlier"])) for s in found if s.get("earlier")]
    return said + [texts("site.earlier_rule", name=name, hypotheses=ids) for name, ids in earlier]


def _cited(entry: Summary, texts: Texts) -> Markup:
    """A reference, with its DOI as a link."""
    if not entry["doi"]:
        return Markup("{}").format(texts.pick(entry["citation"]))
    return Markup('{} <a href="https://doi.org/{}">doi:{}</a>').format(
        texts.pick(entry["citation"]), entry["doi"], entry["doi"]
    )


def _drawn(figures: list[Figure], numbered: sets.Numbers, first: int) -> list[dict[str, str]]:
    return [
        {
            "head": numbered.head("figure", number),
            "caption": figure.caption,
            "alt": figure.alt,
            "data": base64.b64encode(figure.svg.encode("utf-8")).decode("ascii"),
        }
        for number, figure in enumerate(figures, first)
    ]
