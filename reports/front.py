"""The front page: the theory in a picture, verdicts over data sets, sources, how to cite and to run it again."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from models import theory
from pipeline.core import paths
from reports import comparison, numbers
from reports.exhibits import NUMBER, TEXT, Figure, Table, table_html
from reports.figures import theory as picture
from reports.rendering import TEMPLATES, template
from reports.synthesis import page, sentences, tables
from reports.synthesis.found import Found
from reports.tables.verdicts import MARKS, mark
from reports.texts import HTML_LANG, Texts, front_link

RUN = "pip install uv && uv run stickiness run"
TEST = "pip install uv && uv run pytest"
Summary = dict[str, Any]

# Columns of verdicts side by side on one sheet.
ABREAST = 5


def summaries(folder: Path, data_sets: Sequence[str]) -> list[Summary]:
    """What the pages of the data sets say about themselves, in the order of `data_sets`."""
    return [json.loads((folder / name / "summary.json").read_text(encoding="utf-8")) for name in data_sets]


def html(found: list[Summary], together: Found, texts: Texts) -> str:
    """The front page in one language."""
    observed = [s for s in found if not s["simulated"]]
    simulated = [s for s in found if s["simulated"]]
    compared, tried = comparison.gathered(observed), comparison.gathered(simulated)
    drawings = comparison.figures(compared, texts, "")
    # numbers of the tables in the order of the page
    summary = tables.means(together, texts, averaged=True)
    averaged = bool(summary.rows)
    listed = 1 + bool(observed) + averaged + bool(len(compared))
    drawn = base64.b64encode(picture.svg(texts).encode("utf-8")).decode("ascii")
    return (
        template("front.html.j2").render(
            t=texts,
            quick=paths.QUICK,
            lang=HTML_LANG[texts.language],
            style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
            switch=Texts(texts.other)("language.switch"),
            switch_link=front_link(texts.other),
            switch_lang=HTML_LANG[texts.other],
            theory=drawn,
            matrix=matrix(observed, texts, "site.verdicts_caption", 1) if observed else "",
            figure=_head("figure", 1, texts),
            together=sentences.lead(together, texts) if together.data_sets else [],
            means=table_html(summary, _numbered(2, summary.caption, texts)) if averaged else "",
            together_link=page.link(texts.language),
            compared=_table(compared, texts, 2 + averaged) if len(compared) else "",
            figures=_drawn(drawings, texts, 2),
            tried=_table(tried, texts, listed + 2, texts("simulated.caption")) if len(tried) else "",
            trials=_drawn(
                comparison.figures(tried, texts, texts("simulated.watermark")),
                texts,
                2 + len(drawings),
                texts("simulated.caption"),
            ),
            check=matrix(simulated, texts, "site.simulated_caption", listed + 1) if simulated else "",
            recovered=[_recovered(s, texts) for s in simulated if s["recovery"]["parameters"]],
            data_sets=data_sets([*observed, *simulated], texts, listed),
            citations=[f"{s['citation']} doi:{s['doi']}" if s["doi"] else s["citation"] for s in found],
            commands=f"{RUN}\n{TEST}",
            published=texts("site.published_note") if any("published" in s for s in found) else "",
        )
        + "\n"
    )


def _table(rows: pd.DataFrame, texts: Texts, number: int, prefix: str = "") -> Markup:
    table = comparison.table(rows, texts)
    return table_html(table, _numbered(number, prefix + table.caption, texts))


def _drawn(figures: list[Figure], texts: Texts, first: int, prefix: str = "") -> list[dict[str, str]]:
    return [
        {
            "head": _head("figure", number, texts),
            "caption": prefix + figure.caption,
            "alt": figure.alt,
            "data": base64.b64encode(figure.svg.encode("utf-8")).decode("ascii"),
        }
        for number, figure in enumerate(figures, first)
    ]


def _recovered(entry: Summary, texts: Texts) -> str:
    found = entry["recovery"]
    share = numbers.percent(found["covered"] / found["parameters"], 0)
    return texts("site.recovered", share=share, **{key: numbers.count(value) for key, value in found.items()})


def matrix(found: list[Summary], texts: Texts, caption: str, number: int) -> Markup:
    """Hypotheses × data sets and kinds of test, in parts that fit a sheet of paper."""
    columns = [(entry, kind) for entry in found for kind in entry["kinds"]]
    prefix = texts("simulated.caption") if found[0]["simulated"] else ""
    caption = _numbered(number, prefix + texts(caption), texts)
    parts = [columns[first : first + ABREAST] for first in range(0, len(columns), ABREAST)]
    tables = Markup("")
    for place, part in enumerate(parts, 1):
        which = texts("punctuation.aside", x=f"{place}/{len(parts)}") if len(parts) > 1 else ""
        tables += table_html(_verdicts(part, texts), caption + which, "matrix")
    return tables


def _verdicts(columns: list[tuple[Summary, str]], texts: Texts) -> Table:
    verdicts = {(s["data_set"], row["kind"], row["hypothesis"]): row for s, _ in columns for row in s["verdicts"]}
    rows = []
    for key, hypothesis in theory.hypotheses().items():
        cells = [_cell(verdicts[entry["data_set"], kind, key], texts) for entry, kind in columns]
        rows.append([key, texts.claim(key), hypothesis.section, *cells])
    head = [_column(entry, kind, texts) for entry, kind in columns]
    return Table(
        name="matrix",
        caption="",
        head=[texts("head.hypothesis"), texts("head.claim"), texts("site.paper"), *head],
        kinds=[TEXT] * (3 + len(columns)),
        rows=rows,
        stages=[],
    )


def _head(kind: str, number: int, texts: Texts) -> str:
    return texts("exhibit.head", number=texts(f"exhibit.{kind}", number=number))


def _numbered(number: int, caption: str, texts: Texts) -> Markup:
    return Markup('<span class="label">{}</span> {}').format(_head("table", number, texts), caption)


def _column(entry: Summary, kind: str, texts: Texts) -> Markup:
    size = entry["n"][kind]
    size_text = texts("site.n" if kind == "survey" else "site.rows", n=numbers.count(size))
    marked = Markup("<br><em>{}</em>").format(texts("simulated.mark")) if entry["simulated"] else ""
    if "published" in entry:
        marked += Markup("<br><em>{}</em>").format(texts("site.published", date=entry["published"]))
    return Markup("{}<br><small>{}{}{}</small>{}").format(
        _link(entry, texts),
        texts(f"kind.{kind}"),
        texts("punctuation.list"),
        size_text,
        marked,
    )


def _link(entry: Summary, texts: Texts) -> Markup | str:
    """The title of a data set, with a link to its page where it was run here."""
    title = texts.pick(entry["title"])
    if "published" in entry:
        return title
    return Markup('<a href="{}/{}.html">{}</a>').format(quote(entry["data_set"]), texts.language, title)


def _origin(entry: Summary, texts: Texts) -> str:
    origin = texts("simulated.mark" if entry["simulated"] else "simulated.observed")
    if "published" in entry:
        origin = texts.listing([origin, texts("site.published", date=entry["published"])])
    return origin


def _cell(row: dict[str, Any], texts: Texts) -> Markup:
    shown = mark(row["verdict"], texts)
    if row["standardised"] is not None:
        shown = Markup("{} <small>{}</small>").format(shown, numbers.decimal(row["standardised"]))
    if row.get("threats"):
        shown += Markup("<br><small>{}</small>").format(texts("sure.front", n=numbers.count(len(row["threats"]))))
    return shown


def data_sets(found: list[Summary], texts: Texts, number: int) -> Markup:
    """One row a data set and kind of data."""
    rows = []
    for entry in found:
        for kind in entry["kinds"]:
            verdicts = [row["verdict"] for row in entry["verdicts"] if row["kind"] == kind]
            counts = [f"{verdicts.count(v)} {texts('verdict.' + v)}" for v in MARKS if v in verdicts]
            rows.append(
                [
                    _link(entry, texts),
                    texts(f"kind.{kind}"),
                    numbers.count(entry["n"][kind]),
                    texts.pick(entry["row"]),
                    _origin(entry, texts),
                    texts.pick(entry["licence"]),
                    texts.listing(counts),
                ]
            )
    head = [texts(f"head.{name}") for name in ("data_set", "kind", "n")]
    head += [texts("facts.row"), texts("head.origin"), texts("head.licence"), texts("head.counts")]
    table = Table(
        name="data_sets",
        caption=texts("site.data_sets_caption"),
        head=head,
        kinds=[TEXT, TEXT, NUMBER, TEXT, TEXT, TEXT, TEXT],
        rows=rows,
        stages=[],
    )
    return table_html(table, _numbered(number, table.caption, texts))
