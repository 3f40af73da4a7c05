r"""Moments of complete answers that incomplete ones lead one to expect, compiled.

With :math:`\Omega = \Sigma^{-1}` a missing block m has, given the answers o of its respondent, the mean
:math:`\mu_m - \Omega_{mm}^{-1} \Omega_{mo} (x_o - \mu_o)` and the covariance :math:`\Omega_{mm}^{-1}` (Little & Rubin
2002, section 11.2). The likelihood of what was answered has the slope of the complete likelihood at the expected
moments (Fisher's identity: Dempster, Laird & Rubin 1977, https://doi.org/10.1111/j.2517-6161.1977.tb01600.x), and its
value is that of the complete one but for :math:`\sum_i \log|\Omega_{mm}| - m`.
"""

from __future__ import annotations

from models.sem.kernels.algebra import clear, invert
from models.sem.kernels.numba_options import compiled


@compiled
def expected(data, b, g, W, eta, squares, vectors, mean, cov):  # type: ignore[no-untyped-def]
    """Fill the expected moments (p,) and (p, p) of a group at Σ⁻¹ and η; return the mean of log|Ωₘₘ| − m."""
    gaps, p = data.gaps, len(mean)
    for i in range(p):
        mean[i] = data.means[b, g, i]
        for j in range(p):
            cov[i, j] = data.covs[b, g, i, j]
    if gaps.group[g] == gaps.group[g + 1]:
        return 0.0
    centre, n, total = gaps.centre[g], gaps.sizes[b, g], 0.0
    R, T, cross, inner, core = squares[0], squares[1], squares[2], squares[3], squares[4]
    delta, base, r, z = vectors[0], vectors[1], vectors[2], vectors[3]
    clear(cross)
    for i in range(p):
        mean[i] -= centre[i]
        delta[i] = eta[i] - centre[i]
    for i in range(p):
        for j in range(p):
            cov[i, j] += mean[i] * mean[j]
    for t in range(gaps.group[g], gaps.group[g + 1]):
        weight = 0.0
        for k in range(gaps.rows[t], gaps.rows[t + 1]):
            weight += gaps.times[b, k]
        if weight == 0:
            continue
        at = gaps.missing[gaps.first[t] : gaps.first[t + 1]]
        m = len(at)
        for a in range(m):
            u, x = at[a], 0.0
            for j in range(p):
                x += W[u, j] * delta[j]
            for c in range(m):
                inner[a, c] = W[u, at[c]]
                x -= inner[a, c] * delta[at[c]]
            base[a] = x
        total += weight * (invert(inner, R, T, core, m) - m)
        for a in range(m):
            for c in range(m):
                cross[at[a], at[c]] += weight * core[a, c] / 2
        for k in range(gaps.rows[t], gaps.rows[t + 1]):
            w, x = gaps.times[b, k], gaps.answers[k]
            if w == 0:
                continue
            for a in range(m):
                y, u = -base[a], at[a]
                for j in range(p):
                    y += W[u, j] * x[j]
                r[a] = y
            for a in range(m):
                y = delta[at[a]]
                for c in range(m):
                    y -= core[a, c] * r[c]
                z[a] = y
                mean[at[a]] += w * y / n
            for a in range(m):
                u, y = at[a], w * z[a]
                for j in range(p):
                    cross[u, j] += y * x[j]
                for c in range(m):
                    cross[u, at[c]] += y * z[c] / 2
    for i in range(p):
        for j in range(p):
            cov[i, j] += (cross[i, j] + cross[j, i]) / n - mean[i] * mean[j]
    for i in range(p):
        mean[i] += centre[i]
    return total / n
