"""Means, deviations, reliability and correlations of the constructs, as journals print them."""

from __future__ import annotations

import math

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.tables.measurement import wide
from reports.texts import Texts


def correlations(report: Report, texts: Texts) -> list[Table]:
    """Latent correlations below the diagonal, HTMT above it, the root of AVE on it."""
    scales, pairs = report.table("reliability"), report.table("validity")
    if scales.empty or pairs.empty:
        return []
    values = wide(scales)
    names = list(values.index)
    found = {
        quantity: {
            frozenset((row.term, row.group)): row.estimate for row in pairs[pairs["quantity"] == quantity].itertuples()
        }
        for quantity in ("correlation", "htmt")
    }
    body = []
    for place, name in enumerate(names):
        row = values.loc[name]
        cells = [_cell(found, names, place, other, row.get("ave")) for other in range(len(names))]
        shown = [numbers.decimal(row.get(q)) for q in ("mean", "sd")] + [
            numbers.bounded(row.get(q)) for q in ("alpha", "cr", "ave")
        ]
        body.append([texts("correlation.row", i=place + 1, x=texts.construct(str(name))), *shown, *cells])
    head = [
        texts("head.construct"),
        *(texts(f"quantity.{q}") for q in ("mean", "sd")),
        *(texts(f"head.{q}") for q in ("alpha", "cr", "ave")),
    ]
    return [
        Table(
            name="correlations",
            caption=texts("caption.correlations", n=numbers.count(scales["n"].max())),
            head=[*head, *(str(i + 1) for i in range(len(names)))],
            kinds=[TEXT, *[NUMBER] * (5 + len(names))],
            rows=body,
            stages=["measure"],
            defines=["scale_score", "alpha", "cr", "ave", "latent_correlation", "htmt"],
            notes=[texts("note.correlations")],
        )
    ]


def _cell(found: dict, names: list, row: int, column: int, ave: float) -> str:
    if row == column:
        return numbers.bounded(math.sqrt(ave)) if ave is not None and ave >= 0 else numbers.EMPTY
    pair = frozenset((names[row], names[column]))
    return numbers.bounded(found["correlation" if row > column else "htmt"].get(pair, math.nan))
