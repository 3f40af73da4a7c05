"""One way to a minimum, whatever the constraints."""

from __future__ import annotations

import numpy as np

from models.sem.language.constraints import Constraints
from models.sem.model.linear_algebra import one_a_row
from models.sem.objective.objective import Objective
from models.sem.solving.nonlinear import minimise_constrained
from models.sem.solving.optimise import MAX_ITERATIONS, Solution, newton


def minimise(
    objective: Objective, restrictions: Constraints, start: np.ndarray, most: int = MAX_ITERATIONS
) -> Solution:
    """Minimise f(θ) subject to all constraints, from `start` (q,), in at most so many steps without nonlinear ones."""
    K, k = restrictions.K, restrictions.k
    phi = _nearest(K, start - k) if K.shape[0] != K.shape[1] else start - k
    if restrictions.nonlinear:
        return minimise_constrained(objective, restrictions, phi)
    return newton(objective, K, k, phi, most)


def _nearest(K: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the φ that brings K φ nearest to a target; where every row of K has one entry, that is an average."""
    if not one_a_row(K):
        return np.linalg.lstsq(K, target, rcond=None)[0]
    return K.T @ target / np.einsum("ij,ij->j", K, K)
