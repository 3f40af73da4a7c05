"""Factor means of many groups where the items do not have the same intercepts everywhere."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.texts import Texts


def alignment(report: Report, texts: Texts) -> list[Table]:
    """One table a grouping: aligned mean of each construct in each group, and what does not agree."""
    rows = report.table("alignment")
    if rows.empty:
        return []
    whole = rows[rows["quantity"] == "noninvariant"]
    return [_table(report, texts, by, rows, part) for by, part in whole.groupby("group", sort=False)]


def _table(report: Report, texts: Texts, by: str, rows: pd.DataFrame, shares: pd.DataFrame) -> Table:
    means = rows[(rows["quantity"] == "mean") & rows["group"].str.startswith(f"{by}: ")]
    groups = list(dict.fromkeys(means["group"]))
    cells = means.set_index(["term", "group"])["estimate"]
    body = [
        [
            texts.construct(row.term),
            *(numbers.decimal(cells.get((row.term, group), float("nan"))) for group in groups),
            numbers.percent(row.estimate),
        ]
        for row in shares.itertuples()
    ]
    off = report.table("alignment_items")
    off = off[off["group"].isin(groups)]
    named = [
        texts("punctuation.aside", x=texts.listing([texts.member(group) for group in part["group"]])).join((item, ""))
        for item, part in off.drop_duplicates(["term", "group"]).groupby("term", sort=False)
    ]
    key = "note.alignment_off" if named else "note.alignment_all"
    return Table(
        name=f"alignment_{by}",
        caption=texts("caption.alignment", by=texts.group(by)),
        head=[texts("head.construct"), *(texts.member(group) for group in groups), texts("head.noninvariant")],
        kinds=[TEXT, *[NUMBER] * (len(groups) + 1)],
        rows=body,
        stages=["measure"],
        defines=["alignment"],
        notes=[texts(key, first=texts.member(groups[0]), items=texts.listing(named))],
    )
