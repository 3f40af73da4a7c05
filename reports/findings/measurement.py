"""Findings on answers and scales."""

from __future__ import annotations

from models.choices import choices
from reports import numbers
from reports.reading import Report
from reports.texts import Texts

# Of convergent validity: an item shares half of its variance with its construct, and so do all items together.
LOADING, AVE = 0.7, 0.5


def doubted(report: Report, texts: Texts, _: str) -> str:
    """How many people the rule of the card or of the parameters doubts."""
    rows = report.table("quality", term="doubtful")
    people, share = (rows[rows["quantity"] == name]["estimate"] for name in ("n", "share"))
    if people.empty or numbers.missing(people.iloc[0]):
        return ""
    n, all_, part = numbers.count(people.iloc[0]), numbers.count(rows["n"].iloc[0]), numbers.percent(share.iloc[0])
    return texts("finding.doubted", k=n, n=all_, share=part)


def loadings(report: Report, texts: Texts, _: str) -> str:
    """The range of the standardised loadings, and how many are low."""
    found = report.table("loadings", quantity="std_all")
    found = found[~found["term"].str.split(" =~ ").str[-1].isin(set(found["term"].str.split(" =~ ").str[0]))]
    sizes = found.drop_duplicates("term")["estimate"].abs()
    if sizes.empty:
        return ""
    low, high = numbers.bounded(sizes.min()), numbers.bounded(sizes.max())
    few = numbers.count((sizes < LOADING).sum())
    return texts(
        "finding.loadings", low=low, high=high, k=few, n=numbers.count(len(sizes)), bound=numbers.bounded(LOADING, 1)
    )


def convergent(report: Report, texts: Texts, _: str) -> str:
    """Which constructs explain less than half of their items."""
    rows = report.table("reliability", quantity="ave")
    rows = rows[rows["estimate"].notna()]
    if rows.empty:
        return ""
    low = rows[rows["estimate"] < AVE]
    bound, n = numbers.bounded(AVE), numbers.count(len(rows))
    if low.empty:
        return texts("finding.ave_all", n=n, bound=bound)
    return texts(
        "finding.ave_low",
        k=numbers.count(len(low)),
        n=n,
        bound=bound,
        x=texts.listing([texts.construct(t) for t in low["term"]]),
    )


def discriminant(report: Report, texts: Texts, _: str) -> str:
    """How many pairs of constructs are hard to tell apart."""
    rows = report.table("validity")
    passed = rows[(rows["quantity"] == "fornell_larcker") & rows["estimate"].notna()]
    ratios = rows[(rows["quantity"] == "htmt") & rows["estimate"].notna()]
    parts = []
    if len(passed):
        failed = int((passed["estimate"] == 0).sum())
        parts.append(texts("finding.fornell_larcker", k=numbers.count(failed), n=numbers.count(len(passed))))
    if len(ratios):
        largest = ratios.loc[ratios["estimate"].idxmax()]
        pair = texts("term.with", left=texts.construct(largest["term"]), right=texts.construct(largest["group"]))
        above = numbers.count((ratios["estimate"] > choices.htmt).sum())
        value = numbers.bounded(largest["estimate"])
        parts.append(texts("finding.htmt", k=above, n=numbers.count(len(ratios)), x=pair, value=value))
    return texts("punctuation.space").join(parts)
