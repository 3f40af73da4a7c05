"""Is the solution one that could be true? What makes it improper is named with its parameter."""

from __future__ import annotations

import numpy as np

from models.remarks import Remark, remark
from models.sem.errors import in_group
from models.sem.inference.estimated import Estimated
from models.sem.language.definitions import with_definitions
from models.sem.language.named import parameter
from models.sem.model.linear_algebra import no_flat_direction, restrict
from models.sem.model.matrices import implied, row_values

_FLAT = 1e-5


def improper(fit: Estimated) -> tuple[Remark, ...]:
    """Return what is wrong with a converged solution (nothing: admissible).

    Heywood cases (negative variances), covariance matrices that are not positive definite, correlations beyond one, and
    parameters that the data barely determine (Chen et al. 2001, https://doi.org/10.1177/0049124101029004003).
    """
    found: list[Remark] = []
    table, matrices = fit.table, fit.task.structure
    values = table.values(fit.theta)
    for row, value in zip(table.rows, values, strict=True):
        if row.op == "~~" and row.lhs == row.rhs and row.free and value < 0:
            where = _in(fit, row.group)
            if row.lhs in table.variables.observed:
                found.append(remark("negative_residual_variance", item=row.lhs, value=float(value), where=where))
            else:
                found.append(remark("negative_latent_variance", factor=row.lhs, value=float(value), where=where))
    p = matrices.n_observed
    for g, cells in enumerate(matrices.groups, 1):
        state = implied(cells, fit.theta)
        blocks = (
            ("residual_matrix", state.S[:p, :p], matrices.names[:p]),
            ("factor_matrix", state.C[p:, p:], matrices.names[p:]),
            ("implied_matrix", state.sigma, matrices.names[:p]),
        )
        for title, block, names in blocks:
            found += _not_positive(remark(title), block, names, _in(fit, g))
    return (*found, *_without_value(fit), *_barely_determined(fit))


def _without_value(fit: Estimated) -> list[Remark]:
    """Name the defined parameters that have no value at the estimates, and why."""
    if not fit.table.definitions:
        return []
    rows = row_values(fit.table, fit.task.structure, fit.theta)
    labels = {label: float(rows[row]) for label, row in fit.table.labels.items()}
    value = with_definitions(fit.table.ordered_definitions, labels)
    return [
        remark("undefined_parameter", name=str(d.left), expression=str(d.right), why=reason)
        for d in fit.table.definitions
        if (reason := d.right.fails_at(value))
    ]


def _in(fit: Estimated, group: int) -> list[Remark]:
    groups = fit.table.options.groups
    return in_group(groups[group - 1] if len(groups) > 1 else None)


def _not_positive(title: Remark, matrix: np.ndarray, names: tuple[str, ...], where: list[Remark]) -> list[Remark]:
    variance = np.diag(matrix)
    used = np.flatnonzero(variance > 0)
    if len(used) < 2:
        return []
    scale = 1 / np.sqrt(variance[used])
    correlation = matrix[np.ix_(used, used)] * np.outer(scale, scale)
    beyond = [
        remark("correlated_pair", a=names[used[i]], b=names[used[j]], value=float(correlation[i, j]))
        for i, j in zip(*np.tril_indices(len(used), -1), strict=True)
        if abs(correlation[i, j]) > 1
    ]
    if beyond:
        return [remark("correlations_beyond_one", matrix=title, pairs=beyond, where=where)]
    eigenvalues, vectors = np.linalg.eigh(correlation)
    if eigenvalues[0] < -1e-8:
        involved = [names[used[k]] for k in np.flatnonzero(np.abs(vectors[:, 0]) > 0.3)]
        return [remark("not_positive_definite", matrix=title, names=involved, where=where)]
    return []


def _barely_determined(fit: Estimated) -> list[Remark]:
    """Name parameters along a direction in which the information, scaled to unit diagonal, nearly vanishes."""
    Z = fit.basis
    information = restrict(fit.task.objective.hessian(fit.theta, exact=False), Z)
    diagonal = np.diag(information)
    if not len(diagonal) or not (diagonal > 0).all():
        return []
    scale = 1 / np.sqrt(diagonal)
    scaled = information * np.outer(scale, scale)
    if no_flat_direction(scaled, _FLAT):
        return []
    eigenvalues, vectors = np.linalg.eigh(scaled)
    if eigenvalues[0] > _FLAT * eigenvalues[-1]:
        return []
    direction = np.abs(Z @ (scale * vectors[:, 0])) / np.sqrt(np.maximum((Z**2) @ scale**2, 1e-300))
    rows = [fit.table.rows[fit.table.free[k]] for k in np.argsort(-direction)[:4]]
    names = [parameter(row, fit.table.options.groups) for row in rows]
    return [remark("barely_determined", parameters=names)]
