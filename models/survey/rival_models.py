"""The theory's model against rivals on the same answers: what each gives up, by χ², CFI, RMSEA, AIC and BIC."""

from __future__ import annotations

import pandas as pd

from models import results, sem, specs, theory
from models.remarks import packed
from models.sem.errors import ArgumentError
from models.sem.language.editing import factor_line, related
from models.sem.options import Estimator, Missing
from models.survey.equations import DEFINED, FIT, Structural

ONE_FACTOR = "one_factor"


def rivals(
    model: Structural, data: pd.DataFrame, scales: dict[str, list[str]], estimator: Estimator, missing: Missing
) -> pd.DataFrame:
    """Fit the rivals of `models/specs/rivals` and one factor for all items, each on the items of `model`.

    Models share their items, so that information criteria compare; `bic` differences of 10 and more are decisive
    (Raftery 1995, doi:10.2307/271063). `full_mediation` and `reversed` have the same paths the other way round: with
    the direct paths added they would fit alike, and cross-sectional answers could not tell them apart.

    Returns
    -------
    Rows `rivals` of the results table, none where identification or stickiness is not measured: term = model,
    quantity = fit index or `delta_bic` (to the theory's model).
    """
    if not {"identification", "stickiness"} <= set(model.built.latents):
        return pd.DataFrame()
    if model.fit.settings.missing == "listwise":
        missing = "listwise"
    constructs = [c for c in theory.constructs() if c in model.built.latents and c not in _levels_of(model)]
    candidates = {model.spec: model.built.syntax}
    for name, text in specs.structural_specs("rivals").items():
        built = specs.structural(text, scales, also=constructs)
        if any(outcome == "stickiness" for outcome, _ in related(built.parsed, "~")):
            candidates[name] = built.syntax
    items = dict.fromkeys(row.rhs for row in model.fit.tidy().itertuples() if row.op == "=~" and row.rhs in data)
    candidates[ONE_FACTOR] = factor_line("all", items)
    rows: list[dict] = []
    reference = None
    for name, syntax in candidates.items():
        common = {"table": "rivals", "model": model.spec, "term": name}
        try:
            fit = model.fit if name == model.spec else _fitted(syntax, model, data, estimator, missing)
        except sem.SemError as error:
            rows.append(common | {"quantity": "failed", "note": packed([error.remark])})
            continue
        indices = fit.fit_indices()
        reference = indices["bic"] if reference is None else reference
        for quantity, keys in FIT.items():
            key = next(k for k in keys if k in indices)
            definition = DEFINED.get(key, key)
            rows.append(common | {"quantity": quantity, "estimate": indices[key], "definition": definition, "n": fit.n})
        rows.append(
            common | {"quantity": "delta_bic", "estimate": indices["bic"] - reference, "definition": "delta_bic"}
        )
    return results.rows(rows)


def _fitted(syntax: str, model: Structural, data: pd.DataFrame, estimator: Estimator, missing: Missing) -> sem.Fit:
    """Fit a rival to the sample of the theory's model, where both have the same items: what rests on it is there."""
    try:
        return sem.fit(syntax, model.fit.task.sample, estimator=estimator, missing=missing)
    except ArgumentError:
        return sem.fit(syntax, data, estimator=estimator, missing=missing)


def _levels_of(model: Structural) -> set[str]:
    """First-order factors that stand below a second-order one in the model."""
    constructs = theory.constructs()
    return {name for name in model.built.latents if constructs[name].part_of in model.built.latents}
