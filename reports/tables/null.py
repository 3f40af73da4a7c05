"""How often data like these would give a verdict if nothing were true."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.tables.verdicts import mark
from reports.texts import Texts

SHARES = ("supported", "opposite")


def null(report: Report, texts: Texts) -> list[Table]:
    """A table a kind of data: each verdict beside the shares of simulated data sets with a verdict."""
    return [table for kind in report.kinds for table in of(report, kind, texts)]


def of(report: Report, kind: str, texts: Texts) -> list[Table]:
    """The table of one kind of data; none where nothing was simulated."""
    rows = report.table("null_verdicts", sample=kind)
    if rows.empty:
        return []
    verdicts = report.verdicts[report.verdicts["kind"] == kind].set_index("hypothesis")["verdict"]
    cells = rows.set_index(["hypothesis", "quantity"])
    body = []
    for hypothesis in dict.fromkeys(rows["hypothesis"]):
        shares = [cells.loc[(hypothesis, name)] for name in SHARES]
        shown = [part for share in shares for part in (numbers.percent(share["estimate"], 0), _interval(share))]
        tested = numbers.percent(cells.loc[(hypothesis, "tested"), "estimate"], 0)
        body.append(
            [
                hypothesis,
                texts.claim(hypothesis, kind),
                mark(verdicts[hypothesis], texts) if hypothesis in verdicts else numbers.EMPTY,
                *shown,
                tested,
            ]
        )
    head = ("hypothesis", "claim", "verdict", "null_supported", "ci", "null_opposite", "ci", "null_tested")
    return [
        Table(
            name=f"null_{kind}",
            caption=texts("caption.null_verdicts", kind=texts(f"kind.{kind}"), n=numbers.count(rows["n"].max())),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, TEXT, TEXT, *[NUMBER] * 5],
            rows=body,
            stages=["judge", "null"],
            defines=["null_verdicts"],
            notes=[texts("note.null_verdicts")],
        )
    ]


def _interval(share: pd.Series) -> str:
    return numbers.interval(share["ci_lower"], share["ci_upper"], 0, numbers.percent)
