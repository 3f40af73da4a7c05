"""The page of all data sets together, and what the front page says of it."""

from __future__ import annotations

import base64
from typing import Any

import pandas as pd
from markupsafe import Markup

from models import specs
from reports import definitions, numbers
from reports.exhibits import Table, table_html
from reports.figures.coefficients import with_interval
from reports.figures.forest import forest
from reports.rendering import frame, template
from reports.synthesis import sentences, tables
from reports.synthesis.found import KINDS, Found, label, short, titled
from reports.texts import Texts, front_link

DAGGER = "†"


def link(language: str) -> str:
    """File of the page."""
    return "synthesis.html" if language == "en" else f"synthesis.{language}.html"


def html(found: Found, texts: Texts) -> str:
    """The page in one language."""
    numbered = _Numbers(texts)
    summary = tables.means(found, texts)
    means = numbered.table(summary)
    sections = [
        {
            "title": texts(f"together.kind.{kind}"),
            "estimand": texts.pick(specs.synthesis().estimands[kind]),
            "effects": [_effect(found, kind, of, numbered, texts) for of in found.asked(kind)],
        }
        for kind in KINDS
        if found.asked(kind)
    ]
    optional = (tables.families(found, texts), tables.paths(found, texts), tables.correlations(found, texts))
    families, path_table, correlations = (numbered.table(table) if table else "" for table in optional)
    shown = [summary, *(table for table in optional if table)]
    defined = list(dict.fromkeys(key for table in shown for key in table.defines))
    return (
        template("synthesis.html.j2").render(
            **frame(texts, link(texts.other)),
            front=front_link(texts.language),
            lead=sentences.lead(found, texts),
            means=means,
            sections=sections,
            families=families,
            correlations=correlations,
            path_table=path_table,
            path_sentences=sentences.path_model(found, texts),
            checks=_checks(found, texts),
            needed=sentences.needed(found, texts),
            gaps=numbered.table(tables.gaps(found, texts)),
            glossary=definitions.glossary([*defined, "effect_of_set", "cochran_q", "egger", "meta_regression"], texts),
        )
        + "\n"
    )


class _Numbers:
    """Exhibits in the order of the page."""

    def __init__(self, texts: Texts) -> None:
        self.texts, self.tables, self.figures = texts, 0, 0

    def table(self, table: Table) -> Markup:
        self.tables += 1
        caption = self._caption("table", self.tables, table.caption)
        notes = Markup(" ").join([*table.notes])
        note = Markup('<div class="note">{}</div>').format(notes) if table.notes else Markup("")
        return Markup('<figure class="exhibit table">{}{}</figure>').format(table_html(table, caption), note)

    def figure(self, caption: str) -> Markup:
        self.figures += 1
        return self._caption("figure", self.figures, caption)

    def _caption(self, kind: str, number: int, caption: str) -> Markup:
        head = self.texts("exhibit.head", number=self.texts(f"exhibit.{kind}", number=number))
        return Markup('<span class="label">{}</span> {}').format(head, caption)


def _effect(found: Found, kind: str, of: str, numbered: _Numbers, texts: Texts) -> dict[str, Any]:
    """One effect: what is said of it, and its forest plot where there are several data sets."""
    effects = found.table("effects", sample=kind, term=of)
    said = sentences.of_effect(found, kind, of, texts)
    if len(effects) == 1:
        return {"title": titled(of, kind, texts), "said": said, "data": ""}
    names = [found.titled(name, texts) + DAGGER * (name in found.published) for name in effects["group"]]
    below = []
    if (mean := found.mean(kind, of)) is not None:
        below.append(("diamond", texts("together.mean_label", n=len(effects[effects["quantity"] == "std"])), mean))
    if (expected := found.mean(kind, of, "prediction")) is not None:
        below.append(("bar", texts("together.prediction_label"), expected))
    svg = forest(effects, names, below, texts("axis.forest"))
    return {
        "title": titled(of, kind, texts),
        "said": said,
        "caption": numbered.figure(texts("together.forest_caption", of=short(of, texts))),
        "alt": texts("together.alt", of=label(of, kind, texts), values=_values(effects, names, texts), said=said),
        "data": base64.b64encode(svg.encode("utf-8")).decode("ascii"),
    }


def _values(effects: pd.DataFrame, names: list[str], texts: Texts) -> str:
    pairs = zip(names, effects.iterrows(), strict=True)
    return texts("punctuation.clauses").join(
        texts("punctuation.pair", a=name, b=with_interval(row)) for name, (_, row) in pairs
    )


def _checks(found: Found, texts: Texts) -> list[str]:
    """What explains differences between data sets, and why most checks were not made: each reason once."""
    rows = found.table("checks")
    said = [
        texts(
            "together.moderated",
            of=short(row.term, texts),
            moderator=texts.group(row.group),
            p=numbers.equation("p", numbers.pvalue(row.pvalue)),
        )
        for row in rows[rows["quantity"] == "moderator"].itertuples()
    ]
    said += [
        texts("together.small", of=short(row.term, texts), p=numbers.equation("p", numbers.pvalue(row.pvalue)))
        for row in rows[rows["quantity"] == "small_studies"].itertuples()
    ]
    not_made = rows[rows["quantity"] == "not_made"].sort_values("n").drop_duplicates("group", keep="last")
    said += [texts.remarks(note) for note in not_made["note"]]
    return said
