"""Refits of one model to many sets of moments: by compiled code where numba is there, else by the engine itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from models.sem.errors import ArgumentError
from models.sem.estimate import Problem
from models.sem.matrices import DIRECTED, MEAN, SYMMETRIC, Cells, Implied, implied, jacobian
from models.sem.objective import objective
from models.sem.optimise import direction, minimise
from models.sem.sample import Sample

ENGINES = ("auto", "compiled", "numpy")
_FLAT = 1e-8


@dataclass(frozen=True)
class MomentSets:
    """Moments of B samples of G groups.

    Attributes
    ----------
    means, covs
        (B, G, p) and (B, G, p, p), covariances divided by n.
    sizes
        Respondents (B, G).
    """

    means: np.ndarray
    covs: np.ndarray
    sizes: np.ndarray

    def __getitem__(self, part: slice) -> MomentSets:
        return MomentSets(self.means[part], self.covs[part], self.sizes[part])


@dataclass(frozen=True)
class Refits:
    """One row a sample.

    Attributes
    ----------
    theta
        Parameters (B, q).
    value
        Minima of the objective (B,).
    converged
        Whether a minimum was found (B,).
    variances
        Implied variances of all variables (B, G, v), for standardised solutions.
    proper
        Whether the covariance matrices of factors and of residuals are positive semidefinite (B,).
    """

    theta: np.ndarray
    value: np.ndarray
    converged: np.ndarray
    variances: np.ndarray
    proper: np.ndarray


class Plan(NamedTuple):
    """A model laid out for compiled code, the cells of all groups one after another.

    Attributes
    ----------
    cells
        Kind, row, column, u and w of each cell (q, 5); u and w count in [I U[:, columns]].
    s
        Factor of each cell's derivative (q,).
    first
        Where the cells of each group begin (G + 1,).
    k, K_first, K_place, K_value
        θ = K φ + k with K by rows: place in φ, and in the group's own coordinates.
    private_offset, n_shared
        φ has the parameters of one group only, group by group, then the shared ones.
    arrows, pairs
        Cells of A in causal order, and of S (n, 2), that are not zero.
    columns
        Columns of U = [T D] in use that are not unit vectors.
    covariates
        Variables whose moments are those of the sample.
    means
        Whether means are modelled.
    """

    cells: np.ndarray
    s: np.ndarray
    first: np.ndarray
    k: np.ndarray
    K_first: np.ndarray
    K_place: np.ndarray
    K_value: np.ndarray
    private_offset: np.ndarray
    n_shared: int
    arrows: np.ndarray
    pairs: np.ndarray
    columns: np.ndarray
    covariates: np.ndarray
    means: bool


def refit(task: Problem, theta: np.ndarray, sets: MomentSets, threads: int = 1, engine: str = "auto") -> Refits:
    """Refit a model of complete answers to many moments, from the neighbourhood of its own solution θ.

    Compiled code serves maximum likelihood without nonlinear constraints and without cycles of causes.

    Parameters
    ----------
    threads
        Number of threads of the compiled code; it does not change the results.
    engine
        ``"compiled"``, ``"numpy"``, or ``"auto"``: compiled where numba is installed.
    """
    if engine not in ENGINES:
        raise ArgumentError(f"engine={engine!r} is unknown; possible are {', '.join(ENGINES)}.")
    if engine == "auto":
        engine = "compiled" if find_spec("numba") else "numpy"
    start = one_step(task, theta, sets)
    special = task.estimator != "ML" or task.constraints.nonlinear
    layout = None if engine == "numpy" or special else plan(task)
    if layout is None:
        return _by_engine(task, theta, sets, start)
    return _by_kernels(task, layout, theta, sets, start, threads)


def one_step(task: Problem, theta: np.ndarray, sets: MomentSets) -> np.ndarray:
    """Return starts (B, q): one Newton step from θ, whose gradient is linear in the change of the moments."""
    K = task.constraints.K
    hessian = K.T @ task.objective.hessian(theta, exact=True) @ K
    try:
        inverse = np.linalg.inv(hessian)
    except np.linalg.LinAlgError:
        return np.tile(theta, (len(sets.means), 1))
    slope = np.zeros((len(sets.means), len(theta)))
    for g, (cells, group) in enumerate(zip(task.structure.groups, task.sample.groups, strict=True)):
        state = implied(cells, theta)
        W = np.linalg.inv(state.sigma)
        dmu, dsigma = jacobian(cells, state)
        weighted = np.einsum("ij,jkq,kl->ilq", W, dsigma, W, optimize=True)
        change = sets.covs[:, g] - group.cov
        block = change.reshape(len(change), -1) @ weighted.reshape(-1, weighted.shape[-1])
        if task.structure.meanstructure:
            block += 2 * (sets.means[:, g] - group.mean) @ W @ dmu
        slope[:, cells.theta] = -group.n / task.n / 2 * block
    return theta - slope @ K @ inverse @ K.T


def at_moments(task: Problem, means: np.ndarray, covs: np.ndarray, sizes: np.ndarray) -> Problem:
    """Return the same model for the moments of another sample, (G, p), (G, p, p) and (G,)."""
    groups = tuple(
        replace(group, mean=mean, cov=cov, n=int(n), data=None, clusters=None, rows=None)
        for group, mean, cov, n in zip(task.sample.groups, means, covs, sizes, strict=True)
    )
    sample = Sample(task.sample.names, groups)
    return at_sample(task, sample if task.estimator == "ML" else sample.unbiased())


def at_sample(task: Problem, sample: Sample) -> Problem:
    """Return the same model for another sample; the moments of fixed covariates follow the sample."""
    matrices = task.structure
    if task.fixed_covariates:
        parts = zip(matrices.groups, sample.groups, strict=True)
        matrices = replace(matrices, groups=tuple(_with_covariates(task, cells, group.mean, group.cov) for cells, group in parts))
    if sample.ordinal:
        from models.sem.ordinal_objective import ordinal_objective

        function = ordinal_objective(matrices, sample, task.estimator)
    elif all(group.complete for group in sample.groups):
        function = objective(matrices, sample, task.estimator)
    else:
        from models.sem.missing import missing_objective

        function = missing_objective(matrices, sample)
    return replace(task, sample=sample, structure=matrices, objective=function)


def _with_covariates(task: Problem, cells: Cells, mean: np.ndarray, cov: np.ndarray) -> Cells:
    symmetric, intercepts = cells.symmetric.copy(), cells.mean.copy()
    at = np.ix_(task.fixed_covariates, task.fixed_covariates)
    symmetric[at] = cov[at]
    if task.structure.meanstructure:
        intercepts[task.fixed_covariates] = mean[task.fixed_covariates]
    return replace(cells, symmetric=symmetric, mean=intercepts)


def _by_engine(task: Problem, theta: np.ndarray, sets: MomentSets, start: np.ndarray) -> Refits:
    B, G = sets.sizes.shape
    estimates, value, converged = np.tile(theta, (B, 1)), np.full(B, np.nan), np.zeros(B, dtype=bool)
    variances, proper = np.full((B, G, len(task.structure.names)), np.nan), np.ones(B, dtype=bool)
    for b in range(B):
        other = at_moments(task, sets.means[b], sets.covs[b], sets.sizes[b])
        near = start[b] if np.isfinite(other.objective.value(start[b])) else theta
        solution = minimise(other.objective, other.constraints, near)
        estimates[b], value[b], converged[b] = solution.theta, solution.value, solution.converged
        if solution.converged and not other.constraints.nonlinear:
            K, gradient = other.constraints.K, other.objective.gradient(solution.theta)
            estimates[b] += K @ direction(other.objective, K, solution.theta, K.T @ gradient)[0]
        states = [implied(cells, estimates[b]) for cells in other.structure.groups]
        variances[b] = [np.diag(state.C) for state in states]
        proper[b] = all(is_proper(state, task.structure.n_observed) for state in states)
    return Refits(estimates, value, converged, variances, proper)


def is_proper(state: Implied, p: int) -> bool:
    """Return whether the residual covariances of the items and the covariances of the factors are positive semidefinite."""
    for matrix in (state.S[:p, :p], state.C[p:, p:]):
        used = np.flatnonzero(np.diag(matrix) > 0)
        scale = 1 / np.sqrt(np.diag(matrix)[used])
        values = np.linalg.eigvalsh(matrix[np.ix_(used, used)] * np.outer(scale, scale))
        if len(values) and values[0] < -_FLAT:
            return False
    return True


def _by_kernels(task: Problem, layout: Layout, theta: np.ndarray, sets: MomentSets, start: np.ndarray, threads: int) -> Refits:
    from models.sem import kernels_compiled as compiled

    B, G = sets.sizes.shape
    K, k = task.constraints.K, task.constraints.k
    back = np.linalg.lstsq(K, np.column_stack([theta - k, (start - k).T]), rcond=None)[0][layout.order].T.copy()
    weights = sets.sizes / sets.sizes.sum(axis=1, keepdims=True)
    constants = np.linalg.slogdet(sets.covs)[1] + sets.covs.shape[-1]
    estimates, value = np.zeros((B, len(theta))), np.zeros(B)
    variances, steps = np.zeros((B, G, len(task.structure.names))), np.zeros(B, dtype=np.int64)
    proper = np.zeros(B, dtype=bool)
    means, covs = np.ascontiguousarray(sets.means, dtype=float), np.ascontiguousarray(sets.covs, dtype=float)

    def work(part: np.ndarray) -> None:
        scratch = compiled.workspace(layout.plan, task.structure)
        compiled.refit(
            layout.plan, scratch, means, covs, weights, constants, back[1:], back[0], estimates, value, variances, proper,
            steps, int(part[0]), int(part[-1]) + 1,
        )  # fmt: skip

    parts = [part for part in np.array_split(np.arange(B), max(1, min(threads * 4, B // 8 if threads > 1 else 1))) if len(part)]
    if threads == 1 or len(parts) == 1:
        for part in parts:
            work(part)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, parts))
    return Refits(estimates, value, steps >= 0, variances, proper)


@dataclass(frozen=True)
class Layout:
    """A plan, and its φ as positions of the columns of K."""

    plan: Plan
    order: np.ndarray


def plan(task: Problem) -> Layout | None:
    """Lay a model out for compiled code; None if its variables cause each other in a cycle."""
    matrices, groups = task.structure, task.structure.groups
    p, v = matrices.n_observed, len(matrices.names)
    kind, row, column, u, w, s = (
        np.concatenate([getattr(cells, name) for cells in groups]) for name in ("kind", "row", "column", "u", "w", "s")
    )
    A = np.any([cells.directed != 0 for cells in groups], axis=0)
    S = np.any([cells.symmetric != 0 for cells in groups], axis=0)
    A[row[kind == DIRECTED], column[kind == DIRECTED]] = True
    for i, j in ((row, column), (column, row)):
        S[i[kind == SYMMETRIC], j[kind == SYMMETRIC]] = True
    covariates = np.array(task.fixed_covariates, dtype=np.int64)
    S[np.ix_(covariates, covariates)] = True
    order = causal_order(A)
    if order is None:
        return None
    w = np.where(kind == MEAN, u, w)
    unit = np.append((np.arange(v) < p) & ~A.any(axis=0), np.zeros(v, dtype=bool))
    used = np.unique(np.append(u, w))
    columns = used[~unit[used]]
    place = np.append(np.arange(p), np.zeros(2 * v - p, dtype=np.int64))
    place[columns] = p + np.arange(len(columns))
    first = np.array([cells.theta.start for cells in groups] + [matrices.n_free])
    K, owner = task.constraints.K, _owner(task.constraints.K, first)
    by_owner = np.argsort(owner, kind="stable")
    offset = np.searchsorted(owner[by_owner], np.arange(len(groups) + 1))
    at_row, at_column = np.nonzero(K[:, by_owner])
    group = np.searchsorted(first, at_row, side="right") - 1
    shared = np.diff(offset)[group] + at_column - offset[-1]
    layout = Plan(
        cells=np.column_stack([kind, row, column, place[u], place[w]]),
        s=s,
        first=first,
        k=task.constraints.k,
        K_first=np.searchsorted(at_row, np.arange(len(K) + 1)),
        K_place=np.column_stack([at_column, np.where(at_column >= offset[-1], shared, at_column - offset[group])]),
        K_value=K[:, by_owner][at_row, at_column],
        private_offset=offset,
        n_shared=int(K.shape[1] - offset[-1]),
        arrows=np.array([(i, j) for i in order for j in np.flatnonzero(A[i])], dtype=np.int64).reshape(-1, 2),
        pairs=np.argwhere(S),
        columns=columns,
        covariates=covariates,
        means=matrices.meanstructure,
    )
    return Layout(layout, by_owner)


def _owner(K: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the group that a column of K belongs to, or the number of groups if it is shared."""
    reach = np.array([np.abs(K[a:b]).sum(axis=0) > 0 for a, b in zip(first[:-1], first[1:], strict=True)])
    return np.where(reach.sum(axis=0) == 1, reach.argmax(axis=0), len(reach))


def causal_order(A: np.ndarray) -> list[int] | None:
    """Sort variables so that every cause stands before its effects; None if there is a cycle."""
    waiting = A.sum(axis=1)
    order = [int(i) for i in np.flatnonzero(waiting == 0)]
    for j in order:
        for i in np.flatnonzero(A[:, j]):
            waiting[i] -= 1
            if waiting[i] == 0:
                order.append(int(i))
    return order if len(order) == len(A) else None
