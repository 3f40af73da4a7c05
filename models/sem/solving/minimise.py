"""One way to a minimum, whatever the constraints."""

from __future__ import annotations

import numpy as np

from models.sem.language.constraints import Constraints
from models.sem.objective.objective import Objective
from models.sem.solving.nonlinear import minimise_constrained
from models.sem.solving.optimise import MAX_ITERATIONS, Solution, newton


def minimise(
    objective: Objective, restrictions: Constraints, start: np.ndarray, most: int = MAX_ITERATIONS
) -> Solution:
    """Minimise f(θ) subject to all constraints, from `start` (q,), in at most so many steps without nonlinear ones."""
    K, k = restrictions.K, restrictions.k
    phi = np.linalg.lstsq(K, start - k, rcond=None)[0] if K.shape[0] != K.shape[1] else start - k
    if restrictions.nonlinear:
        return minimise_constrained(objective, restrictions, phi)
    return newton(objective, K, k, phi, most)
