"""The regressions of everybody in one table: models as columns, errors in parentheses, what each holds fixed.

Where a panel has no groups, this table says all that a table a model would, and a second one says it in deviations.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from models import results, specs
from models.choices import choices
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.style import Style
from reports.tables.cells import over
from reports.tables.panel import told, units
from reports.texts import Texts, is_indirect

SIZES = {"nobs": numbers.count, "n_entity": numbers.count, "r2_within": lambda value: numbers.bounded(value, 3)}
# p-values of the tests of a dynamic model: any below alpha speaks against its instruments.
TESTS = ("AR(2)", "Hansen")


def regressions(report: Report, texts: Texts) -> list[Table]:
    """Coefficients in raw units, of a panel without groups also in standard deviations, with intervals and p."""
    units = ("raw", "std") if alone(report) else ("raw",)
    return [table for unit in units for table in _regressions(report, texts, unit)]


def alone(report: Report) -> bool:
    """Whether the slopes are of everybody only."""
    return set(report.table("slopes")["group"]) == {"all"}


def _regressions(report: Report, texts: Texts, unit: str) -> list[Table]:
    """A dynamic model whose tests reject it is greyed and marked."""
    rows, whole = report.table("slopes", quantity=unit, group="all"), alone(report)
    direct = {name for name in specs.panel_specs() if not is_indirect(name)}
    rows = rows[rows["estimate"].notna() & rows["model"].isin(direct)]
    models = list(dict.fromkeys(rows["model"]))
    if not models:
        return []
    cells = rows.drop_duplicates(["model", "term"]).set_index(["model", "term"])
    checks = checked(report)
    fit = report.table("panel_fit", group="all")
    refused = [model for model in models if refused_by(checks, model)]
    body: list[list[str] | Band] = []
    digits = numbers.shared(list(rows["estimate"]), list(rows["se"]))
    for term in dict.fromkeys(rows["term"]):
        found = [cells.loc[(model, term)] if (model, term) in cells.index else None for model in models]
        shown = [Markup("") if one is None else _cell(one, digits, whole, report.style) for one in found]
        body.append([texts.term(term), *_greyed(shown, models, refused)])
    slopes, methods = len(body), dict.fromkeys(d for d in rows["definition"] if d) if whole else {}
    ways = [way_of(rows, model) for model in models]
    body.append(Band(texts("regression.holds")))
    for name, held in (("users", ("entity", "twoway")), ("periods", ("time", "twoway"))):
        yes_no = [texts("word.yes" if one["effects"] in held else "word.no") for one in ways]
        body.append([texts(f"regression.{name}"), *yes_no])
    body.append([texts("regression.cluster"), *(texts.clusters(one["cluster"]) for one in ways)])
    body += _sizes(report, models, texts) + _tests(checks, models, report.style, texts)
    return [
        Table(
            name="regressions" if unit == "raw" else "regressions_std",
            caption=texts("caption.regressions" if unit == "raw" else "caption.regressions_std"),
            head=[texts("head.term"), *(f"({place}) {texts.model(model)}" for place, model in enumerate(models, 1))],
            kinds=[TEXT, *[NUMBER] * len(models)],
            rows=body if unit == "raw" else body[:slopes],
            stages=["panel"],
            defines=["r2_within", *methods] if unit == "raw" else ["std_panel"],
            fold=unit == "std",
            notes=[
                texts(f"note.regressions_{unit}"),
                *_printed(report.style, whole, texts),
                *([units(report, texts, models, rows), *told(texts, rows, fit)] if unit == "raw" and whole else []),
                texts("note.regressions_refused", x=texts.listing([texts.model(m) for m in refused]))
                if refused
                else "",
            ],
        )
    ]


def way_of(rows: pd.DataFrame, model: str) -> Mapping[str, str]:
    """The effects and the clusters of a model, as its slopes say; a dynamic one always has both effects, by user."""
    way = results.way(rows.loc[rows["model"] == model, "definition"].iloc[0])
    return {"effects": "twoway", "cluster": "entity", **way.values}


def _printed(style: Style, whole: bool, texts: Texts) -> list[str]:
    """What a cell holds, and what its stars mean."""
    if style.stars:
        return [texts("note.regressions_starred", levels=style.levels)]
    kind = "short" if not whole else "whole" if style.intervals else "p"
    return [texts(f"note.regressions_{kind}")]


def _cell(row: pd.Series, digits: int, whole: bool, style: Style) -> Markup:
    """A coefficient over its standard error; `whole`: over its interval and p too, as the style has them."""
    lines = [f"({numbers.decimal(row['se'], digits)})"] if not numbers.missing(row["se"]) else []
    if whole:
        lines += [numbers.interval(row["ci_lower"], row["ci_upper"], digits)] * style.intervals
        lines += [numbers.equation("p", style.pvalue(row["pvalue"]))] * (not style.stars)
    return over(style.starred(numbers.decimal(row["estimate"], digits), row["pvalue"]), *lines)


def grey(cell: Markup | str) -> Markup:
    """An estimate that should not be interpreted."""
    return Markup('<span class="refused">{}</span>').format(cell)


def _greyed(cells: list[Markup], models: list[str], refused: list[str]) -> list[Markup]:
    return [grey(cell) if model in refused and cell else cell for cell, model in zip(cells, models, strict=True)]


def checked(report: Report) -> pd.DataFrame:
    """Checks of the models of everybody, by model and test."""
    rows = report.table("panel_diagnostics", group="all").drop_duplicates(["model", "term"])
    return rows.set_index(["model", "term"])


def refused_by(checks: pd.DataFrame, model: str) -> bool:
    """Whether a test rejects the instruments or the lags of a dynamic model."""
    return any(checks["pvalue"].get((model, test), 1.0) < choices.alpha for test in TESTS)


def _sizes(report: Report, models: list[str], texts: Texts) -> list[list[str] | Band]:
    fit = report.table("panel_fit", group="all").drop_duplicates(["model", "quantity"])
    values = fit.set_index(["model", "quantity"])["estimate"]
    there = [name for name in SIZES if name in set(fit["quantity"])]
    return [
        [texts(f"quantity.{name}"), *(SIZES[name](values.get((model, name), float("nan"))) for model in models)]
        for name in there
    ]


def _tests(checks: pd.DataFrame, models: list[str], style: Style, texts: Texts) -> list[list[str] | Band]:
    """Tests of dynamic models, by p; nothing where no model is dynamic."""
    if not any((model, test) in checks.index for model in models for test in TESTS):
        return []
    missing = float("nan")
    found: list[list[str] | Band] = [
        [
            texts("regression.p_of", x=texts(f"check.{test}")),
            *(style.pvalue(checks["pvalue"].get((m, test), missing)) for m in models),
        ]
        for test in TESTS
    ]
    counted = [numbers.count(checks["statistic"].get((model, "instruments"), missing)) for model in models]
    return [*found, [texts("check.instruments"), *counted]]
