"""All refits of a bootstrap or jackknife, and the quantities that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.sem.errors import SemError
from models.sem.inference.estimated import Estimated
from models.sem.kernels.refits import Refits, at_moments, at_sample, compiled_layout, is_proper, refit
from models.sem.language.rows import Row
from models.sem.model.matrices import SYMMETRIC, implied, row_values
from models.sem.model.standardise import factors
from models.sem.model.start import starting_values
from models.sem.options import Drawn, Engine
from models.sem.resampling.incomplete import incomplete
from models.sem.resampling.resample import moments
from models.sem.samples.ordinal_sample import with_ordinal_moments
from models.sem.samples.sample import GroupSample
from models.sem.solving.estimate import Task
from models.sem.solving.minimise import minimise
from models.sem.solving.optimise import Solution

# Of so many Newton steps; a refit that needs more runs away, along what the resample does not identify.
_PATIENCE = 50


@dataclass(frozen=True, eq=False)
class Replicates:
    """Refits, one row a sample.

    Attributes
    ----------
    theta, value, converged
        Parameters (B, q), minima (B,), and whether a minimum was found (B,).
    variances, residuals
        Implied and residual variances of all variables (B, G, v).
    admissible
        No negative variance, covariance matrices of factors and of residuals positive definite (B,).
    """

    theta: np.ndarray
    value: np.ndarray
    converged: np.ndarray
    variances: np.ndarray
    residuals: np.ndarray
    admissible: np.ndarray

    def only(self, keep: np.ndarray) -> Replicates:
        """Return the refits that a mask (B,) keeps."""
        return Replicates(**{name: values[keep] for name, values in vars(self).items()})


def refit_all(
    task: Task,
    theta: np.ndarray,
    blocks: Iterable[list[np.ndarray]],
    threads: int,
    engine: Engine,
    done: Callable[[int], None] | None = None,
) -> Replicates:
    """Refit to samples given as blocks of counts (how often each respondent is in them, an array a group).

    Parameters
    ----------
    done
        Told the number of finished refits after each block.
    """
    refits, parts = _method(task, theta, threads, engine), []
    for counts in blocks:
        parts.append(_checked(task, refits(counts)))
        if done is not None:
            done(sum(len(part.theta) for part in parts))
    names = ("theta", "value", "converged", "variances", "residuals", "admissible")
    return Replicates(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _method(task: Task, theta: np.ndarray, threads: int, engine: Engine) -> Callable[[list[np.ndarray]], Refits]:
    """Return how to refit to a block of counts: to moments, to incomplete answers, or to the answers one by one."""
    kind = task.sample.kind
    if kind == "complete":
        return lambda counts: _by_moments(task, theta, counts, threads, engine)
    layout = compiled_layout(task, engine) if kind == "incomplete" else None
    if layout is None:
        return lambda counts: _by_rows(task, theta, counts)
    prepared = incomplete(task, layout, theta)
    return lambda counts: prepared.refit(counts, threads)


def _checked(task: Task, found: Refits) -> Replicates:
    residuals = _residual_variances(task, found)
    variances = [k for k, i in enumerate(task.table.free) if task.table.rows[i].op == "~~" and _own(task.table.rows[i])]
    admissible = found.proper & ~(found.theta[:, variances] < 0).any(axis=1)
    return Replicates(found.theta, found.value, found.converged, found.variances, residuals, admissible)


def _own(row: Row) -> bool:
    return row.lhs == row.rhs


def _by_moments(task: Task, theta: np.ndarray, counts: list[np.ndarray], threads: int, engine: Engine) -> Refits:
    sets = moments(task.sample, counts, threads)
    found = refit(task, theta, sets, threads, engine)
    for b in map(int, np.flatnonzero(~found.converged)):
        _put(found, b, _cold(at_moments(task, sets.means[b], sets.covs[b], sets.sizes[b])))
    return found


def _by_rows(task: Task, theta: np.ndarray, counts: list[np.ndarray]) -> Refits:
    """Refit to the answers themselves, one sample after another."""
    B, shape = len(counts[0]), (len(counts), len(task.structure.names))
    found = Refits(
        np.tile(theta, (B, 1)),
        np.full(B, np.nan),
        np.zeros(B, dtype=bool),
        np.full((B, *shape), np.nan),
        np.ones(B, dtype=bool),
    )
    for b in range(B):
        groups = tuple(_chosen(group, times[b], task) for group, times in zip(task.sample.groups, counts, strict=True))
        sample = replace(task.sample, groups=groups)
        try:
            if task.sample.is_ordinal:
                sample = with_ordinal_moments(sample, task.table.variables.ordered, task.sample)
            other = at_sample(task, sample)
            solution = minimise(other.objective, other.constraints, theta, _PATIENCE)
        except (SemError, np.linalg.LinAlgError):
            continue
        _put(found, b, (other, solution) if solution.converged else _cold(other))
    return found


def _chosen(group: GroupSample, times: np.ndarray, task: Task) -> GroupSample:
    assert group.data is not None
    data = np.repeat(group.data, times, axis=0)
    mean, cov, at = group.mean.copy(), group.cov.copy(), task.fixed_covariates
    if at:
        mean[at], cov[np.ix_(at, at)] = data[:, at].mean(axis=0), np.cov(data[:, at].T, ddof=0)
    return replace(group, n=len(data), mean=mean, cov=cov, data=data, clusters=None, rows=None)


def _cold(task: Task) -> tuple[Task, Solution] | None:
    """Minimise from the sample's own starting values; None if that fails too."""
    try:
        solution = minimise(task.objective, task.constraints, starting_values(task.table, task.sample), _PATIENCE)
    except (SemError, np.linalg.LinAlgError):
        return None
    return (task, solution) if solution.converged else None


def _put(found: Refits, b: int, solved: tuple[Task, Solution] | None) -> None:
    if solved is None:
        return
    task, solution = solved
    states = [implied(cells, solution.theta) for cells in task.structure.groups]
    found.theta[b], found.value[b], found.converged[b] = solution.theta, solution.value, solution.converged
    found.variances[b] = [np.diag(state.C) for state in states]
    found.proper[b] = all(is_proper(state, task.structure.n_observed) for state in states)


def _residual_variances(task: Task, found: Refits) -> np.ndarray:
    result = np.empty_like(found.variances)
    for g, cells in enumerate(task.structure.groups):
        if cells.ordinal is not None:
            result[:, g] = [np.diag(implied(cells, theta).S) for theta in found.theta]
            continue
        result[:, g] = np.diag(cells.symmetric)
        own = np.flatnonzero((cells.kind == SYMMETRIC) & (cells.row == cells.column))
        result[:, g, cells.row[own]] = found.theta[:, cells.theta][:, own]
        result[:, g, task.fixed_covariates] = found.variances[:, g, task.fixed_covariates]
    return result


def replicate_values(fit: Estimated, replicates: Replicates, quantities: Sequence[Drawn]) -> dict[str, np.ndarray]:
    """Return the values of all rows and defined parameters (B, rows), raw (``"est"``) or standardised (its kind)."""
    table, matrices = fit.table, fit.task.structure
    if table.options.thresholds:
        values = np.array([row_values(table, matrices, theta) for theta in replicates.theta])
    else:
        values = table.values(replicates.theta)
    result: dict[str, np.ndarray] = {}
    for quantity in quantities:
        scaled = values
        if quantity != "est":
            scaled = values * factors(table, matrices.names, replicates.variances, replicates.residuals, quantity)
        named = {label: scaled[:, row] for label, row in table.labels.items()}
        defined = [np.broadcast_to(value, len(values)) for value in fit.definitions(named)]
        result[quantity] = np.column_stack([scaled, *defined])
    return result


def own_values(fit: Estimated, quantities: Sequence[Drawn]) -> dict[str, np.ndarray]:
    """Return the same of the fit itself (rows,)."""
    states = [implied(cells, fit.theta) for cells in fit.task.structure.groups]
    variances, residuals = ([np.diag(getattr(state, name)) for state in states] for name in ("C", "S"))
    one = Replicates(fit.theta[None], *(np.array([x]) for x in (0.0, True, variances, residuals, True)))
    return {quantity: values[0] for quantity, values in replicate_values(fit, one, quantities).items()}
