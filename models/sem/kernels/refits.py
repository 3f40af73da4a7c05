"""Refits of one model to many sets of moments: by compiled code where numba is there, else by the engine itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import get_args

import numpy as np

from models.sem.arguments import choice
from models.sem.kernels.layout import Data, Layout, no_gaps, plan, workspace
from models.sem.model.matrices import Cells, Implied, implied, jacobian
from models.sem.objective.by_kind import objective_of
from models.sem.options import Engine
from models.sem.samples.sample import Sample
from models.sem.solving.estimate import Task
from models.sem.solving.minimise import minimise
from models.sem.solving.optimise import direction

_FLAT = 1e-8
_LAST, _MOST = 1e-18, 100


@dataclass(frozen=True, eq=False)
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
        """Return some of the sets."""
        return MomentSets(self.means[part], self.covs[part], self.sizes[part])


@dataclass(frozen=True, eq=False)
class Refits:
    """One row a sample.

    Attributes
    ----------
    theta
        Parameters (B, q).
    value
        Minima of the objective (B,), of incomplete answers up to a constant.
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


def refit(task: Task, theta: np.ndarray, sets: MomentSets, threads: int = 1, engine: Engine = "auto") -> Refits:
    """Refit a model of complete answers to many moments, from the neighbourhood of its own solution θ.

    Compiled code serves maximum likelihood without nonlinear constraints and without cycles of causes.

    Parameters
    ----------
    threads
        Number of threads of the compiled code; it does not change the results.
    engine
        ``"compiled"``, ``"numpy"``, or ``"auto"``: compiled where numba is installed.
    """
    start = one_step(task, theta, sets)
    layout = compiled_layout(task, engine)
    if layout is None:
        return _by_engine(task, theta, sets, start)
    weights = sets.sizes / sets.sizes.sum(axis=1, keepdims=True)
    constants = np.linalg.slogdet(sets.covs)[1] + sets.covs.shape[-1]
    means, covs, weights, constants = (
        np.ascontiguousarray(x, dtype=float) for x in (sets.means, sets.covs, weights, constants)
    )
    data = Data(means, covs, weights, constants, _LAST, _MOST, no_gaps(*means.shape[1:]))
    return by_kernels(task, layout, theta, data, start, threads)


def compiled_layout(task: Task, engine: Engine) -> Layout | None:
    """Return the model laid out for the compiled code, None where that is not asked for or does not serve it."""
    choice("engine", engine, get_args(Engine))
    if engine == "auto":
        engine = "compiled" if find_spec("numba") else "numpy"
    special = task.discrepancy != "ML" or task.constraints.nonlinear
    return None if engine == "numpy" or special else plan(task)


def one_step(task: Task, theta: np.ndarray, sets: MomentSets) -> np.ndarray:
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


def at_moments(task: Task, means: np.ndarray, covs: np.ndarray, sizes: np.ndarray) -> Task:
    """Return the same model for the moments of another sample, (G, p), (G, p, p) and (G,)."""
    groups = tuple(
        replace(group, mean=mean, cov=cov, n=int(n), data=None, clusters=None, rows=None)
        for group, mean, cov, n in zip(task.sample.groups, means, covs, sizes, strict=True)
    )
    sample = Sample(task.sample.names, groups)
    return at_sample(task, sample.divided("n" if task.discrepancy == "ML" else "n-1"))


def at_sample(task: Task, sample: Sample) -> Task:
    """Return the same model for another sample; the moments of fixed covariates follow the sample."""
    matrices = task.structure
    if task.fixed_covariates:
        parts = zip(matrices.groups, sample.groups, strict=True)
        matrices = replace(
            matrices, groups=tuple(_with_covariates(task, cells, group.mean, group.cov) for cells, group in parts)
        )
    return replace(task, sample=sample, structure=matrices, objective=objective_of(matrices, sample, task.discrepancy))


def _with_covariates(task: Task, cells: Cells, mean: np.ndarray, cov: np.ndarray) -> Cells:
    symmetric, intercepts = cells.symmetric.copy(), cells.mean.copy()
    at = np.ix_(task.fixed_covariates, task.fixed_covariates)
    symmetric[at] = cov[at]
    if task.structure.meanstructure:
        intercepts[task.fixed_covariates] = mean[task.fixed_covariates]
    return replace(cells, symmetric=symmetric, mean=intercepts)


def _by_engine(task: Task, theta: np.ndarray, sets: MomentSets, start: np.ndarray) -> Refits:
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
    """Return whether the covariances of residuals and of factors are positive semidefinite."""
    for matrix in (state.S[:p, :p], state.C[p:, p:]):
        used = np.flatnonzero(np.diag(matrix) > 0)
        scale = 1 / np.sqrt(np.diag(matrix)[used])
        values = np.linalg.eigvalsh(matrix[np.ix_(used, used)] * np.outer(scale, scale))
        if len(values) and values[0] < -_FLAT:
            return False
    return True


def by_kernels(task: Task, layout: Layout, theta: np.ndarray, data: Data, start: np.ndarray, threads: int) -> Refits:
    """Refit by compiled code from starts (B, q), or from θ where f is infinite there."""
    from models.sem.kernels import compiled as compiled

    B, G = data.weights.shape
    back = (np.vstack([theta, start]) - task.constraints.k) @ layout.back.T
    estimates, value = np.zeros((B, len(theta))), np.zeros(B)
    variances, steps = np.zeros((B, G, len(task.structure.names))), np.zeros(B, dtype=np.int64)
    proper = np.zeros(B, dtype=bool)

    def work(part: np.ndarray) -> None:
        scratch = workspace(layout.plan, task.structure)
        compiled.refit(
            layout.plan,
            scratch,
            data,
            back[1:],
            back[0],
            estimates,
            value,
            variances,
            proper,
            steps,
            part[0],
            part[-1] + 1,
        )

    parts = np.array_split(np.arange(B), 1 if threads == 1 else min(4 * threads, B))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, parts))
    return Refits(estimates, value, steps >= 0, variances, proper)
