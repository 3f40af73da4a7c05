"""Dimensionality and common method: how many things the items measure, and what one shared source could explain."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Figure, Table
from reports.figures import scree
from reports.reading import Report
from reports.tables.measurement import wide
from reports.texts import Texts


def dimensionality(report: Report, texts: Texts) -> list[Figure]:
    """Eigenvalues against those of random data, with what the note has to say about adequacy."""
    rows = report.table("eigenvalues")
    if rows.empty:
        return []
    return [scree.figure(report, texts, _finding(report.table("dimensionality"), texts))]


def _finding(rows: pd.DataFrame, texts: Texts) -> str:
    found = rows.set_index("quantity")
    bartlett = found.loc["bartlett"]
    return texts(
        "note.dimensionality",
        n=numbers.count(bartlett["n"]),
        kmo=numbers.bounded(found.loc["kmo", "estimate"]),
        chisq=numbers.decimal(bartlett["statistic"]),
        df=numbers.count(bartlett["df"]),
        p=numbers.equation("p", numbers.pvalue(bartlett["pvalue"])),
        factors=numbers.count(found.loc["n_factors", "estimate"]),
        components=numbers.count(found.loc["n_components", "estimate"]),
        harman=numbers.percent(found.loc["harman", "estimate"]),
    )


def method(report: Report, texts: Texts) -> list[Table]:
    """Models with and without a common source of answers, and their comparison."""
    rows = report.table("method")
    models = rows[~rows["quantity"].isin(["difference", "failed"])]
    if models.empty:
        return []
    values = wide(models)
    body = [
        [
            _model(name, texts),
            numbers.decimal(row["chisq"]),
            numbers.count(row["df"]),
            *(numbers.bounded(row[q], 3) for q in ("cfi", "tli", "rmsea", "srmr")),
            numbers.count(row["bic"]),
            numbers.percent(row["method_share"]),
        ]
        for name, row in values.iterrows()
    ]
    head = ("model", "chisq", "df", "cfi", "tli", "rmsea", "srmr", "bic", "method_share")
    table = Table(
        name="method",
        caption=texts("caption.method"),
        head=[texts(f"head.{name}") for name in head],
        kinds=[TEXT, *[NUMBER] * 8],
        rows=body,
        stages=["measure"],
        defines=["chisq", "cfi", "rmsea", "srmr", "method_share"],
        notes=[_moved(report, texts)],
    )
    tests = rows[rows["quantity"] == "difference"]
    return [table, _tests(tests, texts)] if len(tests) else [table]


def _model(name: object, texts: Texts) -> str:
    return texts.maybe(f"method.{name}", str(name))


def _moved(report: Report, texts: Texts) -> str:
    """The largest change of a correlation between constructs once the method is taken out."""
    rows = report.table("method_paths")
    found = rows.drop_duplicates(["group", "term"]).pivot(index="term", columns="group", values="estimate")
    if not {"trait", "method"} <= set(found.columns):
        return ""
    change = (found["method"] - found["trait"]).dropna()
    if change.empty:
        return ""
    term = change.abs().idxmax()
    return texts(
        "note.method_moved",
        term=texts.term(term),
        before=numbers.bounded(found.loc[term, "trait"]),
        after=numbers.bounded(found.loc[term, "method"]),
    )


def _tests(rows: pd.DataFrame, texts: Texts) -> Table:
    body = []
    for row in rows.itertuples():
        names = [_model(name, texts) for name in row.term.split(" – ")]
        statistic, p = numbers.decimal(row.statistic), numbers.pvalue(row.pvalue)
        body.append([texts.phrase(row.note), " – ".join(names), statistic, numbers.count(row.df), p])
    return Table(
        name="method_tests",
        caption=texts("caption.method_tests"),
        head=[texts("head.question"), texts("head.models"), "Δχ²", "Δdf", "p"],
        kinds=[TEXT, TEXT, *[NUMBER] * 3],
        rows=body,
        stages=["measure"],
        defines=["chisq_difference"],
    )
