"""Findings on the structural model and what it rests on."""

from __future__ import annotations

import pandas as pd

from models.choices import choices
from reports import numbers
from reports.reading import Report
from reports.tables.robustness import turned
from reports.tables.structure import MAIN
from reports.texts import Texts


def fit(report: Report, texts: Texts, _: str) -> str:
    """The fit of the main model in a line."""
    return _fitted(report.table("fit", model=MAIN), "finding.fit", texts)


def confirmatory(report: Report, texts: Texts, _: str) -> str:
    """The fit of the factor model of all scales in a line."""
    return _fitted(report.table("cfa"), "finding.cfa", texts)


def _fitted(found: pd.DataFrame, key: str, texts: Texts) -> str:
    rows = found.drop_duplicates("quantity").set_index("quantity")
    if not {"chisq", "cfi", "tli", "rmsea", "srmr"} <= set(rows.index):
        return ""
    values = {name: numbers.bounded(rows.loc[name, "estimate"], 3) for name in ("cfi", "tli", "rmsea", "srmr")}
    low, high = rows.loc["rmsea", ["ci_lower", "ci_upper"]]
    values["interval"] = numbers.interval(low, high, 3, numbers.bounded)
    chisq, df = numbers.decimal(rows.loc["chisq", "estimate"]), numbers.count(rows.loc["chisq", "df"])
    p = numbers.equation("p", numbers.pvalue(rows.loc["chisq", "pvalue"]))
    return texts(key, chisq=chisq, df=df, p=p, **values)


def paths(report: Report, texts: Texts, _: str) -> str:
    """Which paths of the main model differ from zero."""
    rows = report.table("paths", model=MAIN, quantity="estimate")
    tested = rows[rows["pvalue"].notna()]
    if tested.empty:
        return ""
    clear = tested[tested["pvalue"] < choices.alpha]
    betas = report.table("paths", model=MAIN, quantity="std_all").drop_duplicates("term").set_index("term")["estimate"]
    named = [f"{texts.term(term)} {numbers.equation('β', numbers.decimal(betas.get(term)))}" for term in clear["term"]]
    key = "finding.paths" if named else "finding.no_path"
    return texts(
        key, k=numbers.count(len(clear)), n=numbers.count(len(tested)), x=texts("punctuation.clauses").join(named)
    )


def indirect(report: Report, texts: Texts, _: str) -> str:
    """How many indirect effects have an interval without zero."""
    rows = report.table("effects", group="", quantity="estimate")
    rows = rows[(rows["hypothesis"] != "") & rows["ci_lower"].notna()]
    if rows.empty:
        return ""
    clear = rows[(rows["ci_lower"] > 0) | (rows["ci_upper"] < 0)]
    names = texts.listing(list(clear["hypothesis"]))
    key = "finding.indirect" if names else "finding.no_indirect"
    return texts(key, k=numbers.count(len(clear)), n=numbers.count(len(rows)), x=names)


def detectable(report: Report, texts: Texts, _: str) -> str:
    """The smallest and the largest effect that the sample could have found."""
    rows = report.table("detectable", quantity="std_all", group="")
    sizes = rows["estimate"].dropna()
    if sizes.empty:
        return ""
    low, high = numbers.bounded(sizes.min()), numbers.bounded(sizes.max())
    return texts("finding.detectable", n=numbers.count(rows["n"].iloc[0]), low=low, high=high)


def shift(report: Report, texts: Texts, _: str) -> str:
    """The choice of the analyst that moves the estimates most."""
    rows = report.table("sensitivity", quantity="largest_shift")
    rows = rows[rows["estimate"].notna()]
    if rows.empty:
        return ""
    largest = rows.loc[rows["estimate"].abs().idxmax()]
    return texts("finding.shift", x=texts(f"handling.{largest['group']}"), se=numbers.decimal(abs(largest["estimate"])))


def combinations(report: Report, texts: Texts, _: str) -> str:
    """How each path fares over all combinations of choices."""
    rows = report.table("specification_summary")
    parts = []
    for term in dict.fromkeys(rows["term"]):
        found = rows[rows["term"] == term].set_index("quantity")["estimate"]
        if {"same_sign", "clear"} <= set(found.index):
            clear, same = (numbers.percent(found[name], 0) for name in ("clear", "same_sign"))
            parts.append(texts("finding.combination", x=texts.term(term), same=same, clear=clear))
    if not parts:
        return ""
    said = texts("punctuation.clauses").join(parts)
    return texts("finding.combinations", n=numbers.count(rows["n"].max()), x=said)


def carried(report: Report, texts: Texts, _: str) -> str:
    """Which paths differ from zero only with, or only without, one item, one group or a few people."""
    few = report.table("influential_people", quantity="without")
    if few.empty:
        return ""
    parts = [
        texts(f"finding.carried_by_{name}", x=texts.listing([texts.term(term) for term in terms]))
        for name, terms in turned(report).items()
        if terms
    ]
    if not parts:
        return texts("finding.carried_by_none", n=numbers.count(len(few)))
    return texts("finding.carried", x=texts("punctuation.clauses").join(parts))


def groups(report: Report, texts: Texts, by: str) -> str:
    """How many paths differ between groups."""
    rows = report.table("equality", sample="survey", model=MAIN, quantity="wald", group=by)
    rows = rows[rows["pvalue"].notna()]
    if rows.empty:
        return ""
    k = numbers.count((rows["pvalue"] < choices.alpha).sum())
    return texts("finding.groups", k=k, n=numbers.count(len(rows)), by=texts.group(by))
