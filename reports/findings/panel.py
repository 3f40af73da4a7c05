"""Findings on panels."""

from __future__ import annotations

import numpy as np

from models.choices import choices
from models.results.clear_signs import clear_sign
from reports import numbers
from reports.reading import Report
from reports.texts import Texts

# δ at which what is not measured would matter as much as what is.
AS_MUCH = 1.0


def described(report: Report, texts: Texts, _: str) -> str:
    """How many measures differ more between users than they change within them, and which two move most together."""
    rows, pairs = report.table("panel_descriptives"), report.table("panel_correlations", quantity="within")
    if rows.empty:
        return ""
    spread = rows.pivot(index="term", columns="quantity", values="estimate")
    apart = int((spread["sd_between"] > spread["sd_within"]).sum())
    said = texts("finding.described", k=numbers.count(apart), n=numbers.count(len(spread)))
    if pairs.empty:
        return said
    most = pairs.loc[pairs["estimate"].abs().idxmax()]
    closest = texts("term.with", left=texts.construct(most["term"]), right=texts.construct(most["group"]))
    return texts("punctuation.space").join(
        [said, texts("finding.described_pair", x=closest, r=numbers.bounded(most["estimate"]))]
    )


def slopes(report: Report, texts: Texts, model: str) -> str:
    """Which slopes of everybody differ from zero."""
    rows = report.table("slopes", quantity="raw", group="all", **({"model": model} if model else {}))
    rows = rows[rows["pvalue"].notna()]
    if rows.empty:
        return ""
    clear = rows[rows["pvalue"] < choices.alpha]
    named = [
        texts("finding.up" if row.estimate > 0 else "finding.down", x=texts.slope(row.model, row.term))
        for row in clear.itertuples()
    ]
    key = "finding.slopes" if named else "finding.no_slope"
    return texts(
        key, k=numbers.count(len(clear)), n=numbers.count(len(rows)), x=texts.listing(named) if model else ""
    ).strip()


def estimators(report: Report, texts: Texts, _: str) -> str:
    """How many slopes keep their sign over all estimators."""
    rows = report.table("estimators", quantity="raw")
    rows = rows[rows["estimate"].notna()]
    if rows.empty:
        return ""
    signs = rows.groupby(["model", "term"])["estimate"].agg(lambda found: len(set(np.sign(found))))
    return texts("finding.estimators", k=numbers.count((signs == 1).sum()), n=numbers.count(len(signs)))


def placebo(report: Report, texts: Texts, _: str) -> str:
    """In which models what comes too late goes with the outcome."""
    rows = report.table("placebo", quantity="joint")
    rows = rows[rows["pvalue"].notna()]
    if rows.empty:
        return ""
    rejected = rows[rows["pvalue"] < choices.alpha]
    if rejected.empty:
        return texts("finding.placebo_passed", n=numbers.count(len(rows)))
    x = texts.listing([texts.model(str(model)) for model in rejected["model"]])
    return texts("finding.placebo_failed", k=numbers.count(len(rejected)), n=numbers.count(len(rows)), x=x)


def few_users(report: Report, texts: Texts, _: str) -> str:
    """Which slopes differ from zero only with a few users, or only without them."""
    return _turned(report, texts, "influence", "without", "few_users")


def one_platform(report: Report, texts: Texts, _: str) -> str:
    """Which slopes differ from zero only with one type of platform, or only without it."""
    return _turned(report, texts, "slopes_without", "raw", "one_platform")


def _turned(report: Report, texts: Texts, table: str, quantity: str, key: str) -> str:
    rows = report.table(table, quantity=quantity)
    rows = rows[rows["pvalue"].notna()]
    main = report.table("slopes", group="all", quantity="raw").drop_duplicates(["model", "term"])
    both = rows.merge(main, on=["model", "term"], suffixes=("", "_main"))
    if both.empty:
        return ""
    before = both[["estimate_main", "pvalue_main"]].set_axis(["estimate", "pvalue"], axis=1)
    other = clear_sign(both) != clear_sign(before)
    turned = both[other].drop_duplicates(["model", "term"])
    n = numbers.count(len(both.drop_duplicates(["model", "term"])))
    if turned.empty:
        return texts(f"finding.{key}_none", n=n)
    named = [texts("punctuation.pair", a=texts.model(row.model), b=texts.term(row.term)) for row in turned.itertuples()]
    return texts(f"finding.{key}", n=n, x=texts("punctuation.clauses").join(named))


def confounding(report: Report, texts: Texts, _: str) -> str:
    """How many slopes an unmeasured cause as strong as the measured ones would remove."""
    rows = report.table("confounding", quantity="delta")
    rows = rows[rows["estimate"].notna()]
    if rows.empty:
        return ""
    weak = ((rows["estimate"] >= 0) & (rows["estimate"] < AS_MUCH)).sum()
    return texts("finding.confounding", k=numbers.count(weak), n=numbers.count(len(rows)))
