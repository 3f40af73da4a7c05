"""Do slopes stand beside the outcome's own past, and do causes move with the outcome within the period beyond it?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models import panel, results
from models.behaviour.dynamics import centred, measured
from models.behaviour.estimated_so import defined
from models.behaviour.few_clusters import by_t, decisive
from models.behaviour.joint_tests import jointly, judged
from models.behaviour.robustness import attempt
from models.choices import choices
from models.panel.engine.results import PanelFit
from models.panel.language.editing import lagged, plus
from models.remarks import Remark, packed, remark
from models.specs import PanelSpec
from models.statistics.seeding import SeedOf
from models.statistics.wald import wald_test

KEYS: dict[str, Any] = {"entity": "entity", "time": "time"}


def own_past(name: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame, seed_of: SeedOf) -> pd.DataFrame:
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
    rows = [common | row for row in _slopes(name, beside, spec, fit, data, seed_of)]
    together = common | {"definition": defined("same_period", fit), "quantity": "same_period"}
    return results.rows([*rows, together | _together(beside, list(lagged(fit.spec.formula)), spec, data)])


def _slopes(
    name: str, formula: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame, seed_of: SeedOf
) -> list[dict[str, Any]]:
    """Slopes after the jackknife; before it, with the reason, where the periods cannot be halved."""
    plain = attempt(panel.fit, formula, data, effects=spec.effects, cluster=spec.cluster, **KEYS)
    if isinstance(plain, Remark):
        return [{"quantity": "raw", "note": packed([plain])}]
    jackknifed = attempt(panel.half_panel_jackknife, plain)
    why = [jackknifed] if isinstance(jackknifed, Remark) else []
    table = (plain if why else jackknifed).tidy()
    alone = dict(zip(fit["all"].estimate.names, fit["all"].estimate.params, strict=True))
    rows = []
    for row in table[table["term"] != "Intercept"].itertuples():
        tested = decisive(plain, row.term, seed_of, name, "own_past", said=why) if why else by_t(row, plain["all"])
        found = {"term": row.term, "quantity": "raw", "note": packed(why)} | measured(row) | tested
        rows.append(found)
        if row.term in alone:
            stands = found["pvalue"] < choices.alpha and np.sign(row.est) == np.sign(alone[row.term])
            rows.append({"term": row.term, "quantity": "stands", "estimate": float(stands)})
    return rows


def _together(formula: str, causes: list[str], spec: PanelSpec, data: pd.DataFrame) -> dict[str, Any]:
    """The test that the causes' present values have no slope beside their own and the outcome's past."""
    found = attempt(panel.fit, plus(formula, causes), data, effects=spec.effects, cluster=spec.cluster, **KEYS)
    if isinstance(found, Remark):
        return {"note": packed([found])}
    numbers, said = jointly(found, causes)
    if not numbers:
        return {"note": packed(said)}
    jackknifed = attempt(panel.half_panel_jackknife, found)
    if isinstance(jackknifed, Remark):
        return {"note": packed([jackknifed, *said])} | numbers
    places = [jackknifed.names[0].index(cause) for cause in causes]
    corrected = wald_test(jackknifed.params[0][places], jackknifed.cov[0][np.ix_(places, places)])
    if corrected is None:
        return {"note": packed([remark("singular_for_clusters", k=len(causes))])}
    numbers, said = judged(corrected, found["all"])
    return {"note": packed(said)} | numbers
