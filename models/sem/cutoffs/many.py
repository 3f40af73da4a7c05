"""A model of continuous answers at many parameter vectors at once, each with moments of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.kernels.refits import MomentSets
from models.sem.model.matrices import DIRECTED, MEAN, Cells


@dataclass(frozen=True, eq=False)
class Many:
    """One group at parameters θ (B, q), beside the moments of B samples.

    Attributes
    ----------
    sigma, W
        Implied covariances and their inverses (B, p, p).
    apart
        Means of the samples less implied ones (B, p); zero where means are not modelled.
    covs
        Covariances of the samples (B, p, p).
    """

    cells: Cells
    L: np.ndarray
    C: np.ndarray
    eta: np.ndarray
    sigma: np.ndarray
    W: np.ndarray
    apart: np.ndarray
    covs: np.ndarray

    def discrepancy(self) -> np.ndarray:
        """Return F of maximum likelihood (B,), NaN where Σ is not positive definite."""
        sign, logdet = np.linalg.slogdet(self.sigma)
        F = logdet - np.linalg.slogdet(self.covs)[1] + np.sum(self.W * self.covs, axis=(1, 2)) - self.covs.shape[-1]
        F += np.einsum("bi,bij,bj->b", self.apart, self.W, self.apart)
        return np.where(sign > 0, F, np.nan)

    def slopes(self) -> np.ndarray:
        """Return ∂F/∂θ for the parameters of the group (B, k)."""
        cells, p = self.cells, self.cells.n_observed
        U = np.concatenate([self.L[:, :p], self.C[:, :p]], axis=2)
        e = self.apart[:, None] @ self.W
        G = self.W - self.W @ self.covs @ self.W - e.transpose(0, 2, 1) @ e
        ends = U.transpose(0, 2, 1) @ G @ U
        weights = np.zeros((len(U), len(cells.kind)))
        directed = cells.of_kind[DIRECTED]
        weights[:, directed] = self.eta[:, cells.column[directed]]
        weights[:, cells.of_kind[MEAN]] = 1.0
        return 2 * (cells.s * ends[:, cells.u, cells.w] - weights * (e @ U)[:, 0, cells.u])

    def residuals(self, means: bool) -> np.ndarray:
        """Return the root mean square of standardised residuals (B,), those of the means included if asked for."""
        i, j = np.tril_indices(self.covs.shape[-1])
        spread = np.sqrt(np.diagonal(self.covs, axis1=1, axis2=2))
        squares = ((self.covs - self.sigma)[:, i, j] / (spread[:, i] * spread[:, j])) ** 2
        if means:
            squares = np.hstack([squares, (self.apart / spread) ** 2])
        return np.sqrt(squares.mean(axis=1))


def many(cells: Cells, theta: np.ndarray, sets: MomentSets, g: int, means: bool) -> Many:
    """Return group g of a model at θ (B, q), beside the moments of the samples."""
    values, p = theta[:, cells.theta], cells.n_observed
    A, S, m = (np.tile(x, (len(theta), *[1] * x.ndim)) for x in (cells.directed, cells.symmetric, cells.mean))
    directed, symmetric, intercepts, *_ = cells.of_kind
    row, column = cells.row, cells.column
    A[:, row[directed], column[directed]] = values[:, directed]
    S[:, row[symmetric], column[symmetric]] = S[:, column[symmetric], row[symmetric]] = values[:, symmetric]
    m[:, row[intercepts]] = values[:, intercepts]
    L = np.linalg.inv(np.eye(A.shape[1]) - A)
    C = L @ S @ L.transpose(0, 2, 1)
    eta = (L @ m[:, :, None])[:, :, 0]
    sigma = C[:, :p, :p]
    apart = sets.means[:, g] - eta[:, :p] if means else np.zeros((len(theta), p))
    return Many(cells, L, C, eta, sigma, np.linalg.inv(sigma), apart, sets.covs[:, g])
