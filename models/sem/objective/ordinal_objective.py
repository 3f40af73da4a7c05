r"""Diagonally weighted least squares in the moments of ordinal answers.

:math:`F = \sum_k w_k (s_k - \sigma_k(\theta))^2` with :math:`w = 1 / \mathrm{diag}\,\Gamma` (Muthén, du Toit & Spisic
1997), where σ holds :math:`c(\tau - \mu)` or μ of every item, the variances of continuous items, and
:math:`c_i c_j \sigma_{ij}` of all pairs. All derivatives are assembled from those of μ, Σ, τ and c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.model.matrices import (
    DIRECTED,
    MEAN,
    SCALE,
    SYMMETRIC,
    THRESHOLD,
    Cells,
    Implied,
    Structure,
    implied,
    jacobian,
)
from models.sem.model.ordinal_cells import OrdinalCells
from models.sem.objective.derivatives import second_order
from models.sem.objective.objective import Objective
from models.sem.samples.ordinal_statistics import OrdinalMoments
from models.sem.samples.sample import Sample


@dataclass(frozen=True, eq=False)
class _Slopes:
    """∂μ (p, q), ∂Σ (p, p, q), ∂τ (t, q) and ∂c (p, q)."""

    mu: np.ndarray
    sigma: np.ndarray
    tau: np.ndarray
    scale: np.ndarray


@dataclass(frozen=True, eq=False)
class OrdinalGroup:
    """F of one group.

    Attributes
    ----------
    sample
        Moments of the group.
    weights
        Weight of each moment (m,).
    """

    sample: OrdinalMoments
    weights: np.ndarray

    def value(self, state: Implied) -> float:
        """Return F, infinite where a latent response has no variance."""
        moments = self.moments(state)
        if not np.isfinite(moments).all():
            return np.inf
        return float(np.sum(self.weights * (self.sample.observed - moments) ** 2))

    def moments(self, state: Implied) -> np.ndarray:
        """Return σ(θ) (m,)."""
        s, (i, j) = self.sample, self.sample.pairs
        scale = state.scale[s.owner]
        location = np.where(s.ordinal[s.owner], scale * (self._tau(state) - state.mu[s.owner]), state.mu[s.owner])
        variances = np.diag(_latent(state))[~s.ordinal]
        return np.concatenate([location, variances, state.scale[i] * state.scale[j] * _latent(state)[i, j]])

    def _tau(self, state: Implied) -> np.ndarray:
        tau = np.zeros(len(self.sample.owner))
        tau[self.sample.ordinal[self.sample.owner]] = state.tau
        return tau

    def gradient(self, cells: Cells, state: Implied) -> np.ndarray:
        """Return ∂F/∂θ."""
        residual = self.weights * (self.sample.observed - self.moments(state))
        return -2 * self.jacobian(cells, state).T @ residual

    def jacobian(self, cells: Cells, state: Implied) -> np.ndarray:
        """Return ∂σ/∂θ (m, q)."""
        return self._jacobian(state, _slopes(cells, state))

    def _jacobian(self, state: Implied, slopes: _Slopes) -> np.ndarray:
        s, (i, j) = self.sample, self.sample.pairs
        own = s.owner
        location = slopes.mu[own]
        cut = s.ordinal[own]
        at = own[cut]
        gap = state.tau - state.mu[at]
        location[cut] = state.scale[at, None] * (slopes.tau - slopes.mu[at]) + gap[:, None] * slopes.scale[at]
        variances = np.flatnonzero(~s.ordinal)
        c, sigma = state.scale, _latent(state)[i, j]
        pairs = (c[i] * c[j])[:, None] * slopes.sigma[i, j]
        if slopes.scale.any():
            pairs += (sigma * c[j])[:, None] * slopes.scale[i] + (sigma * c[i])[:, None] * slopes.scale[j]
        return np.vstack([location, slopes.sigma[variances, variances], pairs])

    def hessian(self, cells: Cells, state: Implied, exact: bool) -> np.ndarray:
        """Return ∂²F/∂θ∂θ', exact or without the curvature of the moments."""
        slopes = _slopes(cells, state)
        delta = self._jacobian(state, slopes)
        result = 2 * delta.T @ (self.weights[:, None] * delta)
        if exact and _ordinal(cells).delta and _residuals_matter(_ordinal(cells), state.L[: cells.n_observed]):
            return self._differences(cells, state)
        if exact:
            result -= 2 * self._curvature(cells, state, slopes)
        return result

    def _differences(self, cells: Cells, state: Implied) -> np.ndarray:
        """Return the exact Hessian by central differences: residual variances move with everything here."""
        theta = np.zeros(cells.theta.stop)
        theta[cells.theta] = values = _free_values(cells, state)
        columns = []
        for k, h in enumerate(1e-5 * np.maximum(np.abs(values), 0.1)):
            ends = []
            for sign in (1, -1):
                theta[cells.theta.start + k] = values[k] + sign * h
                ends.append(self.gradient(cells, implied(cells, theta)))
            theta[cells.theta.start + k] = values[k]
            columns.append((ends[0] - ends[1]) / (2 * h))
        result = np.array(columns)
        return (result + result.T) / 2

    def _curvature(self, cells: Cells, state: Implied, slopes: _Slopes) -> np.ndarray:
        """Return Σ_k w_k (s_k − σ_k) ∂²σ_k (q, q)."""
        s, (i, j) = self.sample, self.sample.pairs
        pull = self.weights * (s.observed - self.moments(state))
        t, p = len(s.owner), len(s.ordinal)
        cut = s.ordinal[s.owner]
        location, variances, pairs = pull[:t], pull[t : len(pull) - len(i)], pull[len(pull) - len(i) :]
        c, at = state.scale, s.owner[cut]
        on_mean = np.bincount(s.owner, np.where(cut, -c[s.owner] * location, location), p)
        on_sigma = np.zeros((p, p))
        on_sigma[i, j] = c[i] * c[j] * pairs / 2
        on_sigma += on_sigma.T
        continuous = np.flatnonzero(~s.ordinal)
        on_sigma[continuous, continuous] = variances
        on_scale = np.bincount(at, location[cut] * (state.tau - state.mu[at]), p)
        result = np.zeros((slopes.mu.shape[1],) * 2)
        if slopes.scale.any():
            between = np.zeros((p, p))
            between[i, j] = pairs * _latent(state)[i, j]
            between += between.T
            on_scale += between @ c
            cross = np.zeros_like(slopes.scale)
            np.add.at(cross, at, location[cut, None] * (slopes.tau - slopes.mu[at]))
            cross += between @ slopes.scale / 2
            strength = np.zeros((p, p))
            strength[i, j] = pairs
            strength += strength.T
            cross += np.einsum("ij,j,ijq->iq", strength, c, slopes.sigma, optimize=True)
            outer = slopes.scale.T @ cross
            result += outer + outer.T
            if not _ordinal(cells).delta:
                result += _scale_curvature(_ordinal(cells), state, slopes, on_scale, on_sigma)
        U = state.U
        return result + _moment_curvature(cells, state, U.T @ on_sigma @ U, U.T @ on_mean)


def ordinal_objective(structure: Structure, sample: Sample, discrepancy: str) -> Objective:
    """Return the objective: ``"DWLS"`` weighs by the inverse variances of the moments, ``"ULS"`` all equally.

    The groups weigh n − 1, as in lavaan.
    """
    groups = []
    for group in sample.groups:
        assert group.ordinal is not None
        m = len(group.ordinal.observed)
        groups.append(
            OrdinalGroup(group.ordinal, 1 / np.diag(group.ordinal.gamma) if discrepancy == "DWLS" else np.ones(m))
        )
    return Objective(structure, tuple(groups), tuple((group.n - 1) / sample.n for group in sample.groups))


def _ordinal(cells: Cells) -> OrdinalCells:
    assert cells.ordinal is not None
    return cells.ordinal


def _latent(state: Implied) -> np.ndarray:
    """Return the covariance matrix of the latent responses (p, p)."""
    p = len(state.mu)
    return state.C[:p, :p]


def _moment_curvature(cells: Cells, state: Implied, H: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Return tr(Ω ∂²Σ) + e'∂²μ from H = U'ΩU and f = U'e."""
    return second_order(cells, state, H, -f / 2)


def _scale_curvature(
    ordinal: OrdinalCells, state: Implied, slopes: _Slopes, on_scale: np.ndarray, on_sigma: np.ndarray
) -> np.ndarray:
    """Add what moves with c = 1 / σ: the part through ∂²Σ to `on_sigma`, the rest as a matrix (q, q)."""
    o = ordinal.items
    variance = np.diag(_latent(state))[o]
    own = slopes.sigma[o, o]
    on_sigma[o, o] -= on_scale[o] * variance**-1.5 / 2
    return own.T @ ((0.75 * on_scale[o] * variance**-2.5)[:, None] * own)


def _free_values(cells: Cells, state: Implied) -> np.ndarray:
    """Return the free parameters of the group (q,) from its matrices."""
    vectors = {MEAN: state.m, THRESHOLD: state.tau, SCALE: state.scale}
    matrices = {DIRECTED: state.A, SYMMETRIC: state.S}
    places = zip(cells.kind, cells.row, cells.column, strict=True)
    return np.array([vectors[k][i] if k in vectors else matrices[k][i, j] for k, i, j in places])


def _slopes(cells: Cells, state: Implied) -> _Slopes:
    ordinal = _ordinal(cells)
    dmu, dsigma = jacobian(cells, state)
    p, q = dmu.shape
    dtau, dscale = np.zeros((len(state.tau), q)), np.zeros((p, q))
    k = np.flatnonzero(cells.kind == THRESHOLD)
    dtau[cells.row[k], k] = 1.0
    k = np.flatnonzero(cells.kind == SCALE)
    dscale[cells.row[k], k] = 1.0
    o = ordinal.items
    if not ordinal.delta:
        dscale[o] = -0.5 * (np.diag(_latent(state))[o] ** -1.5)[:, None] * dsigma[o, o]
    elif _residuals_matter(ordinal, state.L[:p]):
        target = -2 * (state.scale[o] ** -3)[:, None] * dscale[o]
        dresidual = np.linalg.solve(state.L[np.ix_(o, o)] ** 2, target - dsigma[o, o])
        T = state.L[:p, o]
        dsigma = dsigma + np.einsum("io,jo,oq->ijq", T, T, dresidual, optimize=True)
    return _Slopes(dmu, dsigma, dtau, dscale)


def _residuals_matter(ordinal: OrdinalCells, T: np.ndarray) -> bool:
    """Return whether the residual of an ordinal item reaches another item, so that covariances depend on it."""
    reach = T[:, ordinal.items] != 0
    return bool(reach.sum() > len(ordinal.items))
