"""Newton's method with the exact Hessian; negative curvature is reflected in the metric of the expected one.

Steps and stopping rule use the Newton decrement, so the path does not depend on the units of the items (Boyd &
Vandenberghe 2004, Convex Optimization, section 9.5). Nonlinear constraints enter by sequential quadratic steps
(Nocedal & Wright 2006, Numerical Optimization, chapter 18).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.remarks import Remark, remark
from models.sem.model.linear_algebra import blocks, is_identity, restrict, solve
from models.sem.objective.objective import Objective

MAX_ITERATIONS = 200
_POLISH = 1e-9
_DONE = 1e-20
_FLATTEST = 0.01


@dataclass(frozen=True, eq=False)
class Solution:
    """Where the optimiser stopped.

    Attributes
    ----------
    theta
        Parameters (q,).
    value
        f at the minimum.
    iterations
        Number of steps.
    converged
        Whether the stopping rule was met.
    reason
        Why not.
    decrement
        Predicted further decrease of f.
    """

    theta: np.ndarray
    value: float
    iterations: int
    converged: bool
    reason: Remark | None
    decrement: float


def newton(objective: Objective, K: np.ndarray, k: np.ndarray, phi: np.ndarray, most: int = MAX_ITERATIONS) -> Solution:
    """Minimise f(K φ + k) over φ in at most so many steps."""
    free = is_identity(K)

    def at(phi: np.ndarray) -> np.ndarray:
        return phi + k if free else K @ phi + k

    value = objective.value(at(phi))
    if not np.isfinite(value):
        return Solution(at(phi), value, 0, False, remark("bad_start"), np.inf)
    decrement, previous = np.inf, np.inf
    for iteration in range(most):
        theta = at(phi)
        g = objective.gradient(theta) if free else K.T @ objective.gradient(theta)
        step, exact = direction(objective, None if free else K, theta, g)
        decrement = float(-g @ step) / 2
        if not np.isfinite(decrement):
            return Solution(theta, value, iteration, False, remark("singular_information"), np.inf)
        if decrement < _DONE or (exact and decrement < _POLISH and decrement > previous / 4):
            return Solution(theta, value, iteration, True, None, decrement)
        if decrement < _POLISH:
            trial = objective.value(at(phi + step))
            if np.isfinite(trial):
                phi, value, previous = phi + step, trial, decrement
                continue
        length, found = 1.0, False
        while length > 1e-10:
            trial = objective.value(at(phi + length * step))
            if trial <= value - 1e-4 * length * 2 * decrement:
                found = True
                break
            length /= 2
        if not found:
            stalled = decrement < 1e-10
            reason = None if stalled else remark("no_descent")
            return Solution(theta, value, iteration, stalled, reason, decrement)
        phi, value, previous = phi + length * step, trial, np.inf
    return Solution(at(phi), value, most, False, remark("no_minimum", n=most), decrement)


def direction(objective: Objective, K: np.ndarray | None, theta: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return a descent direction and whether it is the exact Newton one; without K nothing restricts θ."""
    exact = _restricted(objective.hessian(theta, exact=True), K)
    step = solve(exact, -g)
    if step is not None:
        return step, True
    expected = _restricted(objective.hessian(theta, exact=False), K)
    step = np.empty_like(g)
    for part in blocks(exact, expected):
        inside = np.ix_(part, part)
        step[part] = reflected(exact[inside], expected[inside], g[part])
    return step, False


def _restricted(matrix: np.ndarray, K: np.ndarray | None) -> np.ndarray:
    return matrix if K is None else restrict(matrix, K)


def reflected(exact: np.ndarray, expected: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return the Newton step with negative curvature turned positive, in the metric of the expected Hessian.

    In that metric a correct model has unit curvature; its eigenvalues are bounded below by a small fraction of it.
    """
    scale = 1 / np.sqrt(np.maximum(np.diag(expected), 1e-300))
    values, vectors = np.linalg.eigh(expected * np.outer(scale, scale))
    if not np.isfinite(values).all() or values[-1] <= 0:
        return np.full_like(g, np.nan)
    root = scale[:, None] * vectors / np.sqrt(np.maximum(values, 1e-8 * values[-1]))
    curvature, axes = np.linalg.eigh(root.T @ exact @ root)
    directions = root @ axes
    return -directions @ ((directions.T @ g) / np.maximum(np.abs(curvature), _FLATTEST))
