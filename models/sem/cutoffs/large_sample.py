r"""Dynamic cut-offs without draws: the statistic of a misspecified model is noncentral chi-square in large samples.

Its noncentrality is what the model cannot reproduce of the moments of the population (Steiger, Shapiro & Browne 1985,
https://doi.org/10.1007/BF02294104).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
from models.sem.errors import ArgumentError
from models.sem.inference.estimated import Estimated
from models.sem.inference.fit_indices import corrections
from models.sem.kernels.refits import at_moments
from models.sem.solving.apart import apart
from models.sem.solving.minimise import minimise
from models.statistics.distributions import noncentral_quantile


def large_sample_cutoffs(
    fit: Estimated, levels: Sequence[Level] | None = None, most: int = 3, correlation: float = 0.3
) -> DynamicCutoffs:
    """Return cut-offs of CFI and RMSEA from the noncentral chi-square distribution.

    Parameters
    ----------
    fit : Fit
        A model of continuous answers by maximum likelihood, of one group or several.
    levels : sequence of tuple of Omitted, optional
        What the misspecified models leave out; by default as in `dynamic_cutoffs`.
    most : int
        Number of levels, where they are not given.
    correlation : float
        Residual correlation of the items of a single factor.

    Returns
    -------
    DynamicCutoffs
        Of the robust indices where the fit has them.

    Raises
    ------
    ArgumentError
        For a model of ordered items, or one not estimated by maximum likelihood.

    Examples
    --------
    >>> from models import sem
    >>> text = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3; a ~~ 0.4*b"
    >>> fit = sem.fit(text.replace("0.4*", ""), sem.simulate(text, 300, seed=1))
    >>> sem.large_sample_cutoffs(fit).table["index"].tolist()
    ['cfi', 'rmsea']
    """
    require_likelihood(fit)
    if fit.task.sample.is_ordinal:
        raise ArgumentError(
            "The statistic of ordered items is not noncentral chi-square; sem.dynamic_cutoffs simulates their cut-offs."
        )
    wrong = populations(fit, levels, most, correlation)
    if not wrong:
        return collected((), [], "")
    scaling, rows = corrections(fit)[0].scaling, []
    for k, moments in enumerate(wrong.values(), 1):
        misfit, worst = _noncentrality(fit, *moments), _noncentrality(fit.baseline, *moments)
        quantiles = _quantiles(fit, scaling, 0.0, worst), _quantiles(fit, scaling, misfit, worst)
        rows += [
            {"level": k, "index": index} | between(quantiles[0][index], quantiles[1][index], INDICES[index])
            for index in quantiles[0]
        ]
    return collected(list(wrong), rows, "_robust" if is_robust(fit) else "")


def _quantiles(fit: Estimated, scaling: float, misfit: float, worst: float) -> dict[str, Quantiles]:
    groups = len(fit.task.sample.groups)

    def excess(share: float) -> float:
        return max(noncentral_quantile(share, fit.df, misfit / scaling) - fit.df, 0.0) * scaling

    return {
        "cfi": lambda share: 1 - excess(1 - share) / max(worst, excess(1 - share)),
        "rmsea": lambda share: float(np.sqrt(excess(share) * groups / (fit.n * fit.df))),
    }


def _noncentrality(fit: Estimated, means: np.ndarray, covs: np.ndarray) -> float:
    """Return the statistic of a model at the moments of a population."""
    task = at_moments(fit.task, means, covs, np.array([group.n for group in fit.task.sample.groups]))
    parts = apart(task.objective, task.constraints)
    return 2 * fit.n * sum(minimise(part.objective, part.constraints, fit.theta[part.at]).value for part in parts)
