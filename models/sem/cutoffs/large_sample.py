r"""Dynamic cut-offs without draws: the statistic of a misspecified model is noncentral chi-square in large samples.

Its noncentrality is what the model cannot reproduce of the moments of the population (Steiger, Shapiro & Browne 1985,
https://doi.org/10.1007/BF02294104).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.sem.cutoffs.levels import INDICES, DynamicCutoffs, Quantiles, between, collected, populations
from models.sem.cutoffs.omitted import Level
from models.sem.errors import ArgumentError
from models.sem.inference.estimated import Estimated
from models.sem.inference.fit_measures import corrections
from models.sem.kernels.refits import at_sample
from models.sem.samples.sample import GroupSample, Sample
from models.sem.solving.minimise import minimise
from models.statistics.distributions import noncentral_quantile


def large_sample_cutoffs(
    fit: Estimated, levels: Sequence[Level] | None = None, most: int = 3, correlation: float = 0.3
) -> DynamicCutoffs:
    """Return cut-offs of CFI and RMSEA from the noncentral chi-square distribution.

    Parameters
    ----------
    fit : Fit
        A model of continuous or ordered answers, of one group or several.
    levels : sequence of tuple of Omitted, optional
        What the misspecified models leave out; by default as in `dynamic_cutoffs`.
    most : int
        Number of levels, where they are not given.
    correlation : float
        Residual correlation of the items of a single factor.

    Returns
    -------
    DynamicCutoffs
        Of the robust indices where the fit has them, with ordered items of the scaled ones.

    Raises
    ------
    ArgumentError
        For an estimator whose test is not chi-square distributed.

    Examples
    --------
    >>> from models import sem
    >>> text = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3; a ~~ 0.4*b"
    >>> fit = sem.fit(text.replace("0.4*", ""), sem.simulate(text, 300, seed=1))
    >>> sem.large_sample_cutoffs(fit).table["index"].tolist()
    ['cfi', 'rmsea']
    """
    wrong = populations(fit, levels, most, correlation)
    if not wrong:
        return collected((), [], "")
    test, rows = _test(fit), []
    for k, moments in enumerate(wrong.values(), 1):
        misfit, worst = _noncentrality(fit, *moments), _noncentrality(fit.baseline, *moments) / test.baseline
        quantiles = _quantiles(fit, test, 0.0, worst), _quantiles(fit, test, misfit, worst)
        rows += [
            {"level": k, "index": index} | between(quantiles[0][index], quantiles[1][index], INDICES[index])
            for index in quantiles[0]
        ]
    return collected(list(wrong), rows, test.version)


@dataclass(frozen=True)
class _Test:
    """How the indices of a version read the statistic.

    Attributes
    ----------
    scaling
        What the statistic is divided by to be chi-square distributed.
    kept
        Whether the indices take it with that factor.
    baseline
        What that of the independence model is divided by.
    """

    version: str
    scaling: float
    kept: bool
    baseline: float


def _test(fit: Estimated) -> _Test:
    if not fit.problem.sample.ordinal:
        model, _ = corrections(fit)
        robust = fit.scaled_test is not None or fit.problem.sample.kind == "incomplete"
        return _Test("_robust" if robust else "", model.scaling, True, 1.0)
    own, none = fit.scaled_test, fit.baseline.scaled_test
    if own is None or none is None:
        raise ArgumentError(f"estimator='{fit.settings.estimator}' has no test of fit; fit the model with 'WLSMV'.")
    return _Test("_scaled", own.scaling, False, none.scaling)


def _quantiles(fit: Estimated, test: _Test, misfit: float, worst: float) -> dict[str, Quantiles]:
    groups = len(fit.problem.sample.groups)
    n = fit.n if fit.problem.estimator == "ML" else fit.n - groups

    def excess(share: float) -> float:
        value = noncentral_quantile(share, fit.df, misfit / test.scaling) - fit.df
        return max(value, 0.0) * (test.scaling if test.kept else 1.0)

    return {
        "cfi": lambda share: 1 - excess(1 - share) / max(worst, excess(1 - share)),
        "rmsea": lambda share: float(np.sqrt(excess(share) * groups / (n * fit.df))),
    }


def _noncentrality(fit: Estimated, means: np.ndarray, covs: np.ndarray) -> float:
    """Return the statistic of a model at the moments of a population, those of latent responses where ordered."""
    groups = tuple(
        replace(group, mean=mean, cov=cov, data=None, clusters=None, rows=None)
        if group.ordinal is None
        else _ordered(group, cov)
        for group, mean, cov in zip(fit.problem.sample.groups, means, covs, strict=True)
    )
    task = at_sample(fit.problem, Sample(fit.problem.sample.names, groups))
    return 2 * fit.n * minimise(task.objective, task.constraints, fit.theta).value


def _ordered(group: GroupSample, cov: np.ndarray) -> GroupSample:
    moments = group.ordinal
    assert moments is not None
    i, j = moments.pairs
    observed = moments.observed.copy()
    observed[len(observed) - len(i) :] = cov[i, j]
    return replace(group, cov=cov, ordinal=replace(moments, observed=observed, cov=cov))
