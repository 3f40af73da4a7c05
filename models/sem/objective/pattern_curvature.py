r"""Curvature of the likelihood of incomplete answers along the free cells of a model, compiled.

With :math:`G_t = U' W_t U` and :math:`f_i = U' e_i` (notation of `patterns` and `models.sem.model.matrices`), each
pattern adds gathers from :math:`G_t` and from :math:`2 \sum_i f_i f_i' - n_t G_t`, as `derivatives.exact_hessian` for
complete answers: its cost grows with the free cells of the model, not with the fourth power of the number of items.
Patterns are taken several at a time, the innermost place of every array, so that a processor adds them side by side.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.sem.model.matrices import Cells, Implied, mean_weights
from models.sem.objective.patterns import PatternState
from models.sem.samples.patterns import Patterns

# Patterns at a time: the rows that a cell reads stay in the nearest cache.
_LANES = 16


def moment_curvature(sample: Patterns, state: PatternState, cells: Cells, at: Implied, exact: bool) -> np.ndarray:
    """Return ∂m' (∂²deviance/∂m∂m') ∂m (q, q) for the moments m = (μ, Σ) of one group, exact or expected."""
    c = mean_weights(cells, at)
    spread, moving = np.flatnonzero(cells.s), np.flatnonzero(c)
    used = np.unique(np.concatenate([cells.u[spread], cells.w[spread], cells.u[moving]]))
    V, place = at.U[:, used], np.zeros(at.U.shape[1], dtype=np.int64)
    place[used] = np.arange(len(used))
    u, w = place[cells.u], place[cells.w]
    F, q = state.e @ V, len(c)
    covariances, mixed = np.zeros((q, q)), np.zeros((q, q))
    for block in state.blocks:
        rows, whole = (V, np.zeros((0, 0))) if block.whole is None else (block.whole @ V, block.whole)
        centre = V.T @ whole @ V if len(whole) else np.zeros((len(used), len(used)))
        sign = -1.0 if len(whole) else 1.0
        bounds = sample.slices[block.at], sample.slices[block.at + 1]
        # Another order of an array in memory would be compiled anew, for seconds.
        rows, items = np.ascontiguousarray(rows), np.ascontiguousarray(block.items)
        _add(centre, sign * block.core, rows, items, *bounds, F, u, w, spread, moving, exact, covariances, mixed)
    result = cells.s[:, None] * cells.s * (covariances + np.tril(covariances, -1).T)
    slope = at.U[:, cells.u] * c
    result += 2 * slope.T @ state.total @ slope
    if exact:
        mixed *= 2 * c[:, None] * cells.s
        result += mixed + mixed.T
    return result


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _add(centre, core, rows, items, first, last, F, u, w, spread, moving, exact, covariances, mixed):  # type: ignore[no-untyped-def]
    """Add patterns with G = centre + rows' core rows to the lower triangle of the Σ–Σ part, and to the μ–Σ part."""
    c, m = centre.shape[0], items.shape[1]
    G, A, f = np.empty((c, c, _LANES)), np.empty((c, c, _LANES)), np.empty((c, _LANES))
    R, S, x = np.empty((m, c, _LANES)), np.empty((m, c, _LANES)), np.empty((c, _LANES))
    several, n = np.empty((c, c)), np.empty(_LANES)
    for start in range(0, len(items), _LANES):
        lanes = min(_LANES, len(items) - start)
        R[:], S[:], n[:] = 0.0, 0.0, 0.0
        for t in range(lanes):
            n[t] = last[start + t] - first[start + t]
            for k in range(m):
                for i in range(c):
                    R[k, i, t] = rows[items[start + t, k], i]
        for k in range(m):
            for j in range(m):
                for i in range(c):
                    for t in range(lanes):
                        S[k, i, t] += core[start + t, k, j] * R[j, i, t]
        for i in range(c):
            for j in range(i + 1):
                for t in range(_LANES):
                    G[i, j, t] = centre[i, j]
                for k in range(m):
                    for t in range(_LANES):
                        G[i, j, t] += R[k, i, t] * S[k, j, t]
                for t in range(_LANES):
                    A[i, j, t] = -n[t] * G[i, j, t] if exact else n[t] * G[i, j, t]
        if exact:
            f[:], x[:] = 0.0, 0.0
            for t in range(lanes):
                if n[t] == 1:
                    x[:, t] = F[first[start + t]]
                else:
                    _add_people(A, f, t, F[first[start + t] : last[start + t]], several)
            for i in range(c):
                for t in range(_LANES):
                    f[i, t] += x[i, t]
                for j in range(i + 1):
                    for t in range(_LANES):
                        A[i, j, t] += 2 * x[i, t] * x[j, t]
        for i in range(c):
            for j in range(i):
                for t in range(_LANES):
                    G[j, i, t] = G[i, j, t]
                    A[j, i, t] = A[i, j, t]
        for a in range(len(spread)):
            row = spread[a]
            Au, Aw, Gu, Gw = A[u[row]], A[w[row]], G[u[row]], G[w[row]]
            for b in range(a + 1):
                column = spread[b]
                ub, wb, total = u[column], w[column], 0.0
                for t in range(_LANES):
                    total += (
                        Au[wb, t] * Gw[ub, t] + Au[ub, t] * Gw[wb, t] + Aw[wb, t] * Gu[ub, t] + Aw[ub, t] * Gu[wb, t]
                    )
                covariances[row, column] += total
        if exact:
            for row in moving:
                Gu = G[u[row]]
                for column in spread:
                    ub, wb, total = u[column], w[column], 0.0
                    for t in range(_LANES):
                        total += Gu[ub, t] * f[wb, t] + Gu[wb, t] * f[ub, t]
                    mixed[row, column] += total


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _add_people(A, f, t, F, several):  # type: ignore[no-untyped-def]
    """Add what all people of one pattern do, where they are not one."""
    several[:] = 0.0
    for r in range(len(F)):
        for i in range(len(f)):
            f[i, t] += F[r, i]
            for j in range(i + 1):
                several[i, j] += F[r, i] * F[r, j]
    for i in range(len(f)):
        for j in range(i + 1):
            A[i, j, t] += 2 * several[i, j]
