"""Standardised solutions: unit variance of factors (``std_lv``), all variables (``std_all``), all but covariates."""

from __future__ import annotations

import numpy as np

from models.sem.language.table import ParameterTable
from models.sem.model.matrices import Structure, implied, row_values
from models.sem.options import Standardisation


def standardised(
    table: ParameterTable, matrices: Structure, theta: np.ndarray, kind: Standardisation = "std_all"
) -> np.ndarray:
    """Return one standardised value a row: a path times sd(predictor) / sd(outcome), a covariance as a correlation.

    Residual covariances are divided by the residual standard deviations, as lavaan does; a variance by the implied
    variance; a mean by the implied standard deviation.
    """
    states = [implied(cells, theta) for cells in matrices.groups]
    variances = np.array([np.diag(state.C) for state in states])
    residuals = np.array([np.diag(state.S) for state in states])
    values = row_values(table, matrices, theta)
    with np.errstate(invalid="ignore"):
        return np.where(values == 0, 0.0, values * factors(table, matrices.names, variances, residuals, kind))


def factors(
    table: ParameterTable,
    names: tuple[str, ...],
    variances: np.ndarray,
    residuals: np.ndarray,
    kind: Standardisation = "std_all",
) -> np.ndarray:
    """Return what each row is multiplied with to be standardised (..., rows).

    Parameters
    ----------
    names
        The variables, observed first.
    variances, residuals
        Implied and residual variances of the variables in each group (..., groups, variables).
    """
    with np.errstate(invalid="ignore"):
        spread, residual = np.sqrt(variances), np.sqrt(residuals)
    fixed = table.variables.observed if kind == "std_lv" else table.variables.covariates if kind == "std_nox" else ()
    index = {name: i for i, name in enumerate(names)}
    at = [index[name] for name in fixed]
    spread[..., at] = residual[..., at] = 1.0
    result = np.ones((*spread.shape[:-2], len(table.rows)))
    with np.errstate(invalid="ignore", divide="ignore"):
        for r, row in enumerate(table.rows):
            g, a, b = row.group - 1, index[row.lhs], index.get(row.rhs, -1)
            if row.op == "=~":
                result[..., r] = spread[..., g, a] / spread[..., g, b]
            elif row.op == "~":
                result[..., r] = spread[..., g, b] / spread[..., g, a]
            elif row.op in ("~1", "|"):
                result[..., r] = 1 / spread[..., g, a]
            elif row.op == "~*~":
                result[..., r] = spread[..., g, a]
            elif a == b:
                result[..., r] = 1 / spread[..., g, a] ** 2
            else:
                result[..., r] = 1 / (residual[..., g, a] * residual[..., g, b])
    return result
