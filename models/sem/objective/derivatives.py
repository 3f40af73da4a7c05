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
        d²F in Σ is 2 tr(N dΣ W dΣ) − tr(W dΣ W dΣ), both (p, p).
    V
        d²F in μ is 2 dμ' V dμ.
    mixed
        Whether F mixes mean and covariance: d²F = 4 dμ' W dΣ e then (maximum likelihood).
    """

    omega: np.ndarray
    e: np.ndarray
    W: np.ndarray
    N: np.ndarray
    V: np.ndarray
    mixed: bool


def gradient(cells: Cells, state: Implied, slope: Slope) -> np.ndarray:
    """Return ∂F/∂θ of one group (q,)."""
    H = state.U.T @ slope.omega @ state.U
    f = state.U.T @ slope.e
    return 2 * cells.s * H[cells.u, cells.w] - 2 * mean_weights(cells, state) * f[cells.u]


def expected_hessian(cells: Cells, state: Implied, W: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Return tr(W ∂Σ W ∂Σ) + 2 ∂μ' V ∂μ of one group (q, q): twice the unit information under normality."""
    u, w, s = cells.u, cells.w, cells.s
    rows = state.U.T @ W
    G = rows @ state.U
    Gu, Gw = G[u], G[w]
    cross = Gu[:, w]
    result = (2 * s[:, None] * s) * (Gu[:, u] * Gw[:, w] + cross * cross.T)
    c = mean_weights(cells, state)
    if c.any():
        T = state.U[:, u] * c
        result += 2 * T.T @ V @ T
    return result


def exact_hessian(cells: Cells, state: Implied, slope: Slope) -> np.ndarray:
    """Return ∂²F/∂θ∂θ' of one group (q, q)."""
    U, u, w, s = state.U, cells.u, cells.w, cells.s
    c = mean_weights(cells, state)
    G, N, H, f = U.T @ slope.W @ U, U.T @ slope.N @ U, U.T @ slope.omega @ U, U.T @ slope.e
    Guu, Guw, Gww = G[np.ix_(u, u)], G[np.ix_(u, w)], G[np.ix_(w, w)]
    Nuu, Nuw, Nww = N[np.ix_(u, u)], N[np.ix_(u, w)], N[np.ix_(w, w)]
    ss = 2 * s[:, None] * s
    result = ss * (Nuw * Guw.T + Nuu * Gww + Nww * Guu + Nuw.T * Guw - Guu * Gww - Guw * Guw.T)
    if c.any():
        T = U[:, u] * c
        result += 2 * T.T @ slope.V @ T
        if slope.mixed:
            mixed = 2 * c[:, None] * s * (Guu * f[w] + Guw * f[u])
            result += mixed + mixed.T
    return result + second_order(cells, state, H, f)


def second_order(cells: Cells, state: Implied, H: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Return tr(Ω ∂²Σ) − 2 e'∂²μ (q, q) from H = U'ΩU and f = U'e: only directed cells move the columns of U."""
    L, C, v = state.L, state.C, len(state.L)
    result = np.zeros((len(cells.u), len(cells.u)))
    a, b, m = (np.flatnonzero(cells.kind == kind) for kind in (DIRECTED, SYMMETRIC, MEAN))
    i, j = cells.row[a], cells.column[a]
    reach = L[np.ix_(j, i)]
    pairs = reach * H[np.ix_(i, v + j)]
    result[np.ix_(a, a)] = 2 * (pairs + pairs.T + C[np.ix_(j, j)] * H[np.ix_(i, i)])
    pairs = reach * np.outer(f[i], state.eta[j])
    result[np.ix_(a, a)] -= 2 * (pairs + pairs.T)
    r, k = cells.row[b], cells.column[b]
    block = (L[np.ix_(j, k)] * H[np.ix_(i, r)] + L[np.ix_(j, r)] * H[np.ix_(i, k)]) * (2 * cells.s[b])
    result[np.ix_(a, b)], result[np.ix_(b, a)] = block, block.T
    block = -2 * L[np.ix_(j, cells.row[m])] * f[i][:, None]
    result[np.ix_(a, m)], result[np.ix_(m, a)] = block, block.T
    return result
