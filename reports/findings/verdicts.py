"""Findings on the hypotheses."""

from __future__ import annotations

from reports import numbers
from reports.figures.recovery import EVERYBODY
from reports.reading import Report
from reports.tables.verdicts import MARKS
from reports.texts import Texts


def counted(report: Report, texts: Texts, kind: str) -> str:
    """How many hypotheses there are of each verdict."""
    rows = report.verdicts[report.verdicts["kind"] == kind]
    tested = rows[rows["pvalue"].notna()]
    found = tested["verdict"].value_counts()
    parts = [f"{found[name]} {texts(f'verdict.{name}')}" for name in MARKS if name in found.index]
    said = texts.listing(parts)
    return texts("finding.verdicts", k=numbers.count(len(tested)), n=numbers.count(len(rows)), x=said) if parts else ""


def recovered(report: Report, texts: Texts, _: str) -> str:
    """How many known parameters lie in their interval, and which of everybody's do not."""
    rows = report.table("recovery")
    if rows.empty:
        return ""
    covered = int((rows["quantity"] == "covered").sum())
    share = numbers.percent(covered / len(rows), 0)
    said = texts("site.recovered", parameters=numbers.count(len(rows)), covered=numbers.count(covered), share=share)
    missed = rows[(rows["quantity"] != "covered") & rows["group"].isin(EVERYBODY)]
    if missed.empty:
        return said
    named = [
        texts("punctuation.pair", a=texts.model(row.model), b=texts.slope(row.model, row.term))
        for row in missed.itertuples()
    ]
    return texts("punctuation.space").join(
        [said, texts("finding.missed_all", x=texts("punctuation.clauses").join(named))]
    )


def if_nothing_were_true(report: Report, texts: Texts, kind: str) -> str:
    """The hypothesis that data without any effect support most often."""
    rows = report.table("null_verdicts", sample=kind, quantity="supported")
    if rows.empty:
        return ""
    worst = rows.loc[rows["estimate"].idxmax()]
    n = numbers.count(worst["n"])
    if worst["estimate"] == 0:
        return texts("finding.null_none", n=n)
    share = numbers.percent(worst["estimate"], 0)
    return texts("finding.null_some", x=worst["hypothesis"], share=share, n=n)
