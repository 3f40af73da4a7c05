"""Where the measurement model is wrong: what freeing a cross-loading or residual covariance would gain."""

from __future__ import annotations

from models.choices import choices
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.texts import Texts

MOST = 12


def misfit(report: Report, texts: Texts) -> list[Table]:
    """The largest modification indices of items, significant after Holm or, where none is, the three largest."""
    rows = report.table("misfit")
    counts = rows[rows["quantity"] == "candidates"].set_index("term")["estimate"]
    if counts.empty:
        return []
    found = rows[rows["quantity"].isin(counts.index)].sort_values("statistic", ascending=False, kind="stable")
    significant = found[found["pvalue"] < choices.alpha]
    shown = significant.head(MOST) if len(significant) else found.head(3)
    of = {name: construct for construct, items in report.card.codebook.items() for name in items}
    body = [
        [
            texts.construct(row.term),
            texts.construct(of.get(row.term, "")),
            texts(f"misfit.{row.quantity}", x=texts.construct(row.group)),
            numbers.decimal(row.statistic),
            report.style.pvalue(row.pvalue),
            numbers.decimal(row.estimate),
        ]
        for row in shown.itertuples()
    ]
    kinds = [
        texts(
            f"misfit.count_{kind}",
            k=numbers.count((significant["quantity"] == kind).sum()),
            n=numbers.count(counts[kind]),
        )
        for kind in ("cross_loading", "residual_covariance")
        if kind in counts
    ]
    return [
        Table(
            name="misfit",
            caption=texts("caption.misfit"),
            head=[texts(f"head.{name}") for name in ("item", "construct", "misfit", "mi", "p_holm", "epc")],
            kinds=[TEXT, TEXT, TEXT, NUMBER, NUMBER, NUMBER],
            rows=body,
            stages=["measure"],
            defines=["modification_index"],
            notes=[texts("note.misfit", counts=texts.listing(kinds))],
        )
    ]
