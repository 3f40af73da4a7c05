"""Robustness of the structural paths in numbers."""

from __future__ import annotations

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.texts import Texts


def combinations(report: Report, texts: Texts) -> list[Table]:
    """Where each effect lies over all combinations of choices."""
    rows = report.table("specification_summary")
    if rows.empty or rows["n"].max() < 3:
        return []
    body = []
    for term in dict.fromkeys(rows["term"]):
        found = rows[rows["term"] == term].set_index("quantity")["estimate"]
        size = rows[rows["term"] == term]["n"].iloc[0]
        cells = [numbers.decimal(found[name]) for name in ("lowest", "median", "highest")]
        shares = [numbers.percent(found[name], 0) for name in ("same_sign", "clear")]
        body.append([texts.term(term), *cells, *shares, numbers.count(size)])
    head = ("effect", "lowest", "median", "highest", "same_sign", "clear", "combinations")
    return [
        Table(
            name="specification_summary",
            caption=texts("caption.specification_summary"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 6],
            rows=body,
            stages=["structure"],
            defines=["specification_curve"],
        )
    ]
