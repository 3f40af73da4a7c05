"""Standardised solutions: ``std_lv`` (latent variables have unit variance), ``std_all`` (all do), ``std_nox`` (all but covariates)."""

from __future__ import annotations

import numpy as np

from models.sem.matrices import Structure, implied
from models.sem.table import ParameterTable

KINDS = ("std_lv", "std_all", "std_nox")


def standardised(table: ParameterTable, matrices: Structure, theta: np.ndarray, kind: str = "std_all") -> np.ndarray:
    """Return one standardised value a row: a path times sd(predictor) / sd(outcome), a covariance as a correlation.

    Residual covariances are divided by the residual standard deviations, as lavaan does; a variance by the implied
    variance; a mean by the implied standard deviation.
    """
    values = table.values(theta)
    index = {name: i for i, name in enumerate(matrices.names)}
    result = values.copy()
    for g, cells in enumerate(matrices.groups):
        state = implied(cells, theta)
        with np.errstate(invalid="ignore"):
            spread = np.sqrt(np.diag(state.C))
            residual = np.sqrt(np.diag(state.S))
        fixed = {*table.variables.covariates} if kind == "std_nox" else set()
        for name, i in index.items():
            if (kind == "std_lv" and name in table.variables.observed) or name in fixed:
                spread[i] = residual[i] = 1.0
        for r, row in enumerate(table.rows):
            if row.group != g + 1 or row.op not in ("=~", "~", "~~", "~1"):
                continue
            a, b = index[row.lhs], index[row.rhs] if row.rhs else -1
            if row.op == "=~":
                result[r] = values[r] * spread[a] / spread[b]
            elif row.op == "~":
                result[r] = values[r] * spread[b] / spread[a]
            elif row.op == "~1":
                result[r] = values[r] / spread[a]
            elif a == b:
                result[r] = values[r] / spread[a] ** 2
            else:
                with np.errstate(invalid="ignore", divide="ignore"):
                    result[r] = values[r] / (residual[a] * residual[b])
    return result
