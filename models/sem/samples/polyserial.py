r"""Correlations that involve continuous items: polyserial and Pearson, with casewise scores.

Polyserial (Olsson, Drasgow & Dorans 1982, https://doi.org/10.1007/BF02294164), two steps: given thresholds, mean and
variance, ρ maximises :math:`\sum_i \log P(y_i \mid z_i)`, where :math:`P(y = k \mid z) = \Phi(u_{k+1}) - \Phi(u_k)` and
:math:`u_k = (\tau_k - \rho z) / \sqrt{1 - \rho^2}`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

_BOUND = 0.9995
_FAR = 40.0
_CLOSE = 1e-8


@dataclass(frozen=True, eq=False)
class PairScores:
    """A correlation and casewise scores.

    Attributes
    ----------
    rho
        Correlation.
    scores
        ∂log-likelihood of the pair / ∂ρ (n,).
    first, second
        Its derivatives in the parameters of the first and of the second item (n, ·): thresholds, or mean and variance.
    """

    rho: float
    scores: np.ndarray
    first: np.ndarray
    second: np.ndarray


def polyserial(codes: np.ndarray, tau: np.ndarray, z: np.ndarray, sd: float) -> PairScores:
    """Estimate the correlation of an ordinal item (codes and thresholds) and a standardised continuous one (n,)."""
    edges = np.concatenate([[-_FAR], tau, [_FAR]])
    upper, lower = edges[codes + 1], edges[codes]
    rho, low, high = 0.9 * float(np.corrcoef(codes, z)[0, 1]), -_BOUND, _BOUND
    for _ in range(60):
        slope, curvature = _slopes(rho, upper, lower, z)
        low, high = (rho, high) if slope.sum() > 0 else (low, rho)
        step = rho - slope.sum() / curvature.sum() if curvature.sum() < 0 else np.nan
        new = step if low - _CLOSE < step < high + _CLOSE else (low + high) / 2
        moved, rho = abs(new - rho), new
        if moved < _CLOSE:
            break
    root = np.sqrt(1 - rho**2)
    u, v = (upper - rho * z) / root, (lower - rho * z) / root
    probability = _interval(u, v)
    above, below = _height(u) / (root * probability), _height(v) / (root * probability)
    of_tau = np.zeros((len(z), len(tau) + 2))
    rows = np.arange(len(z))
    of_tau[rows, codes + 1] = above
    of_tau[rows, codes] = -below
    of_z = -rho * (above - below)
    moments = np.column_stack([(z - of_z) / sd, (z**2 - 1 - z * of_z) / (2 * sd**2)])
    return PairScores(rho, _slopes(rho, upper, lower, z)[0], of_tau[:, 1:-1], moments)


def pearson(y: np.ndarray, z: np.ndarray, sd_y: float, sd_z: float) -> PairScores:
    """Return the correlation of two standardised continuous items (n,) with the scores of their normal likelihood."""
    rho = float(np.mean(y * z))
    rest = 1 - rho**2
    scores = rho / rest + (y * z * (1 + rho**2) - rho * (y**2 + z**2)) / rest**2

    def moments(a: np.ndarray, b: np.ndarray, sd: float) -> np.ndarray:
        slope = (a - rho * b) / rest
        return np.column_stack([slope / sd, (a * slope - 1) / (2 * sd**2)])

    return PairScores(rho, scores, moments(y, z, sd_y), moments(z, y, sd_z))


def _height(u: np.ndarray) -> np.ndarray:
    return np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)


def _interval(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return Φ(u) − Φ(v), in the tail where it loses no digits."""
    flip = v > 0
    return np.maximum(ndtr(np.where(flip, -v, u)) - ndtr(np.where(flip, -u, v)), 1e-300)


def _slopes(rho: float, upper: np.ndarray, lower: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return first and second derivatives of log P in ρ (n,)."""
    rest = 1 - rho**2
    root = np.sqrt(rest)
    first, second = np.zeros(len(z)), np.zeros(len(z))
    ends = []
    for tau, sign in ((upper, 1.0), (lower, -1.0)):
        u = (tau - rho * z) / root
        ends.append(u)
        move = (rho * tau - z) / rest**1.5
        bend = (tau * rest + 3 * rho * (rho * tau - z)) / rest**2.5
        height = sign * _height(u)
        first += height * move
        second += height * (bend - u * move**2)
    probability = _interval(*ends)
    slope = first / probability
    return slope, second / probability - slope**2
