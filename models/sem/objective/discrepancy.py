r"""Discrepancy functions of complete samples: maximum likelihood and generalised least squares.

With :math:`d = \bar{x} - \mu`,

.. math::
    F_{ML} &= \log|\Sigma| + \mathrm{tr}(S\Sigma^{-1}) - \log|S| - p + d'\Sigma^{-1}d \\
    F_{GLS} &= \tfrac12 \mathrm{tr}[(S^{-1}(S - \Sigma))^2] + d'S^{-1}d

Sources: Jöreskog (1967, https://doi.org/10.1007/BF02289658), Browne (1974, South African Statistical Journal 8, 1–24).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.sem.model.linear_algebra import inverse
from models.sem.model.matrices import Implied
from models.sem.objective.derivatives import Slope
from models.sem.samples.sample import GroupSample


class Discrepancy(Protocol):
    """A discrepancy of one group's moments; it survives a change of process."""

    def value(self, state: Implied) -> float:
        """F at implied moments, infinite where Σ is not positive definite."""
        ...

    def slope(self, state: Implied) -> Slope:
        """Its derivatives with respect to the moments."""
        ...


@dataclass(frozen=True, eq=False)
class MaximumLikelihood:
    """F_ML of a group, with its means or without."""

    S: np.ndarray
    mean: np.ndarray
    constant: float
    means: bool

    def value(self, state: Implied) -> float:
        """F_ML."""
        if state.factor is None:
            return np.inf
        W = state.precision
        result = 2 * np.log(state.factor.diagonal()).sum() + np.vdot(W, self.S) - self.constant
        if self.means:
            d = self.mean - state.mu
            result += d @ W @ d
        return float(result)

    def slope(self, state: Implied) -> Slope:
        """Its derivatives."""
        W = state.precision
        d = self.mean - state.mu if self.means else np.zeros(len(self.S))
        e = W @ d
        N = W @ self.S @ W + np.outer(e, e)
        N = (N + N.T) / 2
        return Slope(W - N, e, W, N, self.means)


@dataclass(frozen=True, eq=False)
class GeneralisedLeastSquares:
    """F_GLS of a group, with its means or without; V weighs."""

    S: np.ndarray
    mean: np.ndarray
    V: np.ndarray
    means: bool

    def value(self, state: Implied) -> float:
        """F_GLS."""
        E = self.V @ (self.S - state.sigma)
        d = self._distance(state)
        return float(0.5 * np.sum(E * E.T) + d @ self.V @ d)

    def slope(self, state: Implied) -> Slope:
        """Its derivatives."""
        V = self.V
        return Slope(-V @ (self.S - state.sigma) @ V, V @ self._distance(state), V, V, False)

    def _distance(self, state: Implied) -> np.ndarray:
        return self.mean - state.mu if self.means else np.zeros(len(self.S))


def maximum_likelihood(sample: GroupSample, means: bool) -> Discrepancy:
    """Return the normal-theory discrepancy F_ML."""
    return MaximumLikelihood(sample.cov, sample.mean, np.linalg.slogdet(sample.cov)[1] + len(sample.cov), means)


def generalised_least_squares(sample: GroupSample, means: bool) -> Discrepancy:
    """Return F_GLS with the inverse sample covariance as the weight."""
    return GeneralisedLeastSquares(sample.cov, sample.mean, inverse(sample.cov), means)
