r"""Dynamic cut-offs: what the indices of this model would be in samples like this one, were the model right or wrong.

Fixed cut-offs hold for the model that they were simulated with. Here the model is fitted to draws from a population in
which it holds and from populations that have relations that it leaves out (`omitted`). A cut-off accepts at most one in
twenty of the misspecified models and rejects at most one in twenty of the right ones; where both cannot be, one in ten;
where not even that, the index has no cut-off at that level (McNeish & Wolf 2023, https://doi.org/10.1037/met0000425).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.sem.cutoffs.draws import moment_draws
from models.sem.cutoffs.indices import Statistics, expected_scaling, refitted
from models.sem.cutoffs.levels import (
    INDICES,
    DynamicCutoffs,
    Quantiles,
    between,
    collected,
    is_robust,
    populations,
    require_likelihood,
)
from models.sem.cutoffs.omitted import Level
from models.sem.cutoffs.population import population
from models.sem.inference.estimated import Estimated


def dynamic_cutoffs(
    fit: Estimated,
    draws: int = 500,
    seed: int | None = None,
    levels: Sequence[Level] | None = None,
    most: int = 3,
    correlation: float = 0.3,
) -> DynamicCutoffs:
    """Simulate cut-offs of CFI, RMSEA and SRMR for a model and its sample.

    Parameters
    ----------
    fit : Fit
        A model of continuous answers, complete or not, by maximum likelihood, of one group or several.
    draws : int
        Samples of each population.
    seed : int, optional
        Of the draws.
    levels : sequence of tuple of Omitted, optional
        What the misspecified models leave out; by default cross-loadings, of a single factor residual correlations.
    most : int
        Number of levels, where they are not given.
    correlation : float
        Residual correlation of the items of a single factor.

    Returns
    -------
    DynamicCutoffs
        Without levels where the model has no factor of several items.

    Raises
    ------
    ArgumentError
        For a model of ordered items, or one not estimated by maximum likelihood.

    Notes
    -----
    Complete answers under ``"ML"`` are drawn from the normal distribution, all others as far from their population as
    the answers at hand let expect, whatever their distribution and their gaps (`draws`).

    References
    ----------
    McNeish & Wolf (2023), https://doi.org/10.1037/met0000425, and (2022), https://doi.org/10.3758/s13428-022-01847-y.

    Examples
    --------
    >>> from models import sem
    >>> text = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3; a ~~ 0.4*b"
    >>> fit = sem.fit(text.replace("0.4*", ""), sem.simulate(text, 300, seed=1))
    >>> found = sem.dynamic_cutoffs(fit, draws=100, seed=1)
    >>> len(found.levels), found.table["index"].tolist(), found.misfit(fit.fit_indices())
    (1, ['cfi', 'rmsea', 'srmr'], 0.0)
    """
    require_likelihood(fit)
    robust = is_robust(fit)
    wrong_moments = populations(fit, levels, most, correlation)
    if not wrong_moments:
        return collected((), [], "")
    right = population(fit)
    drawn = moment_draws(fit.task.sample, draws, seed, not robust)
    sets = drawn.around(*right)
    scaling = expected_scaling(fit, *right, sets) if robust else 1.0
    true = _indices(fit, refitted(fit, *right, sets), scaling)
    rows = []
    for k, moments in enumerate(wrong_moments.values(), 1):
        wrong = _indices(fit, refitted(fit, *moments, drawn.around(*moments)), scaling)
        rows += [
            {"level": k, "index": index} | between(true[index], wrong[index], more) for index, more in INDICES.items()
        ]
    return collected(list(wrong_moments), rows, "_robust" if robust else "")


def _indices(fit: Estimated, found: Statistics, scaling: float) -> dict[str, Quantiles]:
    excess = np.maximum(found.model - scaling * fit.df, 0.0)
    worst = np.maximum(excess, np.maximum(found.baseline - scaling * fit.baseline.df, 0.0))
    groups = len(fit.task.sample.groups)
    cfi = 1 - np.divide(excess, worst, out=np.zeros_like(excess), where=worst > 0)
    rmsea = np.sqrt(excess * groups / (fit.n * fit.df))
    return {"cfi": _quantiles(cfi), "rmsea": _quantiles(rmsea), "srmr": _quantiles(found.srmr)}


def _quantiles(values: np.ndarray) -> Quantiles:
    return lambda share: float(np.nanquantile(values, share))
