r"""Errors of functions of the parameters by the delta method: exact Jacobians, no numerical differences.

Standardised values are a parameter times powers of variances; their derivatives follow from
:math:`\partial C_{aa} = 2 L_{ai} C_{ja}` for a directed cell (i, j) and
:math:`2 s\, L_{ai} L_{aj}` for a symmetric one.
"""

from __future__ import annotations

import numpy as np

from models.sem.language.definitions import labelled as with_labels
from models.sem.language.table import ParameterTable
from models.sem.model.matrices import DIRECTED, SYMMETRIC, Cells, Implied, Structure, implied
from models.sem.model.standardise import factors, standardised


def row_jacobian(table: ParameterTable) -> np.ndarray:
    """Return ∂rows/∂θ (rows, q): one in the column of each free row."""
    J = np.zeros((len(table.rows), len(table.free)))
    J[list(table.free), np.arange(len(table.free))] = 1.0
    return J


def standardised_jacobian(table: ParameterTable, matrices: Structure, theta: np.ndarray, kind: str) -> np.ndarray:
    """Return ∂(standardised rows)/∂θ (rows, q) of continuous items."""
    states = [implied(cells, theta) for cells in matrices.groups]
    variances = np.array([np.diag(state.C) for state in states])
    residuals = np.array([np.diag(state.S) for state in states])
    factor = factors(table, matrices.names, variances, residuals, kind)
    std, J = standardised(table, matrices, theta, kind), np.zeros((len(table.rows), len(theta)))
    J[list(table.free), np.arange(len(theta))] = factor[list(table.free)]
    fixed = table.variables.observed if kind == "std_lv" else table.variables.covariates if kind == "std_nox" else ()
    index = {name: i for i, name in enumerate(matrices.names)}
    at = [index[name] for name in fixed]
    for g, (cells, state) in enumerate(zip(matrices.groups, states, strict=True)):
        total, own = _relative_variances(cells, state)
        total[at] = own[at] = 0.0
        for r, row in enumerate(table.rows):
            if row.group != g + 1 or row.op not in ("=~", "~", "~~", "~1"):
                continue
            a, b = index[row.lhs], index.get(row.rhs, -1)
            if row.op == "=~":
                change = total[a] - total[b]
            elif row.op == "~":
                change = total[b] - total[a]
            elif row.op == "~1":
                change = -total[a]
            else:
                change = -2 * total[a] if a == b else -own[a] - own[b]
            if std[r] != 0 and np.isfinite(std[r]):
                J[r, cells.theta] += std[r] * change
    return J


def _relative_variances(cells: Cells, state: Implied) -> tuple[np.ndarray, np.ndarray]:
    """Return ∂log of the standard deviations (v, q), implied and residual."""
    i, j, L = cells.row, cells.column, state.L
    directed, symmetric = cells.kind == DIRECTED, cells.kind == SYMMETRIC
    total = np.where(directed, 2 * L[:, i] * state.C[j].T, np.where(symmetric, 2 * cells.s * L[:, i] * L[:, j], 0.0))
    own = np.zeros_like(total)
    diagonal = np.flatnonzero(symmetric & (i == j))
    own[i[diagonal], diagonal] = 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        own /= 2 * np.diag(state.S)[:, None]
    own[np.diag(state.S) == 0] = 0.0
    return total / (2 * np.diag(state.C)[:, None]), own


def labelled(
    table: ParameterTable, values: np.ndarray, J: np.ndarray
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Return the value and the derivatives (q,) of every label, defined parameters included.

    Parameters
    ----------
    values, J
        Values of the rows (rows,), plain or standardised, and their derivatives (rows, q).
    """
    where, q = table.labels, J.shape[1]
    value = {label: float(values[row]) for label, row in where.items()}
    return with_labels(table.ordered_definitions, value, {label: J[row] for label, row in where.items()}, q)
