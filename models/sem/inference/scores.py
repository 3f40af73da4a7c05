r"""Casewise scores: each respondent's ∂log-likelihood/∂θ.

For a cell with derivative :math:`s(uw' + wu')` and :math:`e_i = \Sigma^{-1}(x_i - \mu)` the score is
:math:`s[(u'e_i)(w'e_i) - u'\Sigma^{-1}w] + c\,u'e_i`, with Σ reduced to the answered items.
"""

from __future__ import annotations

import numpy as np

from models.sem.model.linear_algebra import inverse
from models.sem.model.matrices import Cells, Implied, implied, jacobian, mean_weights
from models.sem.objective.missing import IncompleteGroup
from models.sem.samples.sample import GroupSample
from models.sem.solving.estimate import Task


def casewise_scores(task: Task, theta: np.ndarray, about_sample: bool = False) -> list[np.ndarray]:
    """Return the scores of each group (n_g, q_g).

    Parameters
    ----------
    about_sample
        Take deviations from the sample moments rather than the implied ones (Satorra & Bentler's middle matrix).
    """
    result = []
    for cells, group, function in zip(task.structure.groups, task.sample.groups, task.objective.groups, strict=True):
        state = implied(cells, theta)
        if isinstance(function, IncompleteGroup):
            result.append(_incomplete(cells, state, function))
        elif about_sample:
            result.append(_about_sample(cells, state, group, task.fixed_covariates))
        else:
            y = group.data - (state.mu if task.structure.meanstructure else group.mean)
            G = state.U.T @ inverse(state.sigma) @ state.U
            result.append(_moments(cells, state, y) - cells.s * G[cells.u, cells.w])
    return result


def _moments(cells: Cells, state: Implied, y: np.ndarray) -> np.ndarray:
    E = y @ inverse(state.sigma) @ state.U
    return cells.s * E[:, cells.u] * E[:, cells.w] + mean_weights(cells, state) * E[:, cells.u]


def _about_sample(cells: Cells, state: Implied, group: GroupSample, covariates: list[int]) -> np.ndarray:
    scores = _moments(cells, state, group.data - group.mean)
    if covariates:
        scores -= _moments(cells, state, group.explained(covariates))
    return scores - scores.mean(axis=0)


def _incomplete(cells: Cells, state: Implied, function: IncompleteGroup) -> np.ndarray:
    sample = function.sample
    at = function.at(state)
    E = at.e @ state.U
    lower = np.tril_indices(len(state.mu))
    half = np.where(lower[0] == lower[1], 0.5, 1.0)
    expected = at.W[:, lower[0], lower[1]] @ (half[:, None] * jacobian(cells, state)[1][lower])
    scores = cells.s * E[:, cells.u] * E[:, cells.w] - expected[sample.pattern]
    scores += mean_weights(cells, state) * E[:, cells.u]
    result = np.empty_like(scores)
    result[sample.order] = scores
    return result


def meat(task: Task, scores: list[np.ndarray]) -> np.ndarray:
    """Return the mean cross-product of scores (q, q).

    With clusters, scores are summed within each and the product is inflated by C / (C − 1), C counted a group, as in
    lavaan.
    """
    q = task.structure.n_free
    result = np.zeros((q, q))
    if task.sample.groups[0].clusters is None:
        for cells, block in zip(task.structure.groups, scores, strict=True):
            result[cells.theta, cells.theta] = block.T @ block
        return result / task.n
    size = 1 + max(int(group.clusters.max()) for group in task.sample.groups)  # type: ignore[union-attr]
    totals = np.zeros((size, q))
    for cells, group, block in zip(task.structure.groups, task.sample.groups, scores, strict=True):
        totals[:, cells.theta] = cluster_sums(block, group.clusters, size)
    return totals.T @ totals / task.n


def cluster_sums(scores: np.ndarray, clusters: np.ndarray | None, size: int) -> np.ndarray:
    """Return sums of scores within clusters (size, q), times √(C / (C − 1)) for C clusters."""
    assert clusters is not None
    totals = np.zeros((size, scores.shape[1]))
    np.add.at(totals, clusters, scores)
    count = len(np.unique(clusters))
    return totals * np.sqrt(count / (count - 1))
