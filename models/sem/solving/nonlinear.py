r"""Nonlinear equalities and inequalities by sequential quadratic steps.

Each step solves the Karush–Kuhn–Tucker system of the quadratic model with the active constraints made linear (Nocedal
& Wright 2006, Numerical Optimization, chapter 18); an inequality is active while it is violated or its multiplier is
positive. Where the steps do not settle, SLSQP (Kraft 1988) brings the start nearer.
"""

from __future__ import annotations

import numpy as np

from models.remarks import remark
from models.sem.language.constraints import Constraints
from models.sem.model.linear_algebra import solve
from models.sem.objective.objective import Objective
from models.sem.solving.optimise import Solution

_ITERATIONS = 200
_FEASIBLE = 1e-8


def minimise_constrained(objective: Objective, restrictions: Constraints, phi: np.ndarray) -> Solution:
    """Minimise f(K φ + k) under the nonlinear constraints, from φ (r,)."""
    first = _sequential(objective, restrictions, phi)
    if first.converged:
        return first
    nearer = _slsqp(objective, restrictions, phi)
    return _sequential(objective, restrictions, nearer)


def contradictory(restrictions: Constraints) -> list[str]:
    """Return the linear inequalities if no parameters at all meet them together."""
    from scipy.optimize import linprog

    K, k = restrictions.K, restrictions.k
    linear = [i for i, c in enumerate(restrictions.nonlinear) if not c.equality and c.linear]
    if not linear:
        return []
    values, jacobian = restrictions.evaluate(k)
    A = jacobian[linear] @ K
    size = np.maximum(np.abs(A).max(axis=1), 1e-300)
    result = linprog(np.zeros(K.shape[1]), -A / size[:, None], values[linear] / size, bounds=(None, None))
    return [restrictions.nonlinear[i].text for i in linear] if result.status == 2 else []


def active(restrictions: Constraints, theta: np.ndarray) -> np.ndarray:
    """Return which nonlinear constraints hold as equalities at θ."""
    values, _ = restrictions.evaluate(theta)
    return restrictions.equalities | (values < _FEASIBLE * 10)


def tangent(restrictions: Constraints, theta: np.ndarray) -> np.ndarray:
    """Return a basis (q, r') of the directions that keep all active constraints."""
    _, jacobian = restrictions.evaluate(theta)
    rows = jacobian[active(restrictions, theta)] @ restrictions.K
    if not len(rows):
        return restrictions.K
    scale = np.abs(rows).max(axis=1, keepdims=True)
    _, values, vectors = np.linalg.svd(rows / np.where(scale > 0, scale, 1))
    rank = int(np.sum(values > 1e-8))
    return restrictions.K @ vectors[rank:].T


def _sequential(objective: Objective, restrictions: Constraints, phi: np.ndarray) -> Solution:
    K, k = restrictions.K, restrictions.k
    equal = restrictions.equalities
    multipliers = np.zeros(len(equal))
    penalty = 1.0
    theta = K @ phi + k
    value = objective.value(theta)
    if not np.isfinite(value):
        return Solution(theta, value, 0, False, remark("bad_start"), np.inf)
    decrement, reason = np.inf, remark("no_constrained_minimum", n=_ITERATIONS)
    for iteration in range(_ITERATIONS):
        values, jacobian = restrictions.evaluate(theta)
        J = jacobian @ K
        g = K.T @ objective.gradient(theta)
        H = _lagrangian(objective, restrictions, theta, multipliers)
        step, multipliers = _quadratic(H, g, values, J, equal, multipliers)
        if not np.isfinite(step).all():
            return Solution(theta, value, iteration, False, remark("singular_information"), np.inf)
        violation = np.abs(np.where(equal, values, np.minimum(values, 0.0)))
        decrement = float(abs(step @ H @ step)) / 2
        if decrement < 1e-18 and violation.max(initial=0.0) < _FEASIBLE:
            return Solution(theta, value, iteration, True, None, decrement)
        penalty = max(penalty, 2 * np.abs(multipliers).max(initial=0.0))
        merit = value + penalty * violation.sum()
        slope = float(g @ step) - penalty * violation.sum()
        length = 1.0
        while length > 1e-10:
            trial_theta = K @ (phi + length * step) + k
            trial = objective.value(trial_theta)
            if np.isfinite(trial):
                gaps, _ = restrictions.evaluate(trial_theta)
                gaps = np.abs(np.where(equal, gaps, np.minimum(gaps, 0.0)))
                if trial + penalty * gaps.sum() <= merit + 1e-4 * length * min(slope, 0.0) + 1e-13:
                    break
                if decrement < 1e-8 and gaps.sum() <= max(violation.sum(), _FEASIBLE):
                    break
            length /= 2
        else:
            reason = remark("no_constrained_descent")
            break
        phi = phi + length * step
        theta, value = trial_theta, trial
    return Solution(theta, value, iteration, False, reason, decrement)


def _lagrangian(
    objective: Objective, restrictions: Constraints, theta: np.ndarray, multipliers: np.ndarray
) -> np.ndarray:
    """Return the Hessian of the Lagrangian in φ, or the expected information where that is not positive definite."""
    K = restrictions.K
    H = objective.hessian(theta, exact=True).copy()
    if multipliers.any():
        for i in np.flatnonzero(np.abs(restrictions.evaluate(theta)[1]).sum(axis=0)):
            shift = np.zeros_like(theta)
            shift[i] = 1e-5 * max(1.0, abs(theta[i]))
            change = restrictions.evaluate(theta + shift)[1] - restrictions.evaluate(theta - shift)[1]
            H[:, i] -= multipliers @ change / (2 * shift[i])
    H = K.T @ H @ K
    H = (H + H.T) / 2
    if solve(H, np.ones(len(H))) is not None:
        return H
    expected = K.T @ objective.hessian(theta, exact=False) @ K
    return expected + 1e-8 * np.diag(np.diag(expected))


def _quadratic(
    H: np.ndarray, g: np.ndarray, values: np.ndarray, J: np.ndarray, equal: np.ndarray, multipliers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise g'd + ½d'Hd with values + J d = 0 (equalities) or ≥ 0, by an active set."""
    working = equal | (multipliers > 0)
    for _ in range(4 * len(equal) + 4):
        rows = np.flatnonzero(working)
        right = solve(H, np.column_stack([-g, J[rows].T]))
        if right is None:
            return np.full_like(g, np.nan), multipliers
        step, result = right[:, 0], np.zeros(len(equal))
        if len(rows):
            across = J[rows] @ right[:, 1:]
            result[rows] = np.linalg.lstsq(across, -values[rows] - J[rows] @ right[:, 0], rcond=1e-12)[0]
            step = step + right[:, 1:] @ result[rows]
        wrong = ~equal & working & (result < 0)
        broken = ~working & (values + J @ step < -1e-12)
        if wrong.any():
            working[np.argmin(np.where(wrong, result, np.inf))] = False
        elif broken.any():
            working[np.argmin(np.where(broken, values + J @ step, np.inf))] = True
        else:
            break
    return step, result


def _slsqp(objective: Objective, restrictions: Constraints, phi: np.ndarray) -> np.ndarray:
    from scipy.optimize import minimize

    K, k, equal = restrictions.K, restrictions.k, restrictions.equalities

    def part(mask: np.ndarray, kind: str) -> dict:
        return {
            "type": kind,
            "fun": lambda x: restrictions.evaluate(K @ x + k)[0][mask],
            "jac": lambda x: restrictions.evaluate(K @ x + k)[1][mask] @ K,
        }

    def slope(x: np.ndarray) -> np.ndarray:
        theta = K @ x + k
        return K.T @ objective.gradient(theta) if np.isfinite(objective.value(theta)) else np.zeros_like(x)

    parts = [part(mask, kind) for mask, kind in ((equal, "eq"), (~equal, "ineq")) if mask.any()]
    result = minimize(
        lambda x: min(objective.value(K @ x + k), 1e10),
        phi,
        jac=slope,
        constraints=parts,
        method="SLSQP",
        options={"maxiter": 500},
    )
    return result.x if np.isfinite(result.x).all() else phi
