"""With few clusters the wild cluster bootstrap decides: clustered errors are then too small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from models import panel
from models.behaviour.estimated_so import defined
from models.choices import choices
from models.panel.engine.results import GroupFit, PanelFit
from models.panel.options import Weights
from models.remarks import Remark, packed, remark
from models.statistics.distributions import t_quantile, t_two_sided
from models.statistics.seeding import SeedOf


def few(fitted: GroupFit) -> bool:
    """Whether a group has fewer clusters than clustered errors need."""
    return fitted.estimate.n_clusters != () and min(fitted.estimate.n_clusters) < choices.few_clusters


def bootstrap(fit: PanelFit, group: str, term: str, seed: int) -> panel.WildBootstrap:
    """Wild cluster bootstrap of a slope; six-point weights where sign flips give too few different samples."""
    clusters = min(fit[group].estimate.n_clusters)
    weights: Weights = "webb" if clusters < choices.few_sign_flips else "rademacher"
    return panel.wild_cluster_bootstrap(
        fit, term, group=group, draws=choices.wild_bootstrap_draws, weights=weights, seed=seed
    )


def decisive(
    fit: PanelFit, term: str, seed_of: SeedOf, *names: str, group: str = "all", said: Iterable[Remark] = ()
) -> dict[str, Any]:
    """The columns of a slope's row that the bootstrap replaces, nothing where there are clusters enough.

    Nor where errors are clustered in two ways, for which there is no bootstrap. Cameron, Gelbach & Miller (2008),
    doi:10.1162/rest.90.3.414; weights of Webb (2023), doi:10.1111/caje.12661.

    Parameters
    ----------
    seed_of
        Names of a draw → its seed.
    *names
        Of the specification and of what its slopes are looked at for.
    said
        What else is said of the slope.
    """
    if len(fit.spec.cluster) > 1 or not few(fit[group]):
        return {}
    found = bootstrap(fit, group, term, seed_of("few_clusters", *names, group, term))
    bounds = np.isfinite([found.ci_lower, found.ci_upper]).all()
    slopes = fit.tidy().set_index(["group", "term"])
    said = [*said, remark("wild_bootstrap_p", n=found.n_clusters, p=float(slopes.loc[(group, term), "pvalue"]))]
    return {
        "pvalue": found.pvalue,
        "ci_lower": found.ci_lower,
        "ci_upper": found.ci_upper,
        "definition": defined("wild_bootstrap", fit),
        "note": packed(said if bounds else [*said, remark("endless_interval")]),
    }


def by_t(row: Any, fitted: GroupFit) -> dict[str, Any]:
    """The columns of a row of `tidy()` by t instead of z where clusters are few and there is no bootstrap."""
    if not few(fitted):
        return {}
    clusters = min(fitted.estimate.n_clusters)
    half = t_quantile(0.5 + choices.confidence / 2, clusters - 1) * row.se
    pvalue = float(t_two_sided(row.statistic, clusters - 1))
    found = {"pvalue": pvalue, "ci_lower": row.est - half, "ci_upper": row.est + half}
    return found | {"note": packed([remark("few_clusters_t", n=clusters)])}
