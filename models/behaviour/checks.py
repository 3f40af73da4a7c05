"""Everything that questions one panel specification, in one frame."""

from __future__ import annotations

import pandas as pd

from models import specs
from models.behaviour.alike import alike
from models.behaviour.dynamics import centred
from models.behaviour.moderation import moderated, products_apart
from models.behaviour.own_past import own_past
from models.behaviour.panel_models import fit_spec, hypothesis_of, stated
from models.behaviour.robustness import other_errors, other_estimators
from models.behaviour.sensitivity import confounders, differing_users, influential, jackknifed, placebo
from models.behaviour.units import standardised
from models.behaviour.without_groups import slopes_without_groups
from models.panel.engine.results import PanelFit
from models.statistics.seeding import SeedOf


def panel_checks(
    name: str, fit: PanelFit | None, data: pd.DataFrame, measures: set[str], seed_of: SeedOf
) -> pd.DataFrame:
    """Other estimators, other errors, placebo leads, the outcome's own past, confounders, users who differ, products.

    For a dynamic specification (estimated by GMM, so that there is no `fit`) the half-panel jackknife.

    Parameters
    ----------
    fit
        Estimate of the specification in raw units, over all groups.
    seed_of
        Names of a draw → its seed.

    Returns
    -------
    Rows of the results table; none of them decides a hypothesis.
    """
    spec = specs.panel_specs()[name]
    formula = stated(spec, measures)
    if spec.estimator == "gmm" and formula:
        return jackknifed(name, spec, formula, data)
    if fit is None:
        return pd.DataFrame()
    decisive = [t for t in hypothesis_of(name) if t in fit["all"].estimate.names]
    parts = [
        other_estimators(name, spec, fit, data),
        other_errors(name, spec, fit, data, seed_of),
        placebo(name, spec, fit, data, seed_of),
        own_past(name, spec, fit, data, seed_of),
        confounders(name, fit, seed_of),
        differing_users(name, fit, decisive, seed_of("random_slopes", name)),
        influential(name, fit, centred(data, spec), decisive, seed_of),
        slopes_without_groups(name, spec, fit, centred(data, spec), decisive, seed_of),
        alike(name, spec, data, fit["all"].estimate.regressors),
    ]
    standard = standardised(data, sorted(measures))
    if any(":" in term for term in fit["all"].estimate.names):
        parts.append(products_apart(name, spec, fit, fit_spec(spec, formula, standard, None), seed_of))
    if spec.moderator in measures:
        for units, frame in (("raw", data), ("std", standard)):
            parts.append(moderated(name, spec, fit, centred(frame, spec), units, seed_of))
    return pd.concat(parts, ignore_index=True)
