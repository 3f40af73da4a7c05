"""Necessary conditions: how much of the scope lies empty above the ceiling."""

from __future__ import annotations

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.texts import Texts


def necessity(report: Report, texts: Texts) -> list[Table]:
    """Thresholds: how much of the scope lies empty above the ceiling."""
    rows = report.table("necessity")
    if rows.empty:
        return []
    failed = rows[rows["quantity"] == "failed"]
    notes = [
        texts("note.not_estimated", group=texts.term(row.term), reason=texts.remarks(row.note))
        for row in failed.itertuples()
    ]
    body: list[list[str] | Band] = []
    for (term, ceiling), part in rows[rows["quantity"] != "failed"].groupby(["term", "group"], sort=False):
        found = part.set_index("quantity")
        body.append(
            [
                texts.term(str(term)),
                texts(f"ceiling.{ceiling}"),
                numbers.bounded(found.loc["d", "estimate"]),
                report.style.pvalue(found.loc["d", "pvalue"]),
                report.style.pvalue(found["pvalue"].get("linear")),
                numbers.percent(found.loc["accuracy", "estimate"]),
                numbers.count(found.loc["d", "n"]),
            ]
        )
    return [
        Table(
            name="necessity",
            caption=texts("caption.necessity"),
            head=[
                texts("head.path"),
                texts("head.ceiling"),
                "d",
                "p",
                texts("head.p_linear"),
                texts("head.accuracy"),
                "n",
            ],
            kinds=[TEXT, TEXT, *[NUMBER] * 5],
            rows=body,
            stages=["structure"],
            defines=["ce_fdh", "cr_fdh"],
            notes=[texts("note.necessity"), *notes],
        )
    ]
