"""Panel models: slopes by group in raw units, samples, rows left out, tests of equal slopes."""

from __future__ import annotations

import re

import pandas as pd

from models import specs
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.figures import coefficients
from reports.reading import Report, platform_columns
from reports.tables.cells import cell, held, starred
from reports.texts import Texts, is_indirect

FOOT = {
    "nobs": numbers.count,
    "n_entity": numbers.count,
    "n_time": numbers.count,
    "n_dropped": numbers.count,
    "r2_within": lambda value: numbers.bounded(value, 3),
    "factor": lambda value: numbers.decimal(value, 4),
}
# Checks that count something.
COUNTS = ("instruments",)


def slopes(report: Report, texts: Texts) -> list[Table | Figure]:
    """For every model a figure in standard deviations and a table in raw units.

    Of a panel without groups only what the table of all regressions does not show: models that are none of its columns.
    """
    found: list[Table | Figure] = []
    everybody = set(report.table("slopes")["group"]) == {"all"}
    for model in report.models("slopes"):
        shown = model in specs.panel_specs() and not is_indirect(model)
        if everybody and shown and report.table("slopes", model=model)["estimate"].notna().any():
            continue
        standardised = report.table("slopes", model=model, quantity="std")
        if standardised["estimate"].notna().any() and not everybody:
            found.append(coefficients.slopes(report, texts, model, standardised))
        found.append(_raw(report, texts, model))
    return found


def _raw(report: Report, texts: Texts, model: str) -> Table:
    rows = report.table("slopes", model=model, quantity="raw")
    groups = report.ordered(rows["group"])
    estimated = rows[rows["estimate"].notna()]
    body: list[list[str] | Band] = []
    digits = numbers.shared(list(estimated["estimate"]), list(estimated["se"]))
    for term in dict.fromkeys(estimated["term"]):
        part = estimated[estimated["term"] == term]
        cells = part.set_index("group")
        body.append(
            [
                texts.slope(model, term),
                *(cell(cells.loc[g], digits, report.style) if g in cells.index else numbers.EMPTY for g in groups),
            ]
        )
    fit = report.table("panel_fit", model=model)
    if len(fit):
        body.append(Band(texts("head.sample")))
    for quantity, form in FOOT.items():
        if quantity not in set(fit["quantity"]):
            continue
        values = fit[fit["quantity"] == quantity].set_index("group")["estimate"]
        body.append([texts(f"quantity.{quantity}"), *(form(values.get(group)) for group in groups)])
    reasons = [
        texts("note.not_estimated", group=texts.member(row.group), reason=texts.remarks(row.note))
        for row in rows[rows["estimate"].isna() & (rows["note"] != "")].itertuples()
    ]
    return Table(
        name=f"slopes_{model}",
        caption=texts("caption.indirect" if is_indirect(model) else "caption.slopes", model=texts.model(model)),
        head=[texts("head.term"), *(texts.member(group) for group in groups)],
        kinds=[TEXT, *[NUMBER] * len(groups)],
        levels=platform_columns(groups),
        rows=body,
        stages=["panel"],
        defines=[*dict.fromkeys(d for d in estimated["definition"] if d), *_foot_definitions(fit)],
        notes=[
            texts("note.slope_cells", x=held(report.style, texts)),
            starred(report.style, texts),
            units(report, texts, [model], rows),
            *told(texts, estimated, fit),
            *reasons,
        ],
    )


def told(texts: Texts, estimated: pd.DataFrame, fit: pd.DataFrame) -> list[str]:
    """What is to be known of slopes of everybody with few clusters, and of the program that computed them."""
    few = [
        texts("note.few_clusters", term=texts.term(row.term), note=texts.remarks(row.note))
        for row in estimated[(estimated["group"] == "all") & (estimated["note"] != "")].itertuples()
    ]
    return few + [texts.remarks(note) + texts("punctuation.stop") for note in dict.fromkeys(fit["note"]) if note]


def _foot_definitions(fit: pd.DataFrame) -> list[str]:
    return [name for name in ("r2_within", "factor") if name in set(fit["quantity"])]


def units(report: Report, texts: Texts, models: list[str], rows: pd.DataFrame) -> str:
    """The unit of every measure that takes part in models; nothing where none is stated."""
    measures = report.card.panel.measures if report.card.panel else {}
    words = " ".join([*(model.removesuffix("_next") for model in models), *rows["term"]])
    named: dict[str, list[str]] = {}
    for name, measure in measures.items():
        if measure.unit and re.search(rf"\b{name}\b", words):
            named.setdefault(texts.pick(measure.unit), []).append(texts.construct(name))
    parts = [texts("punctuation.pair", a=texts.listing(names), b=unit) for unit, names in named.items()]
    return texts("note.slope_units", units=texts("punctuation.clauses").join(parts)) if parts else ""


def dropped(report: Report, texts: Texts) -> list[Table]:
    """Rows that the estimation had to leave out, by rule."""
    rows = report.table("dropped")
    rows = rows[rows["group"] == "all"]
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for model in dict.fromkeys(rows["model"]):
        body.append(Band(texts.model(model)))
        for row in rows[rows["model"] == model].itertuples():
            action = texts.maybe(f"action.{row.quantity}", row.quantity)
            body.append([texts.remarks(row.note), action, numbers.count(row.estimate)])
    return [
        Table(
            name="dropped",
            caption=texts("caption.dropped"),
            head=[texts(f"head.{name}") for name in ("rule", "action", "rows")],
            kinds=[TEXT, TEXT, NUMBER],
            rows=body,
            stages=["panel"],
        )
    ]


def diagnostics(report: Report, texts: Texts) -> list[Table]:
    """Checks of every model in raw units: statistic, degrees of freedom, p, or why a check does not apply."""
    rows = report.table("panel_diagnostics", group="all")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for model in dict.fromkeys(rows["model"]):
        body.append(Band(texts.model(model)))
        for row in rows[rows["model"] == model].itertuples():
            size = numbers.count(row.statistic) if row.term in COUNTS else numbers.decimal(row.statistic, 2)
            df = (numbers.count(row.df), numbers.count(row.df2))
            body.append([_check(row.term, texts), size, *df, report.style.pvalue(row.pvalue), texts.remarks(row.note)])
    return [
        Table(
            name="panel_diagnostics",
            caption=texts("caption.panel_diagnostics"),
            head=[texts("head.check"), texts("head.statistic"), "df", "df₂", "p", texts("head.remark")],
            kinds=[TEXT, NUMBER, NUMBER, NUMBER, NUMBER, TEXT],
            rows=body,
            stages=["panel"],
            defines=["panel_test"],
            fold=True,
        )
    ]


def _check(name: str, texts: Texts) -> str:
    """A check by its name, and of what it is: `VIF: lag(trust)`."""
    check, _, what = name.partition(": ")
    label = texts(f"check.{check}")
    return texts("punctuation.pair", a=label, b=texts.term(what)) if what else label


def equality(report: Report, texts: Texts) -> list[Table]:
    """Tests that a slope is the same in all groups, and differences between each two."""
    rows = report.table("equality", sample="panel")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for (model, group), part in rows.groupby(["model", "group"], sort=False):
        body.append(_head(texts, str(model), texts.group(str(group))))
        for row in part.itertuples():
            body.append(
                [
                    texts.term(row.term),
                    numbers.decimal(row.statistic),
                    numbers.count(row.df),
                    report.style.pvalue(row.pvalue),
                    numbers.count(row.n),
                ]
            )
    head = [texts("head.term"), "χ²", "df", "p", texts("head.rows")]
    test = Table(
        name="equality",
        caption=texts("caption.equality"),
        head=head,
        kinds=[TEXT, *[NUMBER] * 4],
        rows=body,
        stages=["panel"],
        defines=["wald_equal", "std_panel"],
    )
    return [test, *_pairs(report, texts)]


def _pairs(report: Report, texts: Texts) -> list[Table]:
    rows = report.in_order(report.table("pairs", sample="panel"))
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for (model, term), part in rows.groupby(["model", "term"], sort=False):
        body.append(_head(texts, str(model), texts.term(str(term))))
        for row in part.itertuples():
            body.append(
                [
                    texts.member(row.group),
                    numbers.decimal(row.estimate, 3),
                    numbers.decimal(row.se, 3),
                    numbers.interval(row.ci_lower, row.ci_upper, 3),
                    report.style.pvalue(row.pvalue),
                ]
            )
    return [
        Table(
            name="pairs",
            caption=texts("caption.pairs"),
            head=[texts(f"head.{name}") for name in ("pair", "difference", "se", "ci", "p_holm")],
            kinds=[TEXT, *[NUMBER] * 4],
            rows=body,
            stages=["panel"],
            defines=["holm_pairs"],
            fold=True,
        )
    ]


def _head(texts: Texts, model: str, what: str) -> Band:
    return Band(texts("punctuation.pair", a=texts.model(model), b=what))
