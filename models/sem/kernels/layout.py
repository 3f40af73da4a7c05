"""A model laid out in flat arrays for the compiled refits, and the memory that they work in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from models.sem.model.matrices import DIRECTED, MEAN, SYMMETRIC, Structure
from models.sem.solving.estimate import Task


class Plan(NamedTuple):
    """A model laid out for compiled code, the cells of all groups one after another.

    Attributes
    ----------
    cells
        Kind, row, column, u and w of each cell (q, 5); u and w count in [I U[:, columns]].
    s
        Factor of each cell's derivative (q,).
    first
        Where the cells of each group begin (G + 1,).
    k, K_first, K_place, K_value
        θ = K φ + k with K by rows: place in φ, and in the group's own coordinates.
    private_offset, n_shared
        φ has the parameters of one group only, group by group, then the shared ones.
    arrows, pairs
        Cells of A in causal order, and of S (n, 2), that are not zero.
    columns
        Columns of U = [T D] in use that are not unit vectors.
    covariates
        Variables whose moments are those of the sample.
    means
        Whether means are modelled.
    """

    cells: np.ndarray
    s: np.ndarray
    first: np.ndarray
    k: np.ndarray
    K_first: np.ndarray
    K_place: np.ndarray
    K_value: np.ndarray
    private_offset: np.ndarray
    n_shared: int
    arrows: np.ndarray
    pairs: np.ndarray
    columns: np.ndarray
    covariates: np.ndarray
    means: bool


class Gaps(NamedTuple):
    """Incomplete answers of all groups, pattern by pattern; without patterns where all answers are complete.

    Attributes
    ----------
    group, rows, first
        Bounds of the groups in the patterns (G + 1,), of the patterns in `answers` (P + 1,) and in `missing` (P + 1,).
    missing
        Missing items of the patterns.
    answers
        Deviations from `centre`, zero where missing (R, p).
    centre
        What missing answers are set to in the moments of `Data` (G, p).
    times, sizes
        How often each row is in each sample (B, R); respondents of each sample (B, G).
    inflation
        What lengthens steps of complete answers for the information that is missing (r, r); empty if nothing is.
    """

    group: np.ndarray
    rows: np.ndarray
    first: np.ndarray
    missing: np.ndarray
    answers: np.ndarray
    centre: np.ndarray
    times: np.ndarray
    sizes: np.ndarray
    inflation: np.ndarray


class Data(NamedTuple):
    """What a model is refitted to.

    Attributes
    ----------
    means, covs
        Moments (B, G, p) and (B, G, p, p).
    weights, constants
        Shares of the groups and constants log|S| + p of F (B, G).
    last
        Predicted decrease of f below which a step is the last; with missing answers, where steps shrink at a constant
        rate, that of all further steps together.
    most
        Number of steps after which a refit has failed.
    gaps
        Missing answers.
    """

    means: np.ndarray
    covs: np.ndarray
    weights: np.ndarray
    constants: np.ndarray
    last: float
    most: int
    gaps: Gaps


def no_gaps(G: int, p: int) -> Gaps:
    """Return the patterns of complete answers: none."""
    bounds, none = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    empty = np.zeros((0, 0))
    return Gaps(np.zeros(G + 1, dtype=np.int64), bounds, bounds, none, empty, np.zeros((G, p)), empty, empty, empty)


class Workspace(NamedTuple):
    """Scratch arrays of one thread.

    Attributes
    ----------
    states
        A, S, L and C of each group (G, 4, v, v).
    means
        m and η of each group (G, 2, v).
    W, e
        Σ⁻¹ and Σ⁻¹(x̄ − μ) of each group.
    mean, cov
        Moments of each group, those of missing answers expected (G, p), (G, p, p).
    squares, vectors, strips, borders
        Products of one group at a time (5, p, p), (4, p), (2, p, c), (2, p + c, p + c).
    f, c
        U'e and the weights of ∂μ.
    H, g
        Lower triangle of the Hessian and gradient of each group in its own coordinates: private, then shared φ.
    shared, diagonal
        Schur complement of the shared φ, and diagonals that pivots are compared with.
    gradient, step, whole, theta
        Vectors in φ (3 ×) and θ.
    """

    states: np.ndarray
    means: np.ndarray
    W: np.ndarray
    e: np.ndarray
    mean: np.ndarray
    cov: np.ndarray
    squares: np.ndarray
    vectors: np.ndarray
    strips: np.ndarray
    borders: np.ndarray
    f: np.ndarray
    c: np.ndarray
    H: np.ndarray
    g: np.ndarray
    shared: np.ndarray
    diagonal: np.ndarray
    gradient: np.ndarray
    step: np.ndarray
    whole: np.ndarray
    theta: np.ndarray


def workspace(plan: Plan, structure: Structure) -> Workspace:
    """Allocate scratch arrays for a plan; fixed cells are filled in here."""
    G, v, p, c = len(structure.groups), len(structure.names), structure.n_observed, len(plan.columns)
    shared, q, r = plan.n_shared, len(plan.s), int(plan.private_offset[-1]) + plan.n_shared
    n = int(np.diff(plan.private_offset).max()) + shared
    states, means = np.zeros((G, 4, v, v)), np.zeros((G, 2, v))
    for g, cells in enumerate(structure.groups):
        states[g, 0], states[g, 1], means[g, 0] = cells.directed, cells.symmetric, cells.mean
    shapes: list[Any] = [(G, p, p), (G, p), (G, p), (G, p, p), (5, p, p), (4, p), (2, p, c), (2, p + c, p + c)]
    shapes += [p + c, q, (G, n, n), (G, n), (shared, shared), n + shared, r, r, r, q]
    return Workspace(states, means, *(np.zeros(shape) for shape in shapes))


@dataclass(frozen=True, eq=False)
class Layout:
    """A plan, its φ as positions of the columns of K (r,), and what leads from θ − k to φ (r, q)."""

    plan: Plan
    order: np.ndarray
    back: np.ndarray


def plan(task: Task) -> Layout | None:
    """Lay a model out for compiled code; None if its variables cause each other in a cycle."""
    matrices, groups = task.structure, task.structure.groups
    p, v = matrices.n_observed, len(matrices.names)
    kind, row, column, u, w, s = (
        np.concatenate([getattr(cells, name) for cells in groups]) for name in ("kind", "row", "column", "u", "w", "s")
    )
    A = np.any([cells.directed != 0 for cells in groups], axis=0)
    S = np.any([cells.symmetric != 0 for cells in groups], axis=0)
    A[row[kind == DIRECTED], column[kind == DIRECTED]] = True
    for i, j in ((row, column), (column, row)):
        S[i[kind == SYMMETRIC], j[kind == SYMMETRIC]] = True
    covariates = np.array(task.fixed_covariates, dtype=np.int64)
    S[np.ix_(covariates, covariates)] = True
    order = causal_order(A)
    if order is None:
        return None
    w = np.where(kind == MEAN, u, w)
    unit = np.append((np.arange(v) < p) & ~A.any(axis=0), np.zeros(v, dtype=bool))
    used = np.unique(np.append(u, w))
    columns = used[~unit[used]]
    place = np.append(np.arange(p), np.zeros(2 * v - p, dtype=np.int64))
    place[columns] = p + np.arange(len(columns))
    first = np.array([cells.theta.start for cells in groups] + [matrices.n_free])
    K, owner = task.constraints.K, _owner(task.constraints.K, first)
    by_owner = np.argsort(owner, kind="stable")
    offset = np.searchsorted(owner[by_owner], np.arange(len(groups) + 1))
    at_row, at_column = np.nonzero(K[:, by_owner])
    group = np.searchsorted(first, at_row, side="right") - 1
    shared = np.diff(offset)[group] + at_column - offset[-1]
    layout = Plan(
        cells=np.column_stack([kind, row, column, place[u], place[w]]),
        s=s,
        first=first,
        k=task.constraints.k,
        K_first=np.searchsorted(at_row, np.arange(len(K) + 1)),
        K_place=np.column_stack([at_column, np.where(at_column >= offset[-1], shared, at_column - offset[group])]),
        K_value=K[:, by_owner][at_row, at_column],
        private_offset=offset,
        n_shared=int(K.shape[1] - offset[-1]),
        arrows=np.array([(i, j) for i in order for j in np.flatnonzero(A[i])], dtype=np.int64).reshape(-1, 2),
        pairs=np.argwhere(S),
        columns=columns,
        covariates=covariates,
        means=matrices.meanstructure,
    )
    return Layout(layout, by_owner, np.linalg.solve(K.T @ K, K.T)[by_owner])


def _owner(K: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the group that a column of K belongs to, or the number of groups if it is shared."""
    reach = np.array([np.abs(K[a:b]).sum(axis=0) > 0 for a, b in zip(first[:-1], first[1:], strict=True)])
    return np.where(reach.sum(axis=0) == 1, reach.argmax(axis=0), len(reach))


def causal_order(A: np.ndarray) -> list[int] | None:
    """Sort variables so that every cause stands before its effects; None if there is a cycle."""
    waiting = A.sum(axis=1)
    order = [int(i) for i in np.flatnonzero(waiting == 0)]
    for j in order:
        for i in np.flatnonzero(A[:, j]):
            waiting[i] -= 1
            if waiting[i] == 0:
                order.append(int(i))
    return order if len(order) == len(A) else None
