"""Would something else explain the slopes? Placebo leads, unmeasured confounders, users who differ, biased dynamics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models import panel, results
from models.analysis.influential import left_out
from models.behaviour.dynamics import centred, measured
from models.behaviour.estimated_so import defined
from models.behaviour.few_clusters import decisive
from models.behaviour.joint_tests import jointly
from models.behaviour.robustness import attempt
from models.choices import choices
from models.panel.checks.influence import leave_one_out
from models.panel.engine.results import GroupFit, PanelFit
from models.panel.engine.transform import group_means, period_effects
from models.panel.language.editing import lagged, plus
from models.remarks import Remark, packed, remark
from models.specs import PanelSpec
from models.statistics.seeding import SeedOf


def placebo(name: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame, seed_of: SeedOf) -> pd.DataFrame:
    """Add the next period's value of every regressor: it comes too late to matter.

    A slope away from zero says that the regressor answers to the outcome, or that both follow something unmeasured
    (test of strict exogeneity, Wooldridge 2010, §10.7.1).

    Returns
    -------
    Rows `placebo` of the results table: each lead, and `joint`, the Wald test of all.
    """
    leads = [f"lead({cause})" for cause in lagged(fit.spec.formula)]
    formula = plus(fit.spec.formula, leads)
    common = {"table": "placebo", "model": name, "group": "all", "definition": defined("placebo_lead", fit)}
    inside = centred(data, spec)
    keys = {"entity": "entity", "time": "time", "cluster": spec.cluster, "effects": spec.effects}
    found = attempt(panel.fit, formula, inside, **keys)
    if isinstance(found, Remark):
        return results.rows([common | {"quantity": "joint", "note": packed([found])}])
    slopes = found.tidy()
    rows = [
        common
        | {"term": row.term, "quantity": "raw"}
        | measured(row)
        | decisive(found, row.term, seed_of, name, "placebo")
        for row in slopes[slopes["term"].isin(leads)].itertuples()
    ]
    numbers, said = jointly(found, leads)
    return results.rows([*rows, common | {"quantity": "joint", "note": packed(said)} | numbers])


def confounders(name: str, fit: PanelFit, seed_of: SeedOf) -> pd.DataFrame:
    """How strong would something unmeasured have to be? Oster's δ from pooled to within, and E-values.

    Returns
    -------
    Rows `confounding` of the results table: quantities `delta`, `bias_adjusted`, `e_value`, `e_value_bound`.
    """
    rows: list[dict[str, Any]] = []
    selection = defined("oster", fit)
    for term in fit["all"].estimate.regressors:
        common = {"table": "confounding", "model": name, "group": "all", "term": term}
        bound = attempt(panel.oster, fit, term, baseline="pooled")
        if isinstance(bound, Remark):
            rows.append(common | {"quantity": "delta", "definition": selection, "note": packed([bound])})
        else:
            found = {"uncontrolled": bound.uncontrolled, "controlled": bound.controlled, "delta": bound.delta}
            found["bias_adjusted"] = bound.bias_adjusted
            rows += [common | {"quantity": q, "estimate": v, "definition": selection} for q, v in found.items()]
        tested = decisive(fit, term, seed_of, name)
        interval = (tested["ci_lower"], tested["ci_upper"]) if tested else None
        values = panel.e_value(fit, term, interval=interval).iloc[0]
        rows += [
            common | {"quantity": quantity, "estimate": values[quantity], "definition": "e_value"}
            for quantity in ("e_value", "e_value_bound")
        ]
    return results.rows(rows)


def differing_users(name: str, fit: PanelFit, terms: list[str], seed: int) -> pd.DataFrame:
    """Mean and spread over users of each slope, in standard deviations: a model with that slope random.

    Period means are removed and user means added as regressors, so that the mean is a slope within users; of many
    users a random sample is taken.

    Returns
    -------
    Rows `random_slopes` of the results table: quantities `mean` and `spread`.
    """
    fitted = fit["all"]
    if fitted.design is None or fitted.estimate.transformed is None:
        return pd.DataFrame()
    frame, names = _standard(fitted, seed)
    formula = f"y ~ {' + '.join([*names.values(), *(f'mean_{n}' for n in names.values())])}"
    rows: list[dict[str, Any]] = []
    for term in terms:
        common = {"table": "random_slopes", "model": name, "group": "all", "term": term, "definition": "random_slopes"}
        slope = names[term]
        found = attempt(panel.random_slopes, formula, frame, entity="entity", time="time", slope=slope)
        if isinstance(found, Remark):
            rows.append(common | {"quantity": "mean", "note": packed([found])})
            continue
        table = found.tidy().set_index("term")
        mean = table.loc[slope]
        note = packed([remark("entities_drawn", n=found.n_entity, all=fitted.n_entity, seed=str(seed))])
        rows.append(common | {"quantity": "mean"} | measured(mean) | {"note": note})
        rows.append(common | {"quantity": "spread", "estimate": found.spread[slope], "n": found.nobs})
    return results.rows(rows)


def _standard(fitted: GroupFit, seed: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """Outcome and regressors without period effects, standardised, with user means.

    Of more than `choices.random_slope_users` users a random sample is taken.
    """
    design = fitted.design
    assert design is not None
    kept = np.arange(design.n_entity)
    if len(kept) > choices.random_slope_users:
        kept = np.random.default_rng(seed).choice(kept, choices.random_slope_users, replace=False)
    terms = fitted.estimate.regressors
    values = np.column_stack([design.y, design.x[:, [design.names.index(term) for term in terms]]])
    values = values - period_effects(values, design.entity, design.time)[design.time]
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    names = {term: f"x{j}" for j, term in enumerate(terms)}
    frame = pd.DataFrame(values, columns=["y", *names.values()])
    means = group_means(values[:, 1:], design.entity)[design.entity]
    frame[[f"mean_{n}" for n in names.values()]] = means
    frame = frame.assign(entity=design.entity, time=design.period)
    return frame[np.isin(design.entity, kept)], names


def influential(name: str, fit: PanelFit, data: pd.DataFrame, terms: list[str], seed_of: SeedOf) -> pd.DataFrame:
    """Slopes without the users that move each most: `choices.influential_users`, or their `influential_share`.

    Leaving out the users who speak for a slope makes it smaller by construction: does it still stand?

    Parameters
    ----------
    data
        Panel in which products already are made of deviations (`centred`).

    Returns
    -------
    Rows `influence` of the results table: `single`, the largest change from one user in standard errors, and `without`,
    the slope without those who hold it up most.
    """
    fitted = fit["all"]
    if fitted.design is None:
        return pd.DataFrame()
    change, errors = leave_one_out(fitted), np.sqrt(np.diag(fitted.estimate.cov))
    rows: list[dict[str, Any]] = []
    for term in terms:
        place = fitted.estimate.names.index(term)
        toward = change[:, place] * np.sign(fitted.estimate.params[place])
        k = left_out(fitted.n_entity)
        gone = fitted.design.entity_labels[np.argsort(toward)[:k]]
        common = {
            "table": "influence",
            "model": name,
            "group": "all",
            "term": term,
            "definition": defined("influence", fit),
        }
        largest = float(np.abs(change[:, place] / errors[place]).max())
        single = {"estimate": largest} if np.isfinite(largest) else {"note": packed([remark("one_user_identifies")])}
        rows.append(common | {"quantity": "single", "n": fitted.n_entity} | single)
        kept = data[~data["entity"].isin(gone)]
        keys = {"entity": "entity", "time": "time", "cluster": fit.spec.cluster, "effects": fit.spec.effects}
        found = attempt(panel.fit, fit.spec.formula, kept, **keys)
        if isinstance(found, Remark):
            rows.append(common | {"quantity": "without", "note": packed([found])})
            continue
        slope = found.tidy().set_index("term").loc[term]
        said = [remark("without_users", k=k, n=fitted.n_entity)]
        tested = decisive(found, term, seed_of, name, "influence", said=said)
        rows.append(common | {"quantity": "without", "note": packed(said)} | measured(slope) | tested)
    return results.rows(rows)


def jackknifed(name: str, spec: PanelSpec, formula: str, data: pd.DataFrame) -> pd.DataFrame:
    """A dynamic specification by least squares with user and period effects, before and after the jackknife.

    Returns
    -------
    Rows `jackknife` of the results table: groups `twoway` and `jackknife`.
    """
    common = {"table": "jackknife", "model": name, "definition": "half_panel_jackknife", "quantity": "raw"}

    def run() -> tuple[pd.DataFrame, pd.DataFrame]:
        fit = panel.fit(formula, data, entity="entity", time="time", effects=spec.effects, cluster="entity")
        return fit.tidy(), panel.half_panel_jackknife(fit).tidy()

    found = attempt(run)
    if isinstance(found, Remark):
        return results.rows([common | {"group": "jackknife", "note": packed([found])}])
    return results.rows(
        [
            common | {"group": group, "term": row.term} | measured(row)
            for group, table in zip(("twoway", "jackknife"), found, strict=True)
            for row in table.itertuples()
        ]
    )
