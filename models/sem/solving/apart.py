"""Groups that share no parameter have minima of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from models.sem.language.constraints import Constraints
from models.sem.objective.objective import Objective


@dataclass(frozen=True, eq=False)
class Part:
    """What is minimised alone: its share of f, its constraints, and the places of its parameters in θ."""

    objective: Objective
    constraints: Constraints
    at: slice


def apart(objective: Objective, constraints: Constraints) -> Iterator[Part]:
    """Yield f group by group where groups share no parameter, else as a whole; the minima sum to that of f."""
    K, groups = constraints.K, objective.structure.groups
    used = [np.flatnonzero(K[cells.theta].any(axis=0)) for cells in groups]
    if constraints.nonlinear or len(groups) == 1 or len(np.unique(np.hstack(used))) < sum(map(len, used)):
        yield Part(objective, constraints, slice(0, len(K)))
        return
    for cells, own, group, weight in zip(groups, used, objective.groups, objective.weights, strict=True):
        at, q = cells.theta, len(K[cells.theta])
        alone = replace(objective.structure, n_free=q, groups=(replace(cells, theta=slice(0, q)),))
        restrictions = replace(constraints, K=K[at][:, own], k=constraints.k[at])
        yield Part(Objective(alone, (group,), (weight,)), restrictions, at)
