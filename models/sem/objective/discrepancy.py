r"""Discrepancy functions of complete samples: maximum likelihood and generalised least squares.

With :math:`d = \bar{x} - \mu`,

.. math::
    F_{ML} &= \log|\Sigma| + \mathrm{tr}(S\Sigma^{-1}) - \log|S| - p + d'\Sigma^{-1}d \\
    F_{GLS} &= \tfrac12 \mathrm{tr}[(S^{-1}(S - \Sigma))^2] + d'S^{-1}d

Sources: Jöreskog (1967, https://doi.org/10.1007/BF02289658), Browne (1974, South African Statistical Journal 8, 1–24).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.sem.model.linear_algebra import inverse
from models.sem.model.matrices import Implied
from models.sem.objective.derivatives import Slope
from models.sem.samples.sample import GroupSample


@dataclass(frozen=True, eq=False)
class Discrepancy:
    """A discrepancy of one group's moments.

    Attributes
    ----------
    value
        F at implied moments, infinite where Σ is not positive definite.
    slope
        Its derivatives with respect to the moments.
    """

    value: Callable[[Implied], float]
    slope: Callable[[Implied], Slope]


def maximum_likelihood(sample: GroupSample, means: bool) -> Discrepancy:
    """Return the normal-theory discrepancy F_ML."""
    S, p = sample.cov, len(sample.cov)
    constant = np.linalg.slogdet(S)[1] + p

    def value(state: Implied) -> float:
        if state.factor is None:
            return np.inf
        W = state.precision
        result = 2 * np.log(state.factor.diagonal()).sum() + np.vdot(W, S) - constant
        if means:
            d = sample.mean - state.mu
            result += d @ W @ d
        return float(result)

    def slope(state: Implied) -> Slope:
        W = state.precision
        d = sample.mean - state.mu if means else np.zeros(p)
        e = W @ d
        N = W @ S @ W + np.outer(e, e)
        N = (N + N.T) / 2
        return Slope(W - N, e, W, N, means)

    return Discrepancy(value, slope)


def generalised_least_squares(sample: GroupSample, means: bool) -> Discrepancy:
    """Return F_GLS with the inverse sample covariance as the weight."""
    V, S, p = inverse(sample.cov), sample.cov, len(sample.cov)

    def value(state: Implied) -> float:
        E = V @ (S - state.sigma)
        d = sample.mean - state.mu if means else np.zeros(p)
        return float(0.5 * np.sum(E * E.T) + d @ V @ d)

    def slope(state: Implied) -> Slope:
        d = sample.mean - state.mu if means else np.zeros(p)
        return Slope(-V @ (S - state.sigma) @ V, V @ d, V, V, False)

    return Discrepancy(value, slope)
