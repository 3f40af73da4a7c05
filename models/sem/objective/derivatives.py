r"""Gradient, information and Hessian of any discrepancy through one path: gathers from products of U.

A discrepancy F(Σ, μ) enters by four things: Ω = ∂F/∂Σ, a vector e = −½ ∂F/∂μ, the weight W of the expected information
and the weight N of the curvature. With U from `models.sem.model.matrices`, all sums over variables are in
the small matrices U'ΩU, U'WU, U'NU and U'e; the derivatives are gathers from these. Derivation: Neudecker &
Satorra (1991, https://doi.org/10.1007/BF02294580), written for cells of rank two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.model.matrices import DIRECTED, MEAN, SYMMETRIC, Cells, Implied, mean_weights


@dataclass(frozen=True, eq=False)
class Slope:
    """First and second derivatives of a discrepancy F with respect to the moments.

    Attributes
    ----------
    omega
        ∂F/∂Σ (p, p), symmetric, counting both triangles once: dF = tr(Ω dΣ).
    e
        −½ ∂F/∂μ (p,).
    W, N
        d²F in Σ is 2 tr(N dΣ W dΣ) − tr(W dΣ W dΣ), in μ it is 2 dμ' W dμ; both (p, p).
    mixed
        Whether F mixes mean and covariance: d²F = 4 dμ' W dΣ e then (maximum likelihood).
    """

    omega: np.ndarray
    e: np.ndarray
    W: np.ndarray
    N: np.ndarray
    mixed: bool


def gradient(cells: Cells, state: Implied, slope: Slope) -> np.ndarray:
    """Return ∂F/∂θ of one group (q,)."""
    H = state.U.T @ slope.omega @ state.U
    f = state.U.T @ slope.e
    return 2 * cells.s * H[cells.u, cells.w] - 2 * mean_weights(cells, state) * f[cells.u]


def expected_hessian(cells: Cells, state: Implied, W: np.ndarray) -> np.ndarray:
    """Return tr(W ∂Σ W ∂Σ) + 2 ∂μ' W ∂μ of one group (q, q): twice the unit information under normality."""
    Guu, Guw, Gww = _of_pairs(cells, state, W)
    result = cells.factors * (Guu * Gww + Guw * Guw.T)
    c = mean_weights(cells, state)
    if c.any():
        result += 2 * c[:, None] * c * Guu
    return result


def exact_hessian(cells: Cells, state: Implied, slope: Slope) -> np.ndarray:
    """Return ∂²F/∂θ∂θ' of one group (q, q).

    With M = N − W / 2 the curvature in Σ is 2 tr(M dΣ W dΣ).
    """
    U, u, w, s = state.U, cells.u, cells.w, cells.s
    Guu, Guw, Gww = _of_pairs(cells, state, slope.W)
    Muu, Muw, Mww = _of_pairs(cells, state, slope.N - slope.W / 2)
    crossed = Muw * Guw.T
    result = cells.factors * (crossed + crossed.T + Muu * Gww + Mww * Guu)
    c, f = mean_weights(cells, state), U.T @ slope.e
    if c.any():
        result += 2 * c[:, None] * c * Guu
        if slope.mixed:
            mixed = 2 * c[:, None] * s * (Guu * f[w] + Guw * f[u])
            result += mixed + mixed.T
    return result + second_order(cells, state, U.T @ slope.omega @ U, f)


def _of_pairs(cells: Cells, state: Implied, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return u'Mu, u'Mw and w'Mw of all pairs of cells, each (q, q)."""
    product = state.U.T @ matrix @ state.U
    uu, uw, ww = cells.pairs
    return product.take(uu), product.take(uw), product.take(ww)


def second_order(cells: Cells, state: Implied, H: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Return tr(Ω ∂²Σ) − 2 e'∂²μ (q, q) from H = U'ΩU and f = U'e: only directed cells move the columns of U."""
    L, v = state.L, len(state.L)
    result = np.zeros((len(cells.u), len(cells.u)))
    a, b, m = (cells.of_kind[kind] for kind in (DIRECTED, SYMMETRIC, MEAN))
    i, j, down = cells.row[a], cells.column[a], a[:, None]
    reach, strength = L.take(j, axis=0), H.take(i, axis=0)
    direct = reach.take(i, axis=1)
    pairs = direct * (strength.take(v + j, axis=1) - f[i][:, None] * state.eta[j])
    result[down, a] = 2 * (pairs + pairs.T + state.C.take(j, axis=0).take(j, axis=1) * strength.take(i, axis=1))
    r, k = cells.row[b], cells.column[b]
    block = reach.take(k, axis=1) * strength.take(r, axis=1) + reach.take(r, axis=1) * strength.take(k, axis=1)
    block *= 2 * cells.s[b]
    result[down, b], result[b[:, None], a] = block, block.T
    if len(m):
        block = -2 * reach.take(cells.row[m], axis=1) * f[i][:, None]
        result[down, m], result[m[:, None], a] = block, block.T
    return result
