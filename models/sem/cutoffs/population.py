"""The moments of a population that has what the model leaves out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from models.remarks import remark
from models.sem.cutoffs.omitted import Omitted
from models.sem.errors import PopulationError
from models.sem.inference.estimated import Estimated
from models.sem.model.linear_algebra import cholesky
from models.sem.model.matrices import Implied, implied


def population(fit: Estimated, level: Iterable[Omitted] = ()) -> tuple[np.ndarray, np.ndarray]:
    """Return means (G, p) and covariances (G, p, p) that the estimates and the omitted relations imply.

    An item with a cross-loading keeps its variance: its residual gives way.

    Raises
    ------
    ModelError
        If no population has such relations.
    """
    names = fit.task.structure.names
    means, covs = [], []
    for cells, group in zip(fit.task.structure.groups, fit.task.sample.groups, strict=True):
        state = implied(cells, fit.theta)
        C = state.C if not level else _with(state, level, names)
        sigma = C[: cells.n_observed, : cells.n_observed]
        if cholesky(sigma) is None:
            raise PopulationError(remark("relations_too_strong"))
        covs.append(sigma)
        means.append(state.mu if fit.task.structure.meanstructure else group.mean)
    return np.array(means), np.array(covs)


def _with(state: Implied, level: Iterable[Omitted], names: tuple[str, ...]) -> np.ndarray:
    """Return the covariances of all variables (v, v) with the relations in place."""
    variances = np.diag(state.C)
    if variances.min() <= 0:
        raise PopulationError(remark("relations_without_variance"))
    A, S, spread = state.A.copy(), state.S.copy(), np.sqrt(variances)
    held = []
    for one in level:
        i, j = names.index(one.lhs), names.index(one.rhs)
        if one.op == "~~":
            S[i, j] = S[j, i] = one.size * np.sqrt(S[i, i] * S[j, j])
            continue
        if one.op == "=~":
            i, j = j, i
            held.append(i)
        A[i, j] += one.size * spread[i] / spread[j]
    C = _covariances(A, S)
    for i in held:
        S[i, i] -= C[i, i] - state.C[i, i]
        if S[i, i] <= 0:
            raise PopulationError(remark("relations_too_strong"))
    return _covariances(A, S)


def _covariances(A: np.ndarray, S: np.ndarray) -> np.ndarray:
    L = np.linalg.inv(np.eye(len(A)) - A)
    return L @ S @ L.T
