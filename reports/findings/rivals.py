"""Findings on the rivals of the theory's model, and on the order of identification and participation."""

from __future__ import annotations

import pandas as pd

from models import theory
from models.choices import choices
from reports import numbers
from reports.reading import Report
from reports.tables.structure import MAIN
from reports.texts import Texts

# Rivals in which identification comes before participation: beside value and trust, and as all that they act through.
FIRST, ONLY = "identification_first", "identification_only"
# The hypothesis that says participation before identification.
ORDER = "H1c"


def rivals(report: Report, texts: Texts, _: str) -> str:
    """The model that BIC prefers, those that it does not tell from the theory's, and what is known of the order."""
    rows = report.table("rivals")
    said = [_preferred(rows, texts), _order_open(rows, texts), _panel(report, texts), _only(rows, texts)]
    return texts("punctuation.space").join(sentence for sentence in said if sentence)


def _preferred(rows: pd.DataFrame, texts: Texts) -> str:
    alike = rows.loc[(rows["quantity"] == "equivalent") & (rows["estimate"] == 1), "term"]
    rows = rows[(rows["quantity"] == "delta_bic") & rows["estimate"].notna() & ~rows["term"].isin(alike)]
    if len(rows) < 2:
        return ""
    best, others = rows.loc[rows["estimate"].idxmin()], rows[rows["term"] != MAIN]
    name = texts.maybe(f"rival.{best['term']}", best["term"])
    if best["term"] == MAIN:
        said = texts("finding.rivals_own", x=name, by=numbers.decimal(others["estimate"].min(), 1))
    else:
        said = texts("finding.rivals_other", x=name, by=numbers.decimal(-best["estimate"], 1))
    close = [texts.maybe(f"rival.{t}", t) for t in others.loc[others["estimate"].abs() < choices.bic_apart, "term"]]
    if not close:
        return said
    return texts("punctuation.space").join([said, texts("finding.rivals_open", x=texts.listing(close))])


def _order_open(rows: pd.DataFrame, texts: Texts) -> str:
    """That identification before participation fits like participation before identification, and what would tell."""
    found = rows[rows["term"] == FIRST].set_index("quantity")
    if found["estimate"].get("equivalent") != 1 or "turned" not in found.index:
        return ""
    path, chisq = found.loc["turned"], numbers.decimal(found.loc["chisq", "estimate"])
    return texts("finding.order_open", chisq=chisq, **_estimate(path, path["pvalue"]))


def _panel(report: Report, texts: Texts) -> str:
    """What the panel of the same data set knows of the order: participation before identification."""
    rule = theory.hypotheses()[ORDER].panel
    assert isinstance(rule, theory.Sign)
    place = {"model": rule.spec, "group": "all", "term": rule.term}
    slope, raw = (report.table("slopes", quantity=quantity, **place) for quantity in ("std", "raw"))
    if slope.empty or raw.empty or report.table("rivals", term=FIRST, quantity="turned").empty:
        return ""
    return texts("finding.order_panel", **_estimate(slope.iloc[0], raw["pvalue"].iloc[0]))


def _only(rows: pd.DataFrame, texts: Texts) -> str:
    """Whether the answers reject that value and trust reach participation through identification only."""
    tests = rows[(rows["term"] == ONLY) & (rows["quantity"] == "difference")]
    if tests.empty:
        return ""
    test = tests.iloc[0]
    return texts(
        "finding.order_only_rejected" if test["pvalue"] < choices.alpha else "finding.order_only_held",
        df=numbers.count(test["df"]),
        chisq=numbers.decimal(test["statistic"]),
        p=numbers.equation("p", numbers.pvalue(test["pvalue"])),
    )


def _estimate(row: pd.Series, pvalue: float) -> dict[str, str]:
    """A standardised estimate with its interval and p, as sentences name them."""
    interval = numbers.interval(row["ci_lower"], row["ci_upper"])
    b = numbers.equation("β", numbers.decimal(row["estimate"]))
    return {"b": f"{b} {interval}".strip(), "p": numbers.equation("p", numbers.pvalue(pvalue))}
