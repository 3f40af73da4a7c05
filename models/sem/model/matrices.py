r"""Parameter table → model matrices → implied moments.

All variables, observed first and latent after them, stand in one vector :math:`v = m + A v + e`, with
:math:`\mathrm{cov}(e) = S` (reticular action model, McArdle & McDonald 1984,
https://doi.org/10.1111/j.2044-8317.1984.tb00802.x). LISREL's matrices are its blocks: loadings Λ and regressions B
are in A, residual and latent covariances Θ and Ψ in S, intercepts ν and latent means α in m. With
:math:`L = (I - A)^{-1}`, :math:`T` the observed rows of L, :math:`C = L S L'` and :math:`D` the observed rows of C,

.. math:: \Sigma = T S T', \qquad \mu = T m,

and every free cell changes Σ by a matrix of rank two, :math:`\partial\Sigma = s (u w' + w u')`, where u and w are
columns of :math:`U = [T\; D]`: for a directed cell (i, j) they are :math:`T_i` and :math:`D_j`, for a symmetric one
:math:`T_i` and :math:`T_j` (s = ½ on the diagonal).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.sem.language.table import ParameterTable
from models.sem.model.linear_algebra import cholesky, inverse
from models.sem.model.ordinal_cells import (
    OrdinalCells,
    complete_residuals,
    derived_scales,
    ordinal_cells,
    threshold_index,
)

DIRECTED, SYMMETRIC, MEAN, THRESHOLD, SCALE = range(5)
_KINDS = {"=~": DIRECTED, "~": DIRECTED, "~~": SYMMETRIC, "~1": MEAN, "|": THRESHOLD, "~*~": SCALE}
_NONE = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Cells:
    """The matrices of one group and which of their cells are free.

    Attributes
    ----------
    directed, symmetric, mean
        Fixed values of A (v, v), S (v, v) and m (v,), zero in free cells.
    kind, row, column
        Matrix and place of each free cell (q,).
    theta
        Slice of the parameter vector that fills the cells.
    u, w, s
        Columns of U = [T D] and the factor s of each cell's derivative (q,).
    n_observed
        Number of observed variables p.
    ordinal
        Thresholds and scales, or None without ordinal items.
    """

    directed: np.ndarray
    symmetric: np.ndarray
    mean: np.ndarray
    kind: np.ndarray
    row: np.ndarray
    column: np.ndarray
    theta: slice
    u: np.ndarray
    w: np.ndarray
    s: np.ndarray
    n_observed: int
    ordinal: OrdinalCells | None = None

    @cached_property
    def of_kind(self) -> tuple[np.ndarray, ...]:
        """Free cells of each kind."""
        return tuple(np.flatnonzero(self.kind == kind) for kind in range(len(_KINDS) - 1))

    @cached_property
    def places(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Flat places of directed cells, of symmetric ones in both triangles, and places of means."""
        directed, symmetric, means, *_ = self.of_kind
        row, column, v = self.row, self.column, len(self.directed)
        upper, lower = row * v + column, column * v + row
        return upper[directed], upper[symmetric], lower[symmetric], row[means]

    @cached_property
    def identity(self) -> np.ndarray:
        """I (v, v)."""
        return np.eye(len(self.directed))

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Flat places of (u, u), (u, w) and (w, w) of all pairs of cells in a matrix U'MU, each (q, q)."""
        u, w, size = self.u, self.w, 2 * len(self.directed)
        return u[:, None] * size + u, u[:, None] * size + w, w[:, None] * size + w

    @cached_property
    def factors(self) -> np.ndarray:
        """Factors 2 s s' of the second derivatives (q, q)."""
        return 2 * self.s[:, None] * self.s


@dataclass(frozen=True, eq=False)
class Structure:
    """The matrices of all groups; `names` are the variables, observed first."""

    names: tuple[str, ...]
    n_observed: int
    n_free: int
    groups: tuple[Cells, ...]
    meanstructure: bool


@dataclass(frozen=True, eq=False)
class Implied:
    """Implied moments of one group and the matrices that they came from (notation of the module).

    With ordinal items `sigma` is in the metric of the answers, C in that of the latent responses; `tau` (t,) are the
    thresholds and `scale` (p,) leads from one metric to the other.
    """

    sigma: np.ndarray
    mu: np.ndarray
    L: np.ndarray
    C: np.ndarray
    U: np.ndarray
    eta: np.ndarray
    A: np.ndarray
    S: np.ndarray
    m: np.ndarray
    tau: np.ndarray
    scale: np.ndarray

    @cached_property
    def factor(self) -> np.ndarray | None:
        """Lower Cholesky factor of Σ (p, p), or None if it is not positive definite."""
        return cholesky(self.sigma)

    @cached_property
    def precision(self) -> np.ndarray:
        """Inverse of Σ (p, p)."""
        return inverse(self.sigma)


def structure(table: ParameterTable) -> Structure:
    """Place every row of the table into a cell of a matrix."""
    observed, latent = table.variables.observed, table.variables.latent
    names = (*observed, *latent)
    index = {name: i for i, name in enumerate(names)}
    thresholds = threshold_index(table)
    v, groups, offset = len(names), [], 0
    for g in range(1, len(table.options.groups) + 1):
        A, S, m = np.zeros((v, v)), np.zeros((v, v)), np.zeros(v)
        cells: list[tuple[int, int, int]] = []
        for row in table.rows:
            if row.group != g or row.op not in _KINDS:
                continue
            kind = _KINDS[row.op]
            if kind == THRESHOLD:
                i, j = thresholds[row.lhs, row.rhs], 0
            else:
                i, j = index[row.lhs], index[row.rhs] if row.rhs else 0
            if row.op == "=~":
                i, j = j, i
            if row.free:
                cells.append((kind, i, j))
            elif kind == DIRECTED:
                A[i, j] = row.fixed
            elif kind == SYMMETRIC:
                S[i, j] = S[j, i] = row.fixed
            elif kind == MEAN:
                m[i] = row.fixed
        kind_, i_, j_ = (np.array(x, dtype=int) for x in (zip(*cells, strict=True) if cells else ([], [], [])))
        groups.append(
            Cells(
                directed=A,
                symmetric=S,
                mean=m,
                kind=kind_,
                row=i_,
                column=j_,
                theta=slice(offset, offset + len(cells)),
                u=np.where(kind_ <= MEAN, i_, 0),
                w=np.where(kind_ == DIRECTED, v + j_, np.where(kind_ <= MEAN, j_, 0)),
                s=np.where(kind_ >= MEAN, 0.0, np.where((kind_ == SYMMETRIC) & (i_ == j_), 0.5, 1.0)),
                n_observed=len(observed),
                ordinal=ordinal_cells(table, g),
            )
        )
        offset += len(cells)
    return Structure(names, len(observed), offset, tuple(groups), table.options.meanstructure)


def implied(cells: Cells, theta: np.ndarray) -> Implied:
    """Return the implied moments of one group at the full parameter vector."""
    values = theta[cells.theta]
    A, S, m = cells.directed.copy(), cells.symmetric.copy(), cells.mean.copy()
    directed, symmetric, means, thresholds, scales = cells.of_kind
    at_directed, upper, lower, at_means = cells.places
    A.put(at_directed, values.take(directed))
    covariances = values.take(symmetric)
    S.put(upper, covariances)
    S.put(lower, covariances)
    m.put(at_means, values.take(means))
    p = cells.n_observed
    try:
        L = np.linalg.inv(cells.identity - A)
    except np.linalg.LinAlgError:
        L = np.full_like(A, np.nan)
    tau = scale = _NONE
    if cells.ordinal is not None:
        tau, scale = cells.ordinal.tau.copy(), cells.ordinal.scale.copy()
        tau[cells.row[thresholds]] = values[thresholds]
        scale[cells.row[scales]] = values[scales]
        if cells.ordinal.delta:
            complete_residuals(cells.ordinal, L, S, scale)
    C = L @ S @ L.T
    C = (C + C.T) / 2
    sigma, eta = C[:p, :p], L @ m
    if cells.ordinal is not None:
        if not cells.ordinal.delta:
            scale = derived_scales(cells.ordinal, C)
        sigma = sigma * np.outer(scale, scale)
    return Implied(sigma, eta[:p], L, C, np.concatenate((L[:p], C[:p]), axis=1), eta, A, S, m, tau, scale)


def row_values(table: ParameterTable, matrices: Structure, theta: np.ndarray) -> np.ndarray:
    """Return one value a row of the table (rows,), those included that follow from other parameters."""
    values = table.values(theta)
    if table.options.thresholds:
        states = [implied(cells, theta) for cells in matrices.groups]
        for i in np.flatnonzero(np.isnan(values)):
            row = table.rows[i]
            state, at = states[row.group - 1], matrices.names.index(row.lhs)
            values[i] = state.scale[at] if row.op == "~*~" else state.S[at, at]
    return values


def mean_weights(cells: Cells, state: Implied) -> np.ndarray:
    """Return c (q,) with ∂μ = c · T_i: the mean of the predictor, 1 for an intercept, 0 for a covariance."""
    result, directed = np.zeros(len(cells.kind)), cells.of_kind[DIRECTED]
    result[directed] = state.eta[cells.column[directed]]
    result[cells.of_kind[MEAN]] = 1.0
    return result


def jacobian(cells: Cells, state: Implied) -> tuple[np.ndarray, np.ndarray]:
    """Return ∂μ (p, q) and ∂Σ (p, p, q) with respect to the free cells of one group."""
    u, w = state.U[:, cells.u], state.U[:, cells.w]
    outer = u[:, None, :] * w[None, :, :] * cells.s
    return u * mean_weights(cells, state), outer + outer.transpose(1, 0, 2)
