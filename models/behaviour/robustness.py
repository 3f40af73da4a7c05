"""The same slopes by other estimators and with other standard errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from models import panel, results
from models.behaviour.dynamics import centred, measured
from models.behaviour.estimated_so import defined
from models.behaviour.few_clusters import bootstrap, few
from models.behaviour.reasons import reason
from models.panel.engine.results import PanelFit
from models.remarks import Remark, packed, remark
from models.specs import PanelSpec
from models.statistics.seeding import SeedOf

ESTIMATORS = ("pooled", "between", "random", "entity", "twoway", "first-difference")
WITHIN_ONLY = ("entity", "twoway", "first-difference")
ERRORS: dict[str, dict[str, Any]] = {
    "entity": {},
    "entity + time": {"cluster": ("entity", "time")},
    "driscoll-kraay": {"se_type": "driscoll-kraay"},
}


def other_estimators(name: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame) -> pd.DataFrame:
    """Slopes of a specification by each estimator, errors clustered by entity; a reason where one does not apply.

    Products of deviations from the user's own mean (`centre`) have a meaning within users only.

    Returns
    -------
    Rows `estimators` of the results table, `group` naming the estimator.
    """
    ways = WITHIN_ONLY if spec.deviations else ESTIMATORS
    options = {way: {"effects": way, "cluster": "entity"} for way in ways}
    return _variants("estimators", name, fit, centred(data, spec), options, "panel_estimators")


def other_errors(name: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame, seed_of: SeedOf) -> pd.DataFrame:
    """The same slopes with errors clustered by entity, by entity and period, and by Driscoll and Kraay (1998).

    With few clusters also the wild cluster bootstrap.

    Returns
    -------
    Rows `errors` of the results table, `group` naming the errors.
    """
    options = {kind: {"effects": spec.effects} | option for kind, option in ERRORS.items()}
    rows = _variants("errors", name, fit, centred(data, spec), options, "panel_errors")
    fitted = fit["all"]
    if not few(fitted):
        return rows
    seeds = {term: seed_of("few_clusters", name, "all", term) for term in fitted.estimate.regressors}
    found = [(term, bootstrap(fit, "all", term, seed)) for term, seed in seeds.items()]
    drawn = [
        {"table": "errors", "model": name, "group": "wild", "term": term, "quantity": "raw", "estimate": test.est}
        | {
            "statistic": test.statistic,
            "pvalue": test.pvalue,
            "definition": defined("wild_bootstrap", fit),
            "n": fitted.estimate.nobs,
        }
        | {"ci_lower": test.ci_lower, "ci_upper": test.ci_upper}
        for term, test in found
    ]
    clusters = {"table": "errors", "model": name, "group": "wild", "quantity": "clusters"}
    drawn += [clusters | {"term": term, "estimate": test.n_clusters} for term, test in found]
    return pd.concat([rows, results.rows(drawn)], ignore_index=True)


def _variants(
    table: str, name: str, fit: PanelFit, data: pd.DataFrame, options: dict[str, dict[str, Any]], definition: str
) -> pd.DataFrame:
    rows = []
    for kind, option in options.items():
        common = {"table": table, "model": name, "group": kind, "quantity": "raw", "definition": definition}
        tried = attempt(panel.fit, fit.spec.formula, data, entity="entity", time="time", **option)
        if isinstance(tried, Remark):
            rows.append(common | {"note": packed([tried])})
            continue
        slopes = tried.tidy()
        slopes = slopes[slopes["term"].isin(tried["all"].estimate.regressors)]
        rows += [common | {"term": row.term} | measured(row) for row in slopes.itertuples()]
    return results.rows(rows)


def attempt(run: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What `run` gives, or why the sample does not allow it."""
    try:
        return run(*arguments, **options)
    except (panel.PanelError, np.linalg.LinAlgError) as error:
        return remark("not_applicable", why=reason(error))
