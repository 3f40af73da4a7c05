"""Is the solution one that could be true? Each problem is named with its parameter."""

from __future__ import annotations

import numpy as np

from models.sem.inference.estimated import Estimated
from models.sem.language.definitions import with_definitions
from models.sem.model.matrices import implied, row_values

_FLAT = 1e-5


def problems(fit: Estimated) -> tuple[str, ...]:
    """Return what is wrong with a converged solution (nothing: admissible).

    Heywood cases (negative variances), covariance matrices that are not positive definite, correlations beyond one, and
    parameters that the data barely determine (Chen et al. 2001, https://doi.org/10.1177/0049124101029004003).
    """
    found: list[str] = []
    table, matrices = fit.table, fit.problem.structure
    many = len(table.options.groups) > 1
    values = table.values(fit.theta)
    for row, value in zip(table.rows, values, strict=True):
        if row.op == "~~" and row.lhs == row.rhs and row.free and value < 0:
            kind = "residual" if row.lhs in table.variables.observed else "latent"
            found.append(
                f"Heywood case: the {kind} variance of {row.lhs} is negative ({value:.4g})" + _in(fit, row.group, many)
            )
    p = matrices.n_observed
    for g, cells in enumerate(matrices.groups, 1):
        state = implied(cells, fit.theta)
        blocks = (
            ("residual covariance matrix of the items", state.S[:p, :p], matrices.names[:p]),
            ("covariance matrix of the factors", state.C[p:, p:], matrices.names[p:]),
            ("implied covariance matrix of the items", state.sigma, matrices.names[:p]),
        )
        for title, block, names in blocks:
            found += [text + _in(fit, g, many) for text in _not_positive(title, block, names)]
    return (*found, *_without_value(fit), *_barely_determined(fit, many))


def _without_value(fit: Estimated) -> list[str]:
    """Name the defined parameters that have no value at the estimates, and why."""
    if not fit.table.definitions:
        return []
    rows = row_values(fit.table, fit.problem.structure, fit.theta)
    labels = {label: float(rows[row]) for label, row in fit.table.labels.items()}
    value = with_definitions(fit.table.ordered_definitions, labels)
    return [
        f"The defined parameter {d.left} := {d.right} has no value: {reason}."
        for d in fit.table.definitions
        if (reason := d.right.fails_at(value))
    ]


def _in(fit: Estimated, group: int, many: bool) -> str:
    return f" in group '{fit.table.options.groups[group - 1]}'." if many else "."


def _not_positive(title: str, matrix: np.ndarray, names: tuple[str, ...]) -> list[str]:
    variance = np.diag(matrix)
    used = np.flatnonzero(variance > 0)
    if len(used) < 2:
        return []
    scale = 1 / np.sqrt(variance[used])
    correlation = matrix[np.ix_(used, used)] * np.outer(scale, scale)
    beyond = [
        f"{names[used[i]]} and {names[used[j]]} ({correlation[i, j]:.3f})"
        for i, j in zip(*np.tril_indices(len(used), -1), strict=True)
        if abs(correlation[i, j]) > 1
    ]
    if beyond:
        return [f"The {title} has correlations beyond one: {'; '.join(beyond)}"]
    eigenvalues, vectors = np.linalg.eigh(correlation)
    if eigenvalues[0] < -1e-8:
        involved = [names[used[k]] for k in np.flatnonzero(np.abs(vectors[:, 0]) > 0.3)]
        return [f"The {title} is not positive definite, involved are {', '.join(involved)}"]
    return []


def _barely_determined(fit: Estimated, many: bool) -> list[str]:
    """Name parameters along a direction in which the information, scaled to unit diagonal, nearly vanishes."""
    Z = fit.basis
    information = Z.T @ fit.problem.objective.hessian(fit.theta, exact=False) @ Z
    diagonal = np.diag(information)
    if not len(diagonal) or not (diagonal > 0).all():
        return []
    scale = 1 / np.sqrt(diagonal)
    eigenvalues, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    if eigenvalues[0] > _FLAT * eigenvalues[-1]:
        return []
    direction = np.abs(Z @ (scale * vectors[:, 0])) / np.sqrt(np.maximum((Z**2) @ scale**2, 1e-300))
    rows = [fit.table.rows[fit.table.free[k]] for k in np.argsort(-direction)[:4]]
    names = [row.name + (_in(fit, row.group, many)[:-1]) for row in rows]
    return [f"Empirical under-identification: the data barely determine {', '.join(names)}."]
