"""Dimensionality and common method: how many things the items measure, and what one shared source could explain."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Figure, Table
from reports.figures import scree
from reports.reading import Report
from reports.style import Style
from reports.tables.measurement import fit_definitions, wide
from reports.texts import Texts


def dimensionality(report: Report, texts: Texts) -> list[Figure]:
    """Eigenvalues against those of random data, with what the note has to say about adequacy."""
    rows = report.table("eigenvalues")
    if rows.empty:
        return []
    return [scree.figure(report, texts, _finding(report.table("dimensionality"), report.style, texts))]


def _finding(rows: pd.DataFrame, style: Style, texts: Texts) -> str:
    found = rows.set_index("quantity")
    bartlett = found.loc["bartlett"]
    return texts(
        "note.dimensionality",
        n=numbers.count(bartlett["n"]),
        kmo=numbers.bounded(found.loc["kmo", "estimate"]),
        chisq=numbers.decimal(bartlett["statistic"]),
        df=numbers.count(bartlett["df"]),
        p=numbers.equation("p", style.pvalue(bartlett["pvalue"])),
        factors=numbers.count(found.loc["n_factors", "estimate"]),
        components=numbers.count(found.loc["n_components", "estimate"]),
        harman=numbers.percent(found.loc["harman", "estimate"]),
    )


def method(report: Report, texts: Texts) -> list[Table]:
    """Models with and without a common source of answers, and their comparison."""
    rows = report.table("method")
    models = rows[rows["quantity"] != "difference"]
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
        defines=[*fit_definitions(models), "srmr", "method_share"],
        notes=[_moved(report, texts), *_improper(rows, texts)],
    )
    tests = rows[rows["quantity"] == "difference"]
    return [table, *([_tests(tests, report.style, texts)] if len(tests) else []), *_paths(report, texts)]


def _paths(report: Report, texts: Texts) -> list[Table]:
    """What each model of a common method does to the paths."""
    rows = report.table("method_paths", quantity="std_all")
    models = list(dict.fromkeys(rows["group"]))
    if len(models) < 2:
        return []
    cells = rows.set_index(["term", "group"])
    body = []
    for term in dict.fromkeys(rows["term"]):
        line = [texts.term(term)]
        for model in models:
            known = (term, model) in cells.index
            line.append(numbers.decimal(cells.loc[(term, model), "estimate"]) if known else numbers.EMPTY)
            line.append(report.style.pvalue(cells.loc[(term, model), "pvalue"]) if known else numbers.EMPTY)
        body.append(line)
    head = [part for model in models for part in (texts("head.beta_in", x=_model(model, texts)), texts("head.p"))]
    return [
        Table(
            name="method_paths",
            caption=texts("caption.method_paths"),
            head=[texts("head.path"), *head],
            kinds=[TEXT, *[NUMBER] * len(head)],
            rows=body,
            stages=["measure"],
            defines=["std_all", "method_share", *(["marker"] if "marker_c" in models else [])],
            notes=[texts("note.method_paths")],
        )
    ]


def _model(name: object, texts: Texts) -> str:
    return texts.maybe(f"method.{name}", str(name))


def _improper(rows: pd.DataFrame, texts: Texts) -> list[str]:
    """Models without a solution or with an inadmissible one, and why."""
    notes = rows[(rows["note"] != "") & (rows["quantity"] != "difference")].drop_duplicates(["term", "note"])
    return [
        texts("punctuation.pair", a=_model(row.term, texts), b=texts.remarks(row.note)) + texts("punctuation.stop")
        for row in notes.itertuples()
    ]


def _moved(report: Report, texts: Texts) -> str:
    """The largest change of a correlation between constructs once the method is taken out."""
    rows = report.table("method_paths", quantity="std_all")
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


def _tests(rows: pd.DataFrame, style: Style, texts: Texts) -> Table:
    body = []
    for row in rows.itertuples():
        names = [_model(name, texts) for name in row.term.split(" – ")]
        statistic, p = numbers.decimal(row.statistic), style.pvalue(row.pvalue)
        body.append([texts.remarks(row.note), " – ".join(names), statistic, numbers.count(row.df), p])
    return Table(
        name="method_tests",
        caption=texts("caption.method_tests"),
        head=[texts("head.question"), texts("head.models"), "Δχ²", "Δdf", "p"],
        kinds=[TEXT, TEXT, *[NUMBER] * 3],
        rows=body,
        stages=["measure"],
        defines=["restrictions"],
    )
