"""Do slopes stand beside the outcome's own past, and do causes move with the outcome within the period beyond it?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models import panel, results
from models.behaviour.dynamics import centred, measured
from models.behaviour.estimated_so import defined
from models.behaviour.robustness import attempt
from models.choices import choices
from models.panel.engine.results import PanelFit
from models.panel.language.editing import lagged, plus
from models.remarks import Remark, packed, remark
from models.specs import PanelSpec
from models.statistics.wald import wald_test

KEYS: dict[str, Any] = {"entity": "entity", "time": "time"}


def own_past(name: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame) -> pd.DataFrame:
    """The specification with the outcome a period ago beside its causes, then with the causes' present values too.

    A cause that follows an outcome which persists goes with its later values; beside the outcome's own past nothing is
    left of that. A cause that answers to the outcome a period later, as in a closed loop, has no present slope beside
    both pasts; one that follows it within the period, or one activity behind both, gives it one. Effects of users
    beside the outcome's past bias all slopes by the order of one over the periods (Nickell 1981,
    https://doi.org/10.2307/1911408); where the periods can be halved, the half-panel jackknife takes that away.

    Returns
    -------
    Rows `own_past` of the results table: each slope beside the outcome's past (`raw`); `stands`, whether that of a
    cause keeps its sign and p below `choices.alpha` (1) or not (0); `same_period`, the Wald test that no present value
    has a slope. None where the outcome's past is in the specification already.
    """
    if spec.outcome in lagged(fit.spec.formula):
        return pd.DataFrame()
    data = centred(data, spec)
    common = {"table": "own_past", "model": name, "group": "all", "definition": defined("own_past", fit)}
    beside = plus(fit.spec.formula, [f"lag({spec.outcome})"])
    rows = [common | row for row in _slopes(beside, spec, fit, data)]
    together = common | {"definition": defined("same_period", fit), "quantity": "same_period"}
    return results.rows([*rows, together | _together(beside, list(lagged(fit.spec.formula)), spec, data)])


def _slopes(formula: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame) -> list[dict[str, Any]]:
    found = attempt(_corrected, formula, spec, data)
    if isinstance(found, Remark):
        return [{"quantity": "raw", "note": packed([found])}]
    table, why = found
    alone = dict(zip(fit["all"].estimate.names, fit["all"].estimate.params, strict=True))
    rows = []
    for row in table[table["term"] != "Intercept"].itertuples():
        rows.append({"term": row.term, "quantity": "raw", "note": packed(why)} | measured(row))
        if row.term in alone:
            stands = row.pvalue < choices.alpha and np.sign(row.est) == np.sign(alone[row.term])
            rows.append({"term": row.term, "quantity": "stands", "estimate": float(stands)})
    return rows


def _corrected(formula: str, spec: PanelSpec, data: pd.DataFrame) -> tuple[pd.DataFrame, list[Remark]]:
    """Slopes after the jackknife; before it, with the reason, where the periods cannot be halved."""
    found = panel.fit(formula, data, effects=spec.effects, cluster=spec.cluster, **KEYS)
    jackknifed = attempt(panel.half_panel_jackknife, found)
    return (found.tidy(), [jackknifed]) if isinstance(jackknifed, Remark) else (jackknifed.tidy(), [])


def _together(formula: str, causes: list[str], spec: PanelSpec, data: pd.DataFrame) -> dict[str, Any]:
    """The test that the causes' present values have no slope beside their own and the outcome's past."""
    found = attempt(panel.fit, plus(formula, causes), data, effects=spec.effects, cluster=spec.cluster, **KEYS)
    if isinstance(found, Remark):
        return {"note": packed([found])}
    if min(found["all"].estimate.n_clusters) <= len(causes):
        return {"note": packed([remark("few_clusters_joint")])}
    test = attempt(panel.wald, found, causes)
    if isinstance(test, Remark):
        return {"note": packed([test])}
    jackknifed = attempt(panel.half_panel_jackknife, found)
    if isinstance(jackknifed, Remark):
        tested = {"statistic": test.statistic, "df": test.df, "pvalue": test.pvalue}
        return tested | {"note": packed([jackknifed])}
    places = [jackknifed.names[0].index(cause) for cause in causes]
    corrected = wald_test(jackknifed.params[0][places], jackknifed.cov[0][np.ix_(places, places)])
    if corrected is None:
        return {"note": packed([remark("singular_for_clusters", k=len(causes))])}
    return {"statistic": corrected.statistic, "df": corrected.df, "pvalue": corrected.pvalue}
