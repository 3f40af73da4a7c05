"""The measures of a panel before any model: means, deviations between and within users, correlations."""

from __future__ import annotations

import math

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.tables.measurement import wide
from reports.texts import Texts

SPREADS = ("sd", "sd_between", "sd_within")


def descriptives(report: Report, texts: Texts) -> list[Table]:
    """Correlations within users below the diagonal, those of the users' means above it."""
    rows = report.table("panel_descriptives")
    if rows.empty:
        return []
    values, pairs = wide(rows), _pairs(report)
    names = list(values.index)
    # As many decimals as the smallest deviation needs, the same in every row.
    digits = min(numbers.decimals([values[list(SPREADS)].min(axis=None)], 2), 4)
    body = []
    for place, name in enumerate(names):
        row = values.loc[name]
        shown = [numbers.decimal(row.get(quantity), digits) for quantity in ("mean", *SPREADS)]
        sizes = [numbers.count(row.get(quantity)) for quantity in ("n_entity", "n_time")]
        cells = [_correlation(pairs, names, place, other) for other in range(len(names))]
        body.append([texts("correlation.row", i=place + 1, x=texts.construct(str(name))), *sizes, *shown, *cells])
    head = [texts("head.measure"), texts("quantity.n_entity"), texts("quantity.n_time")]
    head += [texts("quantity.mean"), *(texts(f"head.{quantity}") for quantity in SPREADS)]
    return [
        Table(
            name="panel_descriptives",
            caption=texts("caption.panel_descriptives"),
            head=[*head, *(str(i + 1) for i in range(len(names)))],
            kinds=[TEXT, *[NUMBER] * (6 + len(names))],
            rows=body,
            stages=["panel"],
            defines=["between_within", "panel_correlation"],
            notes=[texts("note.panel_descriptives")],
        )
    ]


def _pairs(report: Report) -> dict[str, dict[frozenset, float]]:
    rows: pd.DataFrame = report.table("panel_correlations")
    return {
        str(quantity): {frozenset((row.term, row.group)): row.estimate for row in part.itertuples()}
        for quantity, part in rows.groupby("quantity")
    }


def _correlation(pairs: dict[str, dict[frozenset, float]], names: list, row: int, column: int) -> str:
    if row == column:
        return numbers.EMPTY
    found = pairs.get("within" if row > column else "between", {})
    return numbers.bounded(found.get(frozenset((names[row], names[column])), math.nan))
