"""The regressions of everybody in one table: models as columns, errors in parentheses, what each holds fixed."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from models import specs
from models.choices import choices
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.texts import MEDIATION, Texts

SIZES = {"nobs": numbers.count, "n_entity": numbers.count, "r2_within": lambda value: numbers.bounded(value, 3)}
# p-values of the tests of a dynamic model: any below alpha speaks against its instruments.
TESTS = ("AR(2)", "Hansen")


def regressions(report: Report, texts: Texts) -> list[Table]:
    """Coefficients in raw units; a dynamic model whose tests reject it is greyed and marked."""
    rows = report.table("slopes", quantity="raw", group="all")
    rows = rows[rows["estimate"].notna() & (rows["model"] != MEDIATION) & rows["model"].isin(set(specs.panel_specs()))]
    models = list(dict.fromkeys(rows["model"]))
    if not models:
        return []
    cells = rows.drop_duplicates(["model", "term"]).set_index(["model", "term"])
    checks = (
        report.table("panel_diagnostics", group="all").drop_duplicates(["model", "term"]).set_index(["model", "term"])
    )
    refused = [model for model in models if _refused(checks, model)]
    body: list[list[str] | Band] = []
    for term in dict.fromkeys(rows["term"]):
        found = [cells.loc[(model, term)] if (model, term) in cells.index else None for model in models]
        digits = numbers.decimals([one["estimate"] for one in found if one is not None])
        shown = [Markup("") if one is None else _cell(one, digits) for one in found]
        body.append([texts.term(term), *_greyed(shown, models, refused)])
    known = [specs.panel_specs()[model] for model in models]
    body.append(Band(texts("regression.holds")))
    for name, held in (("users", ("entity", "twoway")), ("periods", ("time", "twoway"))):
        yes_no = [texts("word.yes" if one.effects in held else "word.no") for one in known]
        body.append([texts(f"regression.{name}"), *yes_no])
    body.append([texts("regression.cluster"), *(texts.maybe(f"term.{one.cluster}", one.cluster) for one in known)])
    body += _sizes(report, models, texts) + _tests(checks, models, texts)
    formulas = [Markup("({}) <code>{}</code>").format(place, one.formula) for place, one in enumerate(known, 1)]
    return [
        Table(
            name="regressions",
            caption=texts("caption.regressions"),
            head=[texts("head.term"), *(f"({place}) {texts.model(model)}" for place, model in enumerate(models, 1))],
            kinds=[TEXT, *[NUMBER] * len(models)],
            rows=body,
            stages=["panel"],
            defines=["r2_within"],
            notes=[
                texts("note.regressions"),
                texts("note.regressions_refused", x=texts.listing([texts.model(m) for m in refused]))
                if refused
                else "",
                Markup(texts("punctuation.clauses")).join(formulas),
            ],
        )
    ]


def _cell(row: pd.Series, digits: int) -> Markup:
    """A coefficient over its standard error."""
    return Markup("{}<br><small>({})</small>").format(
        numbers.decimal(row["estimate"], digits), numbers.decimal(row["se"], digits)
    )


def _greyed(cells: list[Markup], models: list[str], refused: list[str]) -> list[Markup]:
    return [
        Markup('<span class="refused">{}</span>').format(cell) if model in refused and cell else cell
        for cell, model in zip(cells, models, strict=True)
    ]


def _refused(checks: pd.DataFrame, model: str) -> bool:
    return any(checks["pvalue"].get((model, test), 1.0) < choices.alpha for test in TESTS)


def _sizes(report: Report, models: list[str], texts: Texts) -> list[list[str] | Band]:
    fit = report.table("panel_fit", group="all").drop_duplicates(["model", "quantity"])
    values = fit.set_index(["model", "quantity"])["estimate"]
    there = [name for name in SIZES if name in set(fit["quantity"])]
    return [
        [texts(f"quantity.{name}"), *(SIZES[name](values.get((model, name), float("nan"))) for model in models)]
        for name in there
    ]


def _tests(checks: pd.DataFrame, models: list[str], texts: Texts) -> list[list[str] | Band]:
    """Tests of dynamic models, by p; nothing where no model is dynamic."""
    if not any((model, test) in checks.index for model in models for test in TESTS):
        return []
    missing = float("nan")
    found: list[list[str] | Band] = [
        [
            texts("regression.p_of", x=texts(f"check.{test}")),
            *(numbers.pvalue(checks["pvalue"].get((m, test), missing)) for m in models),
        ]
        for test in TESTS
    ]
    counted = [numbers.count(checks["statistic"].get((model, "instruments"), missing)) for model in models]
    return [*found, [texts("check.instruments"), *counted]]
