"""From a table and a sample to a solution: the model that is estimated, and its estimation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models.remarks import remark
from models.sem.errors import ConstraintError, ConvergenceError
from models.sem.language.constraints import Constraints, constraints
from models.sem.language.rows import Row
from models.sem.language.syntax import Syntax
from models.sem.language.table import ParameterTable, ordinal_rows
from models.sem.model.matrices import Structure, structure
from models.sem.model.start import starting_values
from models.sem.objective.by_kind import objective_of
from models.sem.objective.objective import Objective, complete_objective
from models.sem.samples.sample import Sample
from models.sem.solving.minimise import minimise
from models.sem.solving.nonlinear import contradictory
from models.sem.solving.optimise import Solution

# Steps after which another start is tried: one that runs away is followed further only where no other arrives.
_PATIENCE = 60


@dataclass(frozen=True, eq=False)
class Task:
    """A parameter table joined to a sample: everything that estimation needs."""

    table: ParameterTable
    sample: Sample
    structure: Structure
    constraints: Constraints
    objective: Objective
    discrepancy: str

    @property
    def n(self) -> int:
        """Number of respondents."""
        return self.sample.n

    @property
    def fixed_covariates(self) -> list[int]:
        """Columns whose moments are fixed at those of the sample."""
        covariates = self.table.variables.covariates if self.table.options.fixed_x else ()
        return [self.sample.names.index(v) for v in covariates]

    @cached_property
    def npar(self) -> int:
        """Number of free parameters after equality constraints."""
        return self.constraints.K.shape[1] - int(self.constraints.equalities.sum())

    @cached_property
    def n_moments(self) -> int:
        """Number of sample moments to explain."""
        return self.sample.moment_count(self.table.options.meanstructure, len(self.fixed_covariates))

    @property
    def df(self) -> int:
        """Degrees of freedom of the test against the unrestricted model."""
        return self.n_moments - self.npar


def task_of(table: ParameterTable, sample: Sample, discrepancy: str = "ML") -> Task:
    """Join a table and a sample; covariates' fixed moments are taken from the sample."""
    if any(row.exo for row in table.rows):
        moments = [group.cov for group in sample.groups], [group.mean for group in sample.groups]
        table = table.with_covariates(sample.names, *moments)
    matrices = structure(table)
    function = objective_of(matrices, sample, discrepancy)
    return Task(table, sample, matrices, constraints(table), function, discrepancy)


def solve(task: Task, start: np.ndarray | None = None) -> Solution:
    """Minimise; where the first start fails or ends with a negative variance, try others and keep the lowest minimum.

    Raises
    ------
    ConvergenceError
        If no start leads to a minimum.
    ConstraintError
        If no parameters were found that meet all constraints.
    """
    if task.constraints.nonlinear:
        impossible = contradictory(task.constraints)
        if impossible:
            raise ConstraintError(f"The constraints {'; '.join(impossible)} contradict each other. Remove one of them.")
    first = starting_values(task.table, task.sample) if start is None else start
    best = minimise(task.objective, task.constraints, first if start is not None else _nearer(task, first), _PATIENCE)
    if _settled(task, best):
        return best
    for theta in _restarts(task.table, first):
        trial = minimise(task.objective, task.constraints, theta, _PATIENCE)
        if trial.converged and (not best.converged or trial.value < best.value - 1e-10):
            best = trial
        if _settled(task, best):
            return best
    if not best.converged:
        best = minimise(task.objective, task.constraints, best.theta)
    if best.converged:
        return best
    broken = task.constraints.broken(best.theta)
    if broken:
        raise ConstraintError(
            remark("constraints_unmet", constraints=broken),
            "Remove one of them, or give starting values that meet them.",
        )
    runaway = [
        remark("negative_on_the_way", name=f"{row.lhs} ~~ {row.rhs}", value=value)
        for row, value in _negative_variances(task.table, best.theta)
    ]
    assert best.reason is not None
    raise ConvergenceError(
        remark("not_converged", reasons=[best.reason, *runaway], n=task.n),
        "Look for a factor with weak or wrong items, or levels of a construct that do not go together, and leave it "
        "out (a card leaves a question out of the models by naming no construct for it); collect more answers; in a "
        "model text of your own estimate fewer parameters, or give starting values with start().",
    )


def _nearer(task: Task, theta: np.ndarray) -> np.ndarray:
    """Return the minimum for the moments of incomplete answers taken as those of complete ones, where it is proper.

    It is consistent (the two stages of Yuan & Bentler 2000, https://doi.org/10.1111/0081-1750.00078) and costs a
    hundredth of the minimum of the likelihood, from which it leaves two or three steps in place of six or seven.
    """
    if task.sample.kind != "incomplete":
        return theta
    complete = complete_objective(task.structure, task.sample, task.discrepancy)
    found = minimise(complete, task.constraints, theta, _PATIENCE)
    return found.theta if _settled(task, found) else theta


def _settled(task: Task, found: Solution) -> bool:
    return found.converged and not _negative_variances(task.table, found.theta)


def _negative_variances(table: ParameterTable, theta: np.ndarray) -> list[tuple[Row, float]]:
    rows = [table.rows[i] for i in table.free]
    return [(r, v) for r, v in zip(rows, theta, strict=True) if r.op == "~~" and r.lhs == r.rhs and v < 0]


def _restarts(table: ParameterTable, theta: np.ndarray) -> list[np.ndarray]:
    """Return other starts: no effects, weaker relations, then those of the computed size but of mixed strength.

    Effects of collinear causes computed from moments can lie on the slope of a valley that descends without end; from
    zero the descent ends in the minimum beside it.
    """
    relation = np.array(
        [table.rows[i].op in ("=~", "~") or _is_covariance(table.rows[i]) for i in table.free], dtype=bool
    )
    # Between 0 and 1, next to each other far apart: multiples of the golden ratio.
    mixed = np.arange(1, len(theta) + 1) * (np.sqrt(5) - 1) / 2 % 1
    effects = np.array([table.rows[i].op == "~" for i in table.free], dtype=bool)
    without, weak = np.where(effects, 0.0, theta), np.where(relation, 0.3 * theta, theta)
    return [without, weak, theta * np.where(relation, 0.3 + 0.9 * mixed, 0.8 + 0.4 * mixed)]


def _is_covariance(row: Row) -> bool:
    return row.op == "~~" and row.lhs != row.rhs


def baseline(alone: ParameterTable, sample: Sample, discrepancy: str) -> tuple[Task, Solution]:
    """Return the model of an independence table and its solution: under ML the moments of each item alone."""
    task = task_of(alone, sample, discrepancy)
    free = [task.table.rows[i] for i in task.table.free]
    if discrepancy != "ML" or any(row.lhs in alone.variables.covariates for row in free):
        return task, solve(task)
    theta = np.array([row.start for row in free])
    return task, Solution(theta, task.objective.value(theta), 0, True, None, 0.0)


def independence(table: ParameterTable, sample: Sample) -> ParameterTable:
    """Return the baseline table: free variances (and means), no relation but among the covariates.

    Starting values are the moments of the answers of each item, which are the estimates under maximum likelihood.
    """
    observed, covariates = table.variables.observed, set(table.variables.covariates)
    rows = []
    for g, group in enumerate(sample.groups, 1):
        mean, variance = group.mean, np.diag(group.cov)
        if not group.complete and group.ordinal is None:
            mean, variance = np.nanmean(group.data, axis=0), np.nanvar(group.data, axis=0)  # type: ignore[arg-type]
        rows += ordinal_rows(table.options, g)
        for v in table.variables.endogenous:
            if v in table.variables.ordered:
                rows.append(Row(v, "~1", "", g, free=False, fixed=0.0))
                continue
            rows.append(Row(v, "~~", v, g, start=variance[observed.index(v)]))
            if table.options.meanstructure:
                rows.append(Row(v, "~1", "", g, start=mean[observed.index(v)]))
        rows += [
            replace(row, label="")
            for row in table.rows
            if row.group == g and row.lhs in covariates and row.op in ("~~", "~1") and row.rhs in {"", *covariates}
        ]
    variables = replace(table.variables, latent=(), exogenous_latent=(), dependent=())
    return ParameterTable(tuple(rows), (), variables, table.options, Syntax("", (), ()))
