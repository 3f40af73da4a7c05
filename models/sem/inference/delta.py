r"""Errors of functions of the parameters by the delta method: exact Jacobians, no numerical differences.

Standardised values are a parameter times powers of variances; their derivatives follow from
:math:`\partial C_{aa} = 2 L_{ai} C_{ja}` for a directed cell (i, j) and
:math:`2 s\, L_{ai} L_{aj}` for a symmetric one. Of ordinal items the variance is :math:`1 / c^2`: with the scale c as a
parameter the residual variance makes up for what the other cells move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.language.definitions import labelled as with_labels
from models.sem.language.table import ParameterTable
from models.sem.model.matrices import DIRECTED, SCALE, SYMMETRIC, Cells, Implied, Structure, implied
from models.sem.model.standardise import factors, standardised
from models.sem.options import Standardisation


@dataclass(frozen=True, eq=False)
class _Slopes:
    """How the variances of one group move with its parameters.

    Attributes
    ----------
    total, own
        ∂log of the implied and of the residual standard deviations (v, q).
    residuals
        ∂ of the residual variances (v, q).
    scale
        ∂ of the scales of ordinal items (p, q).
    """

    total: np.ndarray
    own: np.ndarray
    residuals: np.ndarray
    scale: np.ndarray


def row_jacobian(table: ParameterTable, matrices: Structure, theta: np.ndarray) -> np.ndarray:
    """Return ∂rows/∂θ (rows, q): one in the column of each free row; rows of ordinal items may follow from others."""
    J = np.zeros((len(table.rows), len(table.free)))
    J[list(table.free), np.arange(len(table.free))] = 1.0
    if table.options.thresholds:
        slopes = [_slopes(cells, implied(cells, theta)) for cells in matrices.groups]
        for r in np.flatnonzero(np.isnan(table.values(theta))):
            row = table.rows[r]
            g, at = row.group - 1, matrices.names.index(row.lhs)
            J[r, matrices.groups[g].theta] = (slopes[g].scale if row.op == "~*~" else slopes[g].residuals)[at]
    return J


def standardised_jacobian(
    table: ParameterTable, matrices: Structure, theta: np.ndarray, kind: Standardisation
) -> np.ndarray:
    """Return ∂(standardised rows)/∂θ (rows, q)."""
    states = [implied(cells, theta) for cells in matrices.groups]
    variances = np.array([np.diag(state.C) for state in states])
    residuals = np.array([np.diag(state.S) for state in states])
    factor = factors(table, matrices.names, variances, residuals, kind)
    std, J = standardised(table, matrices, theta, kind), row_jacobian(table, matrices, theta)
    np.multiply(factor[:, None], J, out=J, where=J != 0)
    fixed = table.variables.observed if kind == "std_lv" else table.variables.covariates if kind == "std_nox" else ()
    index = {name: i for i, name in enumerate(matrices.names)}
    at = [index[name] for name in fixed]
    for g, (cells, state) in enumerate(zip(matrices.groups, states, strict=True)):
        slopes = _slopes(cells, state)
        total, own = slopes.total, slopes.own
        total[at] = own[at] = 0.0
        for r, row in enumerate(table.rows):
            if row.group != g + 1:
                continue
            a, b = index[row.lhs], index.get(row.rhs, -1)
            if row.op == "=~":
                change = total[a] - total[b]
            elif row.op == "~":
                change = total[b] - total[a]
            elif row.op in ("~1", "|"):
                change = -total[a]
            elif row.op == "~*~":
                change = total[a]
            else:
                change = -2 * total[a] if a == b else -own[a] - own[b]
            if std[r] != 0 and np.isfinite(std[r]):
                J[r, cells.theta] += std[r] * change
    return J


def deviations_jacobian(cells: Cells, theta: np.ndarray) -> np.ndarray:
    """Return ∂log of the implied standard deviations of one group's variables by its parameters (v, q)."""
    return _slopes(cells, implied(cells, theta)).total


def _slopes(cells: Cells, state: Implied) -> _Slopes:
    directed, symmetric, L = cells.kind == DIRECTED, cells.kind == SYMMETRIC, state.L
    i, j = (np.where(directed | symmetric, place, 0) for place in (cells.row, cells.column))
    variances = np.where(
        directed, 2 * L[:, i] * state.C[j].T, np.where(symmetric, 2 * cells.s * L[:, i] * L[:, j], 0.0)
    )
    residuals, scale = np.zeros_like(variances), np.zeros((cells.n_observed, len(i)))
    diagonal = np.flatnonzero(symmetric & (i == j))
    residuals[i[diagonal], diagonal] = 1.0
    if cells.ordinal is not None:
        o, free = cells.ordinal.items, np.flatnonzero(cells.kind == SCALE)
        scale[cells.row[free], free] = 1.0
        if cells.ordinal.delta:
            wanted = -2 * state.scale[o, None] ** -3 * scale[o]
            residuals[o] = np.linalg.solve(L[np.ix_(o, o)] ** 2, wanted - variances[o])
            variances += L[:, o] ** 2 @ residuals[o]
        else:
            scale[o] = -(np.diag(state.C)[o, None] ** -1.5) / 2 * variances[o]
    with np.errstate(divide="ignore", invalid="ignore"):
        own = residuals / (2 * np.diag(state.S)[:, None])
    own[np.diag(state.S) == 0] = 0.0
    return _Slopes(variances / (2 * np.diag(state.C)[:, None]), own, residuals, scale)


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
