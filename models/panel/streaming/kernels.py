"""Compiled loops of the streaming estimator: one visit a user, a few additions a row."""

from __future__ import annotations

import numpy as np
from numba import njit

from models.panel.engine.design import FloatArray
from models.panel.engine.keys import IntArray


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def accumulate(
    z: FloatArray,
    starts: IntArray,
    period: IntArray,
    group: IntArray,
    within: FloatArray,
    means: FloatArray,
    raw: FloatArray,
    by_period: FloatArray,
    overlap: FloatArray,
    rows: IntArray,
    missing: IntArray,
) -> int:
    """Add whole users to the sums of their groups; the row of a repeated (user, period) key, or −1, is returned.

    ``z`` (p, n) holds y and the regressors, ``starts`` (m + 1,) where each user begins, ``period`` (n,) codes,
    ``group`` (m,) codes. The other arrays are those of ``sums.Sums``, added to in place; without ``overlap`` periods
    are skipped.
    """
    p = z.shape[0]
    twoway = overlap.shape[1] > 0
    longest = 0
    for i in range(len(starts) - 1):
        longest = max(longest, starts[i + 1] - starts[i])
    w = np.empty((p, longest))
    seen = np.empty(longest, dtype=np.int64)
    stamp = np.full(rows.shape[1], -1, dtype=np.int64)
    mean = np.empty(p)
    for i in range(len(starts) - 1):
        g = group[i]
        n = 0
        for r in range(starts[i], starts[i + 1]):
            if stamp[period[r]] == i:
                return r
            stamp[period[r]] = i
            complete = True
            for j in range(p):
                w[j, n] = z[j, r]
                if np.isnan(z[j, r]):
                    missing[g, j] += 1
                    complete = False
                    break
            if complete:
                seen[n] = period[r]
                n += 1
        if n == 0:
            continue
        raw[g, p, p] += n
        means[g, p, p] += 1
        for j in range(p):
            total = 0.0
            for a in range(n):
                total += w[j, a]
            mean[j] = total / n
            for a in range(n):
                w[j, a] -= mean[j]
            raw[g, p, j] += total
            means[g, p, j] += mean[j]
            for h in range(j + 1):
                product = 0.0
                for a in range(n):
                    product += w[j, a] * w[h, a]
                within[g, j, h] += product
                means[g, j, h] += mean[j] * mean[h]
                raw[g, j, h] += product + n * mean[j] * mean[h]
        share = 1.0 / n
        for a in range(n):
            t = seen[a]
            rows[g, t] += 1
            if twoway:
                for j in range(p):
                    by_period[g, t, j] += w[j, a]
                overlap[g, t, t] += 1.0
                for b in range(a + 1):
                    s = seen[b]
                    if t >= s:
                        overlap[g, t, s] -= share
                    else:
                        overlap[g, s, t] -= share
        if n == 1:
            missing[g, p] += 1
    return -1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def cluster_scores(
    z: FloatArray,
    starts: IntArray,
    period: IntArray,
    group: IntArray,
    slopes: FloatArray,
    period_effects: FloatArray,
    scores: FloatArray,
    sizes: IntArray,
) -> None:
    r"""Fill each user's score :math:`\sum_t \tilde x_{it} \tilde u_{it}` (m, k) and number of complete rows.

    ``slopes`` are (g, k); ``period_effects`` (g, T, k + 1) are those of u = y − xβ and of the regressors, or
    (g, 0, k + 1) without.
    """
    p = z.shape[0]
    k = p - 1
    longest = 0
    for i in range(len(starts) - 1):
        longest = max(longest, starts[i + 1] - starts[i])
    w = np.empty((longest, p))
    mean = np.empty(p)
    twoway = period_effects.shape[1] > 0
    for i in range(len(starts) - 1):
        g = group[i]
        n = 0
        mean[:] = 0.0
        for r in range(starts[i], starts[i + 1]):
            complete = True
            for j in range(p):
                if np.isnan(z[j, r]):
                    complete = False
                    break
            if not complete:
                continue
            u = z[0, r]
            for j in range(k):
                w[n, j + 1] = z[j + 1, r]
                u -= slopes[g, j] * z[j + 1, r]
            w[n, 0] = u
            if twoway:
                for j in range(p):
                    w[n, j] -= period_effects[g, period[r], j]
            for j in range(p):
                mean[j] += w[n, j]
            n += 1
        sizes[i] = n
        if n == 0:
            continue
        for j in range(p):
            mean[j] /= n
        for a in range(n):
            u = w[a, 0] - mean[0]
            for j in range(k):
                scores[i, j] += (w[a, j + 1] - mean[j + 1]) * u
