"""From a table and a sample to a solution: the model that is estimated, and its estimation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.sem.constraints import Constraints, constraints
from models.sem.errors import ConvergenceError
from models.sem.matrices import Structure, structure
from models.sem.objective import Objective, objective
from models.sem.optimise import Solution, minimise
from models.sem.sample import Sample
from models.sem.start import starting_values
from models.sem.syntax import Syntax
from models.sem.table import ParameterTable, Row


@dataclass(frozen=True)
class Problem:
    """A parameter table joined to a sample: everything that estimation needs."""

    table: ParameterTable
    sample: Sample
    structure: Structure
    constraints: Constraints
    objective: Objective
    estimator: str

    @property
    def n(self) -> int:
        """Number of respondents."""
        return self.sample.n

    @property
    def fixed_covariates(self) -> list[int]:
        """Columns whose moments are fixed at those of the sample."""
        covariates = self.table.variables.covariates if self.table.options.fixed_x else ()
        return [self.sample.names.index(v) for v in covariates]


def problem(table: ParameterTable, sample: Sample, estimator: str = "ML") -> Problem:
    """Join a table and a sample; covariates' fixed moments are taken from the sample."""
    names = list(sample.names)
    table = table.with_covariates(
        [pd.DataFrame(group.cov, names, names) for group in sample.groups],
        [pd.Series(group.mean, names) for group in sample.groups],
    )
    matrices = structure(table)
    if any(not group.complete for group in sample.groups):
        from models.sem.missing import missing_objective

        function = missing_objective(matrices, sample)
    else:
        function = objective(matrices, sample, estimator)
    return Problem(table, sample, matrices, constraints(table), function, estimator)


def solve(task: Problem, start: np.ndarray | None = None) -> Solution:
    """Minimise; where the first start fails, try others and keep the lowest minimum.

    Raises
    ------
    ConvergenceError
        If no start leads to a minimum.
    """
    first = starting_values(task.table, task.sample) if start is None else start
    best = minimise(task.objective, task.constraints, first)
    if best.converged:
        return best
    rng = np.random.default_rng(1)
    for attempt in range(4):
        theta = _plain(task.table, first) if attempt == 0 else first * rng.uniform(0.5, 1.5, len(first))
        trial = minimise(task.objective, task.constraints, theta)
        if trial.converged:
            return trial
    raise ConvergenceError(
        f"The model did not converge: {best.reason}. Look for a factor with weak or wrong items, for too many parameters "
        f"for the sample (n = {task.n}), or give starting values with start()."
    )


def _plain(table: ParameterTable, theta: np.ndarray) -> np.ndarray:
    """Return starts with small loadings and covariances, where Σ is surely positive definite."""
    result = theta.copy()
    for k, i in enumerate(table.free):
        row = table.rows[i]
        if row.op in ("=~", "~") or (row.op == "~~" and row.lhs != row.rhs):
            result[k] *= 0.3
    return result


def independence(table: ParameterTable, sample: Sample) -> ParameterTable:
    """Return the baseline table: free variances (and means), no relation but among the covariates.

    Starting values are the moments of the answers of each item, which are the estimates under maximum likelihood.
    """
    observed, covariates = table.variables.observed, set(table.variables.covariates)
    rows = []
    for g, group in enumerate(sample.groups, 1):
        mean, variance = group.mean, np.diag(group.cov)
        if not group.complete:
            mean, variance = np.nanmean(group.data, axis=0), np.nanvar(group.data, axis=0)  # type: ignore[arg-type]
        for v in table.variables.endogenous:
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
