"""Standardised panel slopes of all data sets side by side: signs and sizes are compared, never pooled."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from models import theory
from models.choices import choices
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.figures import coefficients
from reports.reading import Report
from reports.texts import Texts

# Hypotheses whose panel models are set side by side.
SIDE_BY_SIDE = ("H1a", "H2")
BY = "platform_type: "
# After the name of a data set whose results are published and were not computed in this run.
PUBLISHED = "†"


def models() -> tuple[str, ...]:
    """The panel models that are set side by side, in the order of the theory."""
    return tuple(dict.fromkeys(spec for one in SIDE_BY_SIDE for spec in theory.hypotheses()[one].panel.specs))


def slopes(report: Report) -> list[dict[str, Any]]:
    """Standardised slopes by platform type, for the front page: of everybody where there is one type only."""
    if report.card.panel is None:
        return []
    rows = report.table("slopes", quantity="std")
    rows = rows[rows["model"].isin(models()) & rows["estimate"].notna()]
    typed = rows[rows["group"].str.startswith(BY)]
    known = report.card.panel.groups.get("platform_type")
    only = (known and known.constant) or "all"
    if typed.empty:
        typed = rows[rows["group"] == "all"].assign(group=BY + only)
    typed = typed.assign(platform=typed["group"].str.removeprefix(BY))
    found = typed[["model", "term", "platform", "estimate", "ci_lower", "ci_upper", "pvalue", "n"]].astype(object)
    return found.where(found.notna(), None).to_dict("records")


def gathered(found: list[dict[str, Any]], texts: Texts) -> pd.DataFrame:
    """The slopes of several summaries in one frame, with `data_set`: its title (`PUBLISHED` after it if not run)."""
    parts = [
        pd.DataFrame(entry["slopes"]).assign(data_set=texts.pick(entry["title"]) + PUBLISHED * ("published" in entry))
        for entry in found
        if entry["slopes"]
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def figures(rows: pd.DataFrame, texts: Texts, watermark: str) -> list[Figure]:
    """A figure a model: a panel a regressor, a line a data set and platform type."""
    drawn = []
    for model in models():
        part = rows[rows["model"] == model] if len(rows) else rows
        if part.empty:
            continue
        numeric = dict.fromkeys(("estimate", "ci_lower", "ci_upper"), float)
        part = part.assign(group=part["data_set"] + "|" + part["platform"]).astype(numeric)
        labels = {row.group: _label(row, texts) for row in part.itertuples()}
        name = texts.model(model)
        said = [
            texts("punctuation.pair", a=f"{texts.term(row['term'])}, {_plain(labels[row['group']])}", b=interval)
            for _, row in part.iterrows()
            for interval in [coefficients.with_interval(row)]
        ]
        drawn.append(
            Figure(
                name=f"comparison_{model}",
                caption=texts("site.comparison_figure", model=name),
                **coefficients.panels(part, texts, texts("axis.slope"), watermark, labels),
                alt=texts("alt.coefficients", what=name, values=texts("punctuation.clauses").join(said)),
                stages=["panel"],
            )
        )
    return drawn


def table(rows: pd.DataFrame, texts: Texts) -> Table:
    """Sign and size of every slope: a line a data set and platform type, a column a regressor, a band a model."""
    terms = list(dict.fromkeys(sorted(rows["term"], key=lambda term: ("identification" not in term, 0))))
    body: list[list[str] | Band] = []
    for model in models():
        part = rows[rows["model"] == model]
        if part.empty:
            continue
        body.append(Band(texts.model(model)))
        for (data_set, platform), lines in part.groupby(["data_set", "platform"], sort=False):
            cells = lines.set_index("term")
            shown = [_cell(cells.loc[term], texts) if term in cells.index else numbers.EMPTY for term in terms]
            body.append([texts.level(str(platform), "platform_type"), str(data_set), *shown])
    head = [texts("group.platform_type"), texts("head.data_set"), *map(texts.term, terms)]
    return Table(
        name="comparison",
        caption=texts("site.comparison_caption"),
        head=head,
        kinds=[TEXT, TEXT, *[NUMBER] * len(terms)],
        rows=body,
        stages=[],
    )


def _cell(row: pd.Series, texts: Texts) -> Markup:
    """A filled circle where p is below `choices.alpha`, else a hollow one; then the slope over its interval."""
    sign = "●" if row["pvalue"] < choices.alpha else "○"
    interval = numbers.interval(row["ci_lower"], row["ci_upper"])
    return Markup("{} {}<br><small>{}</small>").format(sign, numbers.decimal(row["estimate"]), interval)


def _label(row: Any, texts: Texts) -> str:
    return f"{texts.level(row.platform, 'platform_type')}\n{row.data_set}"


def _plain(label: str) -> str:
    return label.replace("\n", " ")
