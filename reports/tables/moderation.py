"""On what slopes depend, and whether causes are moved by what moves the outcome: products, traits, instruments."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.style import Style
from reports.tables.cells import joint_test
from reports.tables.panel_robustness import by_model
from reports.texts import Texts

PLACES = ("low", "mean", "high")
TESTS = ("first_stage", "exogeneity", "overidentification")


def products(report: Report, texts: Texts) -> list[Table]:
    """Every product of a panel model: the slope of its second cause where the first is low, middling and high."""
    rows = report.table("panel_products")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, part in by_model(rows, texts):
        body.append(band)
        digits = _digits(part[part["quantity"].isin(PLACES)])
        for term, found in part.groupby("term", sort=False):
            cells = found.set_index("quantity")
            apart = [_over_interval(cells.loc[q], digits) if q in cells.index else numbers.EMPTY for q in PLACES]
            size = cells.loc["std" if "std" in cells.index else "difference"]
            label = texts("punctuation.minus").join(texts.construct(one) for one in str(term).split(" − "))
            body.append([label, *apart, _over_interval(size, 3), report.style.pvalue(size["pvalue"])])
    return [
        Table(
            name="panel_products",
            caption=texts("caption.panel_products"),
            head=[*(texts(f"head.{name}") for name in ("product", *(f"slope_{q}" for q in PLACES), "beta")), "p"],
            kinds=[TEXT, *[NUMBER] * 5],
            rows=body,
            stages=["panel"],
            defines=list(dict.fromkeys(rows["definition"])),
            notes=[texts("note.panel_products")],
        )
    ]


def traits(report: Report, texts: Texts) -> list[Table]:
    """How slopes change with a trait of the user."""
    rows = report.table("moderation")
    if rows.empty:
        return []
    moderators = dict.fromkeys(term.rpartition(":")[2] for term in rows["term"] if ":" in term)
    body: list[list[str] | Band] = []
    for band, part in by_model(rows, texts):
        body.append(band)
        standard = part[part["quantity"] == "std"].set_index("term")
        raw = part[part["quantity"] == "raw"]
        digits = _digits(raw)
        for row in raw.itertuples():
            std = standard.loc[row.term]
            interval = numbers.interval(row.ci_lower, row.ci_upper, digits)
            size = [numbers.decimal(row.estimate, digits), interval, numbers.decimal(std["estimate"], 3)]
            body.append([texts.term(row.term), *size, report.style.pvalue(row.pvalue), texts.remarks(row.note)])
        body += [_joint(row, texts("word.joint_changes"), 2, report.style, texts) for row in _joint_rows(part)]
    return [
        Table(
            name="moderation",
            caption=texts("caption.moderation", x=texts.listing([texts.construct(name) for name in moderators])),
            head=[
                *(texts(f"head.{name}") for name in ("term", "change_of_b", "ci", "beta")),
                "p",
                texts("head.remark"),
            ],
            kinds=[TEXT, *[NUMBER] * 4, TEXT],
            rows=body,
            stages=["panel"],
            defines=list(dict.fromkeys(rows["definition"])),
            notes=[texts("note.moderation")],
        )
    ]


def instruments(report: Report, texts: Texts) -> list[Table]:
    """Slopes with and without instruments, and the tests that go with them."""
    rows = report.table("instruments")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, part in by_model(rows, texts):
        body.append(band)
        digits = _digits(part[~part["quantity"].isin((*TESTS, "instrument"))])
        named = part[part["quantity"] == "instrument"].groupby("term")["group"].apply(list)
        for row in part[part["quantity"] != "instrument"].itertuples():
            note = texts.remarks(row.note)
            if row.quantity in TESTS:
                size = numbers.decimal(row.statistic, 1)
                shown = (
                    texts("note.first_stage", chisq=size) if row.quantity == "first_stage" else joint_test(row, texts)
                )
                cells = [
                    numbers.EMPTY if numbers.missing(row.statistic) else shown,
                    "",
                    report.style.pvalue(row.pvalue),
                ]
            else:
                interval = numbers.interval(row.ci_lower, row.ci_upper, digits)
                cells = [numbers.decimal(row.estimate, digits), interval, report.style.pvalue(row.pvalue)]
                if row.quantity == "iv" and row.term in named.index:
                    note = texts("note.instruments", x=texts.listing([texts.construct(z) for z in named[row.term]]))
            label = texts(f"instruments.{row.quantity}")
            label = texts("punctuation.pair", a=texts.construct(row.term), b=label) if row.term else label
            body.append([label, *cells, note])
    return [
        Table(
            name="instruments",
            caption=texts("caption.instruments"),
            head=[*(texts(f"head.{name}") for name in ("term", "b", "ci")), "p", texts("head.remark")],
            kinds=[TEXT, NUMBER, NUMBER, NUMBER, TEXT],
            rows=body,
            stages=["panel"],
            defines=[name for name in dict.fromkeys(rows["definition"]) if name],
        )
    ]


def negative_controls(report: Report, texts: Texts) -> list[Table]:
    """Slopes on outcomes that no cause can move."""
    rows = report.table("negative_control")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, part in by_model(rows, texts):
        body.append(band)
        raw = part[part["quantity"] == "raw"]
        digits = _digits(raw)
        for row in raw.itertuples():
            interval = numbers.interval(row.ci_lower, row.ci_upper, digits)
            size = [numbers.decimal(row.estimate, digits), interval]
            body.append([texts.term(row.term), *size, report.style.pvalue(row.pvalue), texts.remarks(row.note)])
        for row in _joint_rows(part):
            label = texts("punctuation.pair", a=texts.construct(row.term), b=texts("word.joint_slopes"))
            body.append(_joint(row, label, 1, report.style, texts))
    return [
        Table(
            name="negative_controls",
            caption=texts("caption.negative_controls"),
            head=[*(texts(f"head.{name}") for name in ("term", "b", "ci")), "p", texts("head.remark")],
            kinds=[TEXT, NUMBER, NUMBER, NUMBER, TEXT],
            rows=body,
            stages=["panel"],
            defines=list(dict.fromkeys(rows["definition"])),
        )
    ]


def _digits(rows: pd.DataFrame) -> int:
    """Decimals that the slopes of a band share; an interval is about four errors wide."""
    return numbers.shared(list(rows["estimate"]), list((rows["ci_upper"] - rows["ci_lower"]) / 4))


def _over_interval(row: pd.Series, digits: int) -> Markup:
    interval = numbers.interval(row["ci_lower"], row["ci_upper"], digits)
    return Markup("{}<br><small>{}</small>").format(numbers.decimal(row["estimate"], digits), interval)


def _joint_rows(part: pd.DataFrame) -> list:
    return list(part[part["quantity"] == "joint"].itertuples())


def _joint(row, label: str, empty: int, style: Style, texts: Texts) -> list[str]:
    """The line of a joint Wald test, or of the reason why there is none; `empty` cells after the statistic."""
    size = numbers.EMPTY if numbers.missing(row.statistic) else joint_test(row, texts)
    return [label, size, *[""] * empty, style.pvalue(row.pvalue), texts.remarks(row.note)]
