r"""Newton refits of one model to many sets of moments, compiled.

The algebra is that of `objective.derivatives`. What is sparse stays so: covariances follow from the arrows by one
pass in causal order, :math:`C = M + AC` with :math:`M = SL'`; columns of U that are unit vectors are never
multiplied; parameters that only one group has are eliminated group by group before the shared ones are solved for (a
bordered block-diagonal system). Incomplete answers enter through the moments that they lead one to expect
(`models.sem.kernels.expected`): with H = LL' the Hessian at these moments, complete answers as they would be, and
:math:`L_0`, :math:`H_0` the same and the Hessian of the incomplete answers at the solution of the whole sample, the
step is :math:`-L'^{-1} (L_0' H_0^{-1} L_0) L^{-1} g`, Newton's but for how a resample's share of missing information
deviates. Importing this module imports numba; the machine code is cached on disk.
"""

from __future__ import annotations

import numpy as np

from models.sem.kernels.algebra import assign, border, clear, eliminate, invert, multiply, semidefinite
from models.sem.kernels.expected import expected
from models.sem.kernels.numba_options import compiled, entry
from models.sem.model.matrices import DIRECTED, MEAN, SYMMETRIC

_POLISH = 1e-9


@entry
def refit(plan, work, data, start, fallback, theta, value, variances, proper, steps, first, last):  # type: ignore[no-untyped-def]
    """Refit to samples first … last − 1; `steps` is −1 where no minimum was found."""
    G, v, p = variances.shape[1], variances.shape[2], data.means.shape[2]
    trial = np.empty_like(fallback)
    for b in range(first, last):
        for g in range(G):
            for i in plan.covariates:
                work.means[g, 0, i] = data.means[b, g, i] * plan.means
                for j in plan.covariates:
                    work.states[g, 1, i, j] = data.covs[b, g, i, j]
        steps[b] = newton(plan, work, data, b, start[b], fallback, trial, value[b : b + 1])
        assign(theta[b], work.theta)
        proper[b] = True
        for g in range(G):
            S, C, scratch = work.states[g, 1], work.states[g, 3], work.states[g, 2]
            for i in range(v):
                variances[b, g, i] = C[i, i]
            proper[b] &= semidefinite(S, 0, p, scratch) and semidefinite(C, p, v, scratch)


@compiled
def newton(plan, work, data, b, phi, fallback, trial, value):  # type: ignore[no-untyped-def]
    """Minimise from φ, in place; return the number of steps, or −1."""
    value[0] = evaluate(plan, work, data, b, phi)
    if not np.isfinite(value[0]):
        assign(phi, fallback)
        value[0] = evaluate(plan, work, data, b, phi)
    exact, previous, linear = np.isfinite(value[0]), 0.0, len(data.gaps.inflation) > 0
    for iteration in range(1, data.most + 1):
        derivatives(plan, work, data, b, exact)
        positive = solve(plan, work, data.gaps.inflation)
        decrement = 0.0
        for k in range(len(phi)):
            decrement -= work.gradient[k] * work.step[k] / 2
        if not positive or not decrement >= 0:
            if not exact:
                return -1
            exact = False
            continue
        length, new = 1.0, np.inf
        while length > 1e-10:
            for k in range(len(phi)):
                trial[k] = phi[k] + length * work.step[k]
            new = evaluate(plan, work, data, b, trial)
            if (exact and decrement < _POLISH and np.isfinite(new)) or new <= value[0] - 2e-4 * length * decrement:
                break
            length /= 2
        if length <= 1e-10:
            evaluate(plan, work, data, b, phi)
            return iteration if decrement < 1e-10 else -1
        value[0] = new
        assign(phi, trial)
        rest = decrement
        if linear:
            rate = np.sqrt(decrement / previous) if previous > 0 else 1.0
            rest = decrement * (rate / (1 - rate)) ** 2 if rate < 1 else np.inf
        if exact and rest < data.last:
            return iteration
        exact, previous = True, decrement
    return -1


@compiled
def evaluate(plan, work, data, b, phi):  # type: ignore[no-untyped-def]
    """Return f(φ), infinite where a Σ is not positive definite; leaves Σ⁻¹ and its ingredients in the workspace."""
    for a in range(len(work.theta)):
        x = plan.k[a]
        for t in range(plan.K_first[a], plan.K_first[a + 1]):
            x += plan.K_value[t] * phi[plan.K_place[t, 0]]
        work.theta[a] = x
    total, p = 0.0, data.means.shape[2]
    for g in range(len(work.H)):
        mean, cov, state, m, eta = work.mean[g], work.cov[g], work.states[g], work.means[g, 0], work.means[g, 1]
        W, e = work.W[g], work.e[g]
        for a in range(plan.first[g], plan.first[g + 1]):
            kind, i, j, x = plan.cells[a, 0], plan.cells[a, 1], plan.cells[a, 2], work.theta[a]
            if kind == MEAN:
                m[i] = x
            else:
                state[kind, i, j] = x
                if kind == SYMMETRIC:
                    state[kind, j, i] = x
        propagate(plan.arrows, plan.pairs, state[0], state[1], m, state[2], state[3], eta)
        logdet = invert(state[3], work.squares[0], work.squares[1], W, p)
        if not np.isfinite(logdet):
            return np.inf
        F = logdet - data.constants[b, g] + expected(data, b, g, W, eta, work.squares, work.vectors, mean, cov)
        for i in range(p):
            for j in range(p):
                F += W[i, j] * cov[i, j]
        if plan.means:
            for i in range(p):
                e[i] = 0.0
                for j in range(p):
                    e[i] += W[i, j] * (mean[j] - eta[j])
                F += e[i] * (mean[i] - eta[i])
        total += data.weights[b, g] * F
    return total / 2


@compiled
def propagate(arrows, pairs, A, S, m, L, C, eta):  # type: ignore[no-untyped-def]
    """Fill L = (I − A)⁻¹, C = S L' + A C and η = L m in causal order: every cause is complete before its effects."""
    v = len(A)
    for i in range(v):
        for k in range(v):
            L[i, k] = C[i, k] = 0.0
        L[i, i] = 1.0
        eta[i] = m[i]
    for t in range(len(arrows)):
        i, j = arrows[t, 0], arrows[t, 1]
        x = A[i, j]
        for k in range(v):
            L[i, k] += x * L[j, k]
        eta[i] += x * eta[j]
    for t in range(len(pairs)):
        i, j = pairs[t, 0], pairs[t, 1]
        for k in range(v):
            C[i, k] += S[i, j] * L[k, j]
    for t in range(len(arrows)):
        i, j = arrows[t, 0], arrows[t, 1]
        x = A[i, j]
        for k in range(v):
            C[i, k] += x * C[j, k]


@compiled
def derivatives(plan, work, data, b, exact):  # type: ignore[no-untyped-def]
    """Fill gradient and Hessian (exact or expected) of each group at the state that `evaluate` left."""
    for k in range(len(work.gradient)):
        work.gradient[k] = 0.0
    P, M, B, XB = work.squares[0], work.squares[2], work.strips[0], work.strips[1]
    G, N, f, c = work.borders[0], work.borders[1], work.f, work.c
    p, v = len(P), work.states.shape[2]
    for g in range(len(work.H)):
        weight = data.weights[b, g]
        W, e, L, C, eta, H = work.W[g], work.e[g], work.states[g, 2], work.states[g, 3], work.means[g, 1], work.H[g]
        multiply(work.cov[g], W, P)
        multiply(W, P, M)
        for i in range(p):
            f[i] = e[i]
            for j in range(p):
                M[i, j] += e[i] * e[j]
        for k in range(len(plan.columns)):
            code, x = plan.columns[k], 0.0
            for i in range(p):
                B[i, k] = L[i, code] if code < v else C[i, code - v]
                x += B[i, k] * e[i]
            f[p + k] = x
        border(W, B, XB, G)
        border(M, B, XB, N)
        clear(H)
        for i in range(len(H)):
            work.g[g, i] = 0.0
        first, last = plan.first[g], plan.first[g + 1]
        for a in range(first, last):
            kind, u, w = plan.cells[a, 0], plan.cells[a, 3], plan.cells[a, 4]
            c[a] = eta[plan.cells[a, 2]] if kind == DIRECTED else 1.0 if kind == MEAN else 0.0
            slope = weight * (plan.s[a] * (G[u, w] - N[u, w]) - c[a] * f[u])
            for t in range(plan.K_first[a], plan.K_first[a + 1]):
                work.g[g, plan.K_place[t, 1]] += plan.K_value[t] * slope
                work.gradient[plan.K_place[t, 0]] += plan.K_value[t] * slope
        hessian(plan, c, first, last, G, N, f, L, C, eta, weight / 2, exact, H)


@compiled
def hessian(plan, c, first, last, G, N, f, L, C, eta, weight, exact, H):  # type: ignore[no-untyped-def]
    """Add the exact or expected ∂²F of all pairs of cells to the lower triangle in φ (`objective.derivatives`)."""
    cells, s, K_first, K_place, K_value = plan.cells, plan.s, plan.K_first, plan.K_place, plan.K_value
    for a in range(first, last):
        kind_a, i, j, ua, wa, sa, ca = cells[a, 0], cells[a, 1], cells[a, 2], cells[a, 3], cells[a, 4], s[a], c[a]
        for b in range(first, a + 1):
            kind_b, k, o, ub, wb, sb, cb = cells[b, 0], cells[b, 1], cells[b, 2], cells[b, 3], cells[b, 4], s[b], c[b]
            guu, gww, guw, gwu = G[ua, ub], G[wa, wb], G[ua, wb], G[wa, ub]
            x = 2 * ca * cb * guu
            if not exact:
                x += 2 * sa * sb * (guu * gww + guw * gwu)
            else:
                nuu, nww, nuw, nwu = N[ua, ub], N[wa, wb], N[ua, wb], N[wa, ub]
                x += 2 * sa * sb * (nuw * gwu + nuu * gww + nww * guu + nwu * guw - guu * gww - guw * gwu)
                x += 2 * ca * sb * (guu * f[wb] + guw * f[ub]) + 2 * cb * sa * (guu * f[wa] + gwu * f[ua])
                if kind_a == DIRECTED and kind_b == DIRECTED:
                    x += 2 * L[j, k] * (guw - nuw - f[ua] * eta[o]) + 2 * L[o, i] * (gwu - nwu - f[ub] * eta[j])
                    x += 2 * C[j, o] * (guu - nuu)
                elif kind_a == DIRECTED and kind_b == SYMMETRIC:
                    x += 2 * sb * (L[j, o] * (guu - nuu) + L[j, k] * (guw - nuw))
                elif kind_a == SYMMETRIC and kind_b == DIRECTED:
                    x += 2 * sa * (L[o, j] * (guu - nuu) + L[o, i] * (gwu - nwu))
                elif kind_a == DIRECTED and kind_b == MEAN:
                    x -= 2 * L[j, k] * f[ua]
                elif kind_a == MEAN and kind_b == DIRECTED:
                    x -= 2 * L[o, i] * f[ub]
            x *= weight
            for t in range(K_first[a], K_first[a + 1]):
                for r in range(K_first[b], K_first[b + 1]):
                    m, n, y = K_place[t, 1], K_place[r, 1], K_value[t] * K_value[r] * x
                    if m == n and a != b:
                        y *= 2
                    if m >= n or a == b:
                        H[m, n] += y
                    else:
                        H[n, m] += y


@compiled
def solve(plan, work, inflation):  # type: ignore[no-untyped-def]
    """Fill the step −H⁻¹g, inflated for missing information; return whether H is positive definite."""
    shared, s, groups = work.shared, plan.n_shared, len(work.H)
    total = work.diagonal[len(work.diagonal) - s :]
    x = work.step[plan.private_offset[groups] :]
    clear(shared)
    for i in range(s):
        total[i] = x[i] = 0.0
    for g in range(groups):
        r = plan.private_offset[g + 1] - plan.private_offset[g]
        M, y, n = work.H[g], work.g[g], r + s
        for i in range(n):
            work.diagonal[i] = M[i, i]
            y[i] = -y[i]
        for i in range(s):
            total[i] += M[r + i, r + i]
        if not eliminate(M, r, n, work.diagonal):
            return False
        for i in range(n):
            z = y[i]
            for k in range(min(i, r)):
                z -= M[i, k] * y[k]
            y[i] = z / M[i, i] if i < r else z
        for i in range(s):
            x[i] += y[r + i]
            for j in range(i + 1):
                shared[i, j] += M[r + i, r + j]
    if not eliminate(shared, s, s, total):
        return False
    for i in range(s):
        for k in range(i):
            x[i] -= shared[i, k] * x[k]
        x[i] /= shared[i, i]
    inflate(plan, work, inflation)
    for i in range(s - 1, -1, -1):
        for k in range(i + 1, s):
            x[i] -= shared[k, i] * x[k]
        x[i] /= shared[i, i]
    for g in range(groups):
        M, y, z = work.H[g], work.g[g], work.step[plan.private_offset[g] : plan.private_offset[g + 1]]
        r = len(z)
        for i in range(r - 1, -1, -1):
            a = y[i]
            for k in range(i + 1, r):
                a -= M[k, i] * z[k]
            for k in range(s):
                a -= M[r + k, i] * x[k]
            z[i] = a / M[i, i]
    return True


@compiled
def inflate(plan, work, inflation):  # type: ignore[no-untyped-def]
    """Multiply L⁻¹g, private parts in `work.g` and the shared one in `work.step`, with a matrix (r, r) or nothing."""
    if len(inflation) == 0:
        return
    whole, offset = work.whole, plan.private_offset
    for g in range(len(work.H)):
        for i in range(offset[g], offset[g + 1]):
            work.step[i] = work.g[g, i - offset[g]]
    for i in range(len(inflation)):
        whole[i] = 0.0
        for j in range(len(inflation)):
            whole[i] += inflation[i, j] * work.step[j]
    assign(work.step, whole)
    for g in range(len(work.H)):
        for i in range(offset[g], offset[g + 1]):
            work.g[g, i - offset[g]] = whole[i]
