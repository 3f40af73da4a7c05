r"""Restricted maximum likelihood of a mixed model, from the sums of products of each entity.

With :math:`V_i = \sigma^2 (I + Z_i \Lambda \Lambda' Z_i')` everything but the triangle Λ has a closed form, and sums of
products of X, y and Z are all that the likelihood asks of the rows (Bates, Mächler, Bolker & Walker 2015,
https://doi.org/10.18637/jss.v067.i01).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from models.panel.engine.design import FloatArray
from models.panel.engine.keys import IntArray

# Half the distance of a difference, the slope at which the search ends, the steepest that counts as flat.
_STEP, _ENOUGH, _FLAT = 1e-5, 1e-4, 1e-2


@dataclass(frozen=True, eq=False)
class MixedModel:
    """The maximum: β (p,) and its covariance (p, p), covariance of the random effects (2, 2), residual variance."""

    params: FloatArray
    cov: FloatArray
    cov_random: FloatArray
    residual: float
    log_likelihood: float


def restricted_likelihood(y: FloatArray, x: FloatArray, z: FloatArray, entity: IntArray) -> MixedModel | None:
    """Maximise over two correlated random effects; None where no maximum is found.

    Parameters
    ----------
    y, x, z : (n,), (n, p) and (n, 2)
        Outcome, regressors, and those whose coefficients differ between entities; rows sorted by entity.
    entity : (n,)
        Entity of each row.
    """
    starts = np.flatnonzero(np.r_[True, np.diff(entity) != 0])
    together = np.column_stack([x, y])
    sums = _Sums(
        np.add.reduceat(z[:, :, None] * z[:, None, :], starts),
        np.add.reduceat(z[:, :, None] * together[:, None, :], starts),
        together.T @ together,
        len(y) - x.shape[1],
    )
    found = optimize.minimize(sums.criterion, [1.0, 0.0, 1.0], jac=sums.slope, method="BFGS", options={"gtol": _ENOUGH})
    if not np.abs(sums.slope(found.x)).max() < _FLAT:
        return None
    factor, triangle = sums.profile(found.x)[0], _triangle(found.x)
    root, scale = np.linalg.inv(factor[:-1, :-1]), float(factor[-1, -1] ** 2 / sums.df)
    return MixedModel(
        params=root.T @ factor[-1, :-1],
        cov=scale * root.T @ root,
        cov_random=scale * triangle @ triangle.T,
        residual=scale,
        log_likelihood=float(-found.fun / 2),
    )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of products: Z'Z (m, 2, 2) and Z'[X y] (m, 2, p + 1) of each entity, [X y]'[X y] of all; n − p."""

    inner: FloatArray
    across: FloatArray
    whole: FloatArray
    df: int

    def profile(self, theta: FloatArray) -> tuple[FloatArray, float]:
        """Factor (p + 1, p + 1) of σ² [X y]'V⁻¹[X y], and the sum of log|Vᵢ / σ²|."""
        triangle = _triangle(theta)
        inner = np.eye(2) + triangle.T @ self.inner @ triangle
        across = triangle.T @ self.across
        lost = np.tensordot(across, np.linalg.solve(inner, across), ((0, 1), (0, 1)))
        factor = np.linalg.cholesky(self.whole - lost).astype(float)
        return factor, float(np.log(np.linalg.det(inner)).sum())

    def criterion(self, theta: FloatArray) -> float:
        """−2 times the restricted log-likelihood at the best β and σ²; infinite where they have none."""
        try:
            factor, logdet = self.profile(theta)
        except np.linalg.LinAlgError:
            return np.inf
        scale = factor[-1, -1] ** 2 / self.df
        return float(logdet + 2 * np.log(np.diag(factor)[:-1]).sum() + self.df * (1 + np.log(2 * np.pi * scale)))

    def slope(self, theta: FloatArray) -> FloatArray:
        """Its derivatives by central differences."""
        shifts = _STEP * np.eye(len(theta))
        ends = [(self.criterion(theta + shift), self.criterion(theta - shift)) for shift in shifts]
        return np.array([(above - below) / (2 * _STEP) for above, below in ends])


def _triangle(theta: FloatArray) -> FloatArray:
    return np.array([[theta[0], 0.0], [theta[1], theta[2]]])
