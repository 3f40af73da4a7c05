r"""Dynamic cut-offs: what the indices of this model would be in samples like this one, were the model right or wrong.

Fixed cut-offs hold for the model that they were simulated with. Here the model is fitted to draws from a population in
which it holds and from populations that have relations that it leaves out (`omitted`). A cut-off accepts at most one in
twenty of the misspecified models and rejects at most one in twenty of the right ones; where both cannot be, one in ten;
where not even that, the index has no cut-off at that level (McNeish & Wolf 2023, https://doi.org/10.1037/met0000425).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from models.sem.cutoffs import ordered
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
        A model of continuous answers, complete or not, by maximum likelihood, or of ordered ones by any estimator;
        of one group or several.
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
        For a model of continuous answers not estimated by maximum likelihood.
    CategoryError
        If fewer than half of the draws of ordered answers can be fitted.

    Notes
    -----
    Complete answers under ``"ML"`` are drawn from the normal distribution, all others as far from their population as
    the answers at hand let expect, whatever their distribution and their gaps (`draws`). Ordered answers are drawn one
    by one, cut at the thresholds of the fit and fitted anew (`ordered`): three factors of three items with four
    categories and two levels take about four seconds with 100 draws, twenty with 500, twice that with seven categories.

    References
    ----------
    McNeish & Wolf (2023), https://doi.org/10.1037/met0000425, and (2022), https://doi.org/10.3758/s13428-022-01847-y;
    of ordered answers McNeish (2023), https://doi.org/10.1037/amp0001213.

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
    wrong_moments = populations(fit, levels, most, correlation)
    if not wrong_moments:
        return collected((), [], "")
    how, version = (_ordered if fit.task.sample.is_ordinal else _continuous)(fit, draws, seed)
    true = how(*population(fit))
    rows = []
    for k, moments in enumerate(wrong_moments.values(), 1):
        wrong = how(*moments)
        rows += [
            {"level": k, "index": index} | between(true[index], wrong[index], more) for index, more in INDICES.items()
        ]
    return collected(list(wrong_moments), rows, version)


# Moments of a population (G, p) and (G, p, p) → quantiles of every index over the draws.
Simulated = Callable[[np.ndarray, np.ndarray], dict[str, Quantiles]]


def _continuous(fit: Estimated, draws: int, seed: int | None) -> tuple[Simulated, str]:
    """Return how the indices of continuous answers are simulated, and which ones."""
    robust, right = is_robust(fit), population(fit)
    drawn = moment_draws(fit.task.sample, draws, seed, not robust)
    scaling = expected_scaling(fit, *right, drawn.around(*right)) if robust else 1.0

    def simulated(means: np.ndarray, covs: np.ndarray) -> dict[str, Quantiles]:
        return _indices(fit, refitted(fit, means, covs, drawn.around(means, covs)), scaling)

    return simulated, "_robust" if robust else ""


def _ordered(fit: Estimated, draws: int, seed: int | None) -> tuple[Simulated, str]:
    """Return how the indices of ordered answers are simulated, and which ones."""
    version, streams = ordered.version_of(fit), np.random.SeedSequence(seed).spawn(draws)

    def simulated(means: np.ndarray, covs: np.ndarray) -> dict[str, Quantiles]:
        found = ordered.refitted(fit, means, covs, streams, version)
        return {index: _quantiles(getattr(found, index)) for index in INDICES}

    return simulated, version


def _indices(fit: Estimated, found: Statistics, scaling: float) -> dict[str, Quantiles]:
    excess = np.maximum(found.model - scaling * fit.df, 0.0)
    worst = np.maximum(excess, np.maximum(found.baseline - scaling * fit.baseline.df, 0.0))
    groups = len(fit.task.sample.groups)
    cfi = 1 - np.divide(excess, worst, out=np.zeros_like(excess), where=worst > 0)
    rmsea = np.sqrt(excess * groups / (fit.n * fit.df))
    return {"cfi": _quantiles(cfi), "rmsea": _quantiles(rmsea), "srmr": _quantiles(found.srmr)}


def _quantiles(values: np.ndarray) -> Quantiles:
    return lambda share: float(np.nanquantile(values, share))
