r"""Least squares in the moments: :math:`F = (s - \sigma(\theta))' V (s - \sigma(\theta))` with a fixed weight V.

With V the identity this is unweighted least squares; a diagonal V from the asymptotic covariance gives DWLS (Browne
1984, https://doi.org/10.1111/j.2044-8317.1984.tb00789.x). Moments are (μ, vech Σ), each covariance counted once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.model.matrices import Cells, Implied, jacobian
from models.sem.objective.derivatives import second_order
from models.sem.samples.sample import GroupSample


@dataclass(frozen=True, eq=False)
class LeastSquaresGroup:
    """F of one group with a diagonal weight.

    Attributes
    ----------
    mean, cov
        Sample moments (p,) and (p, p).
    mean_weight, cov_weight
        Weights of the means (p,) and of the lower triangle of the covariances (p*,).
    """

    mean: np.ndarray
    cov: np.ndarray
    mean_weight: np.ndarray
    cov_weight: np.ndarray

    def _residuals(self, state: Implied) -> tuple[np.ndarray, np.ndarray]:
        return self.mean - state.mu, (self.cov - state.sigma)[np.tril_indices(len(self.mean))]

    def value(self, state: Implied) -> float:
        """Return F."""
        d, r = self._residuals(state)
        return float(np.sum(self.mean_weight * d**2) + np.sum(self.cov_weight * r**2))

    def _delta(self, cells: Cells, state: Implied) -> tuple[np.ndarray, np.ndarray]:
        dmu, dsigma = jacobian(cells, state)
        return dmu, dsigma[np.tril_indices(len(self.mean))]

    def gradient(self, cells: Cells, state: Implied) -> np.ndarray:
        """Return ∂F/∂θ."""
        d, r = self._residuals(state)
        dmu, delta = self._delta(cells, state)
        return -2 * (dmu.T @ (self.mean_weight * d) + delta.T @ (self.cov_weight * r))

    def hessian(self, cells: Cells, state: Implied, exact: bool) -> np.ndarray:
        """Return ∂²F/∂θ∂θ', exact or without the curvature of the moments."""
        dmu, delta = self._delta(cells, state)
        result = 2 * (dmu.T @ (self.mean_weight[:, None] * dmu) + delta.T @ (self.cov_weight[:, None] * delta))
        if exact:
            d, r = self._residuals(state)
            omega = np.zeros_like(self.cov)
            omega[np.tril_indices(len(d))] = -self.cov_weight * r
            omega += omega.T
            result += second_order(cells, state, state.U.T @ omega @ state.U, state.U.T @ (self.mean_weight * d))
        return result


def unweighted(sample: GroupSample, means: bool) -> LeastSquaresGroup:
    """Return F_ULS of one group."""
    p = len(sample.mean)
    return LeastSquaresGroup(sample.mean, sample.cov, np.full(p, float(means)), np.ones(p * (p + 1) // 2))
