"""The theory's model against rivals on the same answers: what each gives up, by χ², CFI, RMSEA, AIC and BIC."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models import results, sem, specs, theory
from models.remarks import packed, remark
from models.sem.language.editing import factor_line, read, related
from models.survey.equations import FIT, Structural, reported
from models.survey.rival_comparison import beside, equivalent

ONE_FACTOR = "one_factor"


def rivals(model: Structural, scales: dict[str, list[str]]) -> pd.DataFrame:
    """Fit the rivals of `models/specs/rivals` and one factor for all items, each on the answers of `model`.

    Models share their items, so that information criteria compare; `bic` differences of 10 and more are decisive
    (Raftery 1995, doi:10.2307/271063). `full_mediation` and `reversed` have the same paths the other way round: with
    the direct paths added they would fit alike, and cross-sectional answers could not tell them apart.
    `identification_first` turns one arrow of the theory and does fit alike; `identification_only` restricts it. A
    rival that needs a mechanism which is not measured, or that says what one before it says, is left out.

    Returns
    -------
    Rows `rivals` of the results table, none where identification or stickiness is not measured: term = model,
    quantity = fit index, `delta_bic` (to the theory's model), or what `rival_comparison.beside` says.
    """
    if not {"identification", "stickiness"} <= set(model.built.latents):
        return pd.DataFrame()
    settings, sample = model.fit.settings, model.fit.task.sample
    how: dict[str, Any] = {"estimator": settings.estimator, "missing": settings.missing}
    stated = _stated(model, scales)
    candidates = {model.spec: model.built.syntax} | stated | {ONE_FACTOR: factor_line("all", sample.names)}
    reference = model.fit.fit_indices().get("bic", np.nan)
    rows: list[dict] = []
    for name, syntax in candidates.items():
        common = {"table": "rivals", "model": model.spec, "term": name}
        try:
            fit = model.fit if name == model.spec else sem.fit(syntax, sample, **how)
        except sem.SemError as error:
            rows.append(common | {"quantity": "failed", "note": packed([error.remark])})
            continue
        indices = fit.fit_indices()
        rows += [common | {"n": fit.n} | reported(indices, quantity) for quantity in FIT]
        rows.append(common | {"quantity": "delta_bic", "definition": "delta_bic"})
        if np.isnan(reference):
            rows[-1]["note"] = packed([remark("criteria_of_likelihood", estimator=settings.estimator)])
        else:
            rows[-1]["estimate"] = 0.0 if equivalent(fit, model.fit) else indices["bic"] - reference
        if name in stated:
            rows += [common | row for row in beside(fit, model.fit)]
    return results.rows(rows)


def _stated(model: Structural, scales: dict[str, list[str]]) -> dict[str, str]:
    """The rivals that the scales can carry, each once."""
    constructs = [c for c in theory.constructs() if c in model.built.latents and c not in _levels_of(model)]
    found: dict[str, str] = {}
    for name, text in specs.structural_specs("rivals").items():
        built = specs.structural(text, scales, also=constructs)
        explained = {outcome for outcome, _ in related(built.parsed, "~")}
        if _explains(text) <= explained and built.syntax not in found.values():
            found[name] = built.syntax
    return found


def _explains(text: str) -> set[str]:
    """What a rival is about: stickiness, and the mechanisms among its outcomes."""
    outcomes = {outcome for outcome, _ in related(read(text), "~")}
    return {"stickiness"} | {name for name in outcomes if theory.constructs()[name].role == "mechanism"}


def _levels_of(model: Structural) -> set[str]:
    """First-order factors that stand below a second-order one in the model."""
    constructs = theory.constructs()
    return {name for name in model.built.latents if constructs[name].part_of in model.built.latents}
