"""On what do slopes depend? Products of causes taken apart, and slopes that differ with a trait of the user."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models import panel, results
from models.analysis.group_differences import difference
from models.behaviour.dynamics import measured
from models.behaviour.estimated_so import defined
from models.behaviour.few_clusters import decisive
from models.behaviour.joint_tests import jointly
from models.behaviour.robustness import attempt
from models.panel.engine.results import PanelFit
from models.panel.language.editing import plus, used
from models.remarks import Remark, packed, remark
from models.specs import PanelSpec
from models.statistics.seeding import SeedOf

PLACES = {"low": -1.0, "mean": 0.0, "high": 1.0}


def products_apart(name: str, spec: PanelSpec, fit: PanelFit, standard: PanelFit, seed_of: SeedOf) -> pd.DataFrame:
    """Slope of the second cause of a product where the first lies a standard deviation below, at and above its mean.

    Deviations are those within users, effects taken out (Aiken & West 1991); of a product that is not made of
    deviations (`centre`, `centre_users`), zero is no mean, and its slope stands alone. Where the specification sets two
    products `against` each other, also their difference in standard deviations.

    Parameters
    ----------
    fit, standard
        The specification over all users in raw units, and in standard deviations.

    Returns
    -------
    Rows `panel_products` of the results table: quantities `low`, `mean`, `high`, `std`, `difference`.
    """
    estimate, rows = fit["all"].estimate, []
    names, transformed = list(estimate.names), estimate.transformed
    scaled = standard.tidy().set_index("term")
    for term in (t for t in names if ":" in t):
        first, second = term.split(":")
        common = {"table": "panel_products", "model": name, "group": "all", "term": term, "n": estimate.nobs}
        rows.append(
            common
            | {"quantity": "std", "definition": defined("two_way_clustered", standard)}
            | measured(scaled.loc[term])
            | decisive(standard, term, seed_of, name)
        )
        if second not in names or transformed is None or not set(used(f"y ~ {first}")[1:]) <= set(spec.deviations):
            continue
        sd = float(np.std(transformed.x[:, names.index(first)]))
        for place, distance in PLACES.items():
            weights = np.zeros(len(names))
            weights[[names.index(second), names.index(term)]] = 1.0, distance * sd
            found = difference(weights, estimate.params, estimate.cov)
            rows.append(common | {"quantity": place, "definition": "simple_slope_panel"} | found)
    pair = [term for term in spec.against if term in scaled.index]
    if len(pair) == 2:
        own = standard["all"].estimate
        weights = np.zeros(len(own.names))
        weights[[own.names.index(term) for term in pair]] = 1.0, -1.0
        common = {"table": "panel_products", "model": name, "group": "all", "term": " − ".join(pair), "n": own.nobs}
        found = difference(weights, own.params, own.cov)
        rows.append(common | {"quantity": "difference", "definition": defined("product_difference", standard)} | found)
    return results.rows(rows)


def moderated(
    name: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame, units: str, seed_of: SeedOf
) -> pd.DataFrame:
    """How every slope changes with a standard deviation of the specification's `moderator`, a trait of the user.

    The trait is the user's mean over the periods, standardised over the users of a platform; being the same in every
    period it has no slope of its own beside effects of users.

    Parameters
    ----------
    data
        Panel in the units named by `units`, but for the moderator.

    Returns
    -------
    Rows `moderation` of the results table: a change a term, and `joint`, the Wald test of all.
    """
    moderator, terms = spec.moderator, fit["all"].estimate.regressors
    common = {"table": "moderation", "model": name, "group": "all", "quantity": units}
    common["definition"] = defined("moderation", fit)
    trait = user_trait(data, moderator)
    if trait.isna().all():
        note = packed([remark("no_trait", moderator=moderator)])
        return results.rows([common | {"quantity": "joint", "note": note}] if units == "raw" else [])
    products = {f"{term}:trait": term for term in terms}
    own = [] if spec.effects in ("entity", "twoway") else ["trait"]
    formula = plus(fit.spec.formula, [*own, *products])
    keys = {"entity": "entity", "time": "time", "cluster": spec.cluster, "effects": spec.effects}
    found = attempt(panel.fit, formula, data.assign(trait=trait), se_type=fit.spec.se_type, **keys)
    if isinstance(found, Remark):
        return results.rows([common | {"quantity": "joint", "note": packed([found])}] if units == "raw" else [])
    table = found.tidy().set_index("term")
    rows: list[dict[str, Any]] = []
    for product, term in products.items():
        tested = decisive(found, product, seed_of, name, "moderation")
        rows.append(common | {"term": f"{term}:{moderator}"} | measured(table.loc[product]) | tested)
    if units == "raw":
        numbers, said = jointly(found, list(products))
        rows.append(common | {"quantity": "joint", "note": packed(said)} | numbers)
    return results.rows(rows)


def user_trait(data: pd.DataFrame, measure: str) -> pd.Series:
    """Each user's mean of a measure in standard deviations over the platform's users; missing where all are alike."""
    platform = data["platform_type"] if "platform_type" in data else pd.Series("all", index=data.index)
    users = data[measure].groupby([platform, data["entity"]], observed=True).mean()
    by = users.groupby(level=0, observed=True)
    mean, sd = by.transform("mean"), by.transform("std")
    scores = (users - mean) / sd.where(sd > 1e-9 * mean.abs())
    return data["entity"].map(scores.droplevel(0))
