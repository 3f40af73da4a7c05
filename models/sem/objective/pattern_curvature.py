r"""Curvature of the likelihood of incomplete answers along the free cells of a model, compiled.

With :math:`G_t = U' W_t U` and :math:`f_i = U' e_i` (notation of `patterns` and `models.sem.model.matrices`), each
pattern adds gathers from :math:`G_t` and from :math:`2 \sum_i f_i f_i' - n_t G_t`, as `derivatives.exact_hessian` for
complete answers: its cost grows with the free cells of the model, not with the fourth power of the number of items.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.sem.model.matrices import Cells, Implied, mean_weights
from models.sem.objective.patterns import PatternState
from models.sem.samples.patterns import Patterns

_AT_ONCE = 256


def moment_curvature(sample: Patterns, state: PatternState, cells: Cells, at: Implied, exact: bool) -> np.ndarray:
    """Return ∂m' (∂²deviance/∂m∂m') ∂m (q, q) for the moments m = (μ, Σ) of one group, exact or expected."""
    c = mean_weights(cells, at)
    spread, moving = np.flatnonzero(cells.s), np.flatnonzero(c)
    used = np.unique(np.concatenate([cells.u[spread], cells.w[spread], cells.u[moving]]))
    V, place = at.U[:, used], np.zeros(at.U.shape[1], dtype=np.int64)
    place[used] = np.arange(len(used))
    u, w = place[cells.u], place[cells.w]
    unit = (np.count_nonzero(V, axis=0) == 1) & (V.sum(axis=0) == 1)
    items, other = np.argmax(V[:, unit], axis=0), V[:, ~unit]
    first, rest = np.flatnonzero(unit), np.flatnonzero(~unit)
    F, q = state.e @ V, len(c)
    covariances, mixed = np.zeros((q, q)), np.zeros((q, q))
    for start in range(0, len(sample.observed), _AT_ONCE):
        W = state.W[start : start + _AT_ONCE]
        G = np.empty((len(W), len(used), len(used)))
        across = (W.reshape(-1, len(V)) @ other).reshape(len(W), len(V), len(rest))
        G[:, first[:, None], first] = W[:, items[:, None], items]
        G[:, first[:, None], rest] = across[:, items]
        G[:, rest[:, None], first] = across[:, items].transpose(0, 2, 1)
        G[:, rest[:, None], rest] = other.T @ across
        bounds = sample.slices[start : start + len(W) + 1]
        _add(G, F, bounds, u, w, spread, moving, exact, covariances, mixed)
    result = cells.s[:, None] * cells.s * (covariances + np.tril(covariances, -1).T)
    slope = at.U[:, cells.u] * c
    result += 2 * slope.T @ state.total @ slope
    if exact:
        mixed *= 2 * c[:, None] * cells.s
        result += mixed + mixed.T
    return result


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _add(G, F, bounds, u, w, spread, moving, exact, covariances, mixed):  # type: ignore[no-untyped-def]
    """Add the patterns between bounds to the lower triangle of the Σ–Σ part, and to the μ–Σ part."""
    c = G.shape[1]
    A, f = np.empty((c, c)), np.empty(c)
    for t in range(len(G)):
        B, n = G[t], bounds[t + 1] - bounds[t]
        for i in range(c):
            f[i] = 0.0
            for j in range(c):
                A[i, j] = -n * B[i, j] if exact else n * B[i, j]
        if exact:
            for k in range(bounds[t], bounds[t + 1]):
                for i in range(c):
                    x = 2 * F[k, i]
                    f[i] += F[k, i]
                    for j in range(c):
                        A[i, j] += x * F[k, j]
        for a in range(len(spread)):
            row = spread[a]
            ua, wa = u[row], w[row]
            for b in range(a + 1):
                column = spread[b]
                ub, wb = u[column], w[column]
                covariances[row, column] += (
                    A[ua, wb] * B[wa, ub] + A[ua, ub] * B[wa, wb] + A[wa, wb] * B[ua, ub] + A[wa, ub] * B[ua, wb]
                )
        if exact:
            for row in moving:
                ua = u[row]
                for column in spread:
                    ub, wb = u[column], w[column]
                    mixed[row, column] += B[ua, ub] * f[wb] + B[ua, wb] * f[ub]
