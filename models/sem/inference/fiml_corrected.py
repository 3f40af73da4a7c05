r"""Fit indices that refer to complete data, from incomplete answers.

The model's full-information estimates are put against the saturated moments with the discrepancy of complete data;
its expectation follows from the information of the incomplete answers (Zhang & Savalei 2022,
https://doi.org/10.1037/met0000445: FIML-C, version 3 for answers that are not normal, version 6 for normal ones).
"""

from __future__ import annotations

import numpy as np

from models.sem.inference.robust import bread
from models.sem.inference.robust_indices import Corrected
from models.sem.inference.unrestricted import MomentSpace, moment_spaces
from models.sem.model.linear_algebra import inverse, solved, thinned
from models.sem.model.matrices import implied
from models.sem.objective.discrepancy import maximum_likelihood
from models.sem.solving.estimate import Task

# Columns at a time: each is a matrix of the items' size while it is multiplied.
_COLUMNS = 128


def corrected(task: Task, theta: np.ndarray, basis: np.ndarray, normal: bool) -> Corrected:
    """Return the complete-data statistic and its scaling."""
    q = len(theta)
    statistic = trace = 0.0
    information, middle, outer, spread = (np.zeros((q, q)) for _ in range(4))
    for cells, part in zip(task.structure.groups, moment_spaces(task, theta), strict=True):
        D, weight, group, state = thinned(part.own), part.weight, part.group, implied(cells, theta)
        likelihood = maximum_likelihood(group, task.structure.meanstructure)
        statistic += group.n * likelihood.value(state)
        trace += _trace(part, normal)
        information[part.block] += weight * (D.T @ (D.T @ part.saturated()).T)
        weighted = _complete_information_times(part, part.own)
        middle[part.block] += weight * (D.T @ weighted)
        if not normal:
            scores = D.T @ part.root().T
            outer[part.block] += weight * scores @ (part.moved().T @ weighted)
            spread[part.block] += weight * scores @ scores.T
    E = bread(information, basis)
    if normal:
        trace -= float(np.sum(E * middle))
    else:
        trace += float(np.sum((E @ middle @ E) * spread)) - 2 * float(np.sum(E * outer))
    scaling = trace / task.df if task.df > 0 else np.nan
    return Corrected(statistic, task.df, scaling, statistic / scaling, scaling)


def _trace(part: MomentSpace, normal: bool) -> float:
    """Return the expectation of the discrepancy at the saturated moments, which all models of a sample share."""
    key = ("complete", part.keep.tobytes(), normal)
    if key not in part.group.memo:
        if normal:
            unit = np.eye(int(part.keep.sum()))
            trace = np.trace(solved(part.saturated(), _complete_information_times(part, unit)))
        else:
            trace = np.sum(part.moved() * _complete_information_times(part, part.moved()))
        part.group.memo[key] = float(trace)
    return part.group.memo[key]


def _complete_information_times(part: MomentSpace, right: np.ndarray) -> np.ndarray:
    """Return the information of complete answers, at the saturated moments, times a matrix (m, k), without its own."""
    W, p = inverse(part.group.cov), len(part.group.cov)
    i, j = np.tril_indices(p)
    half = np.where(i == j, 0.5, 1.0)
    result = np.empty_like(right)
    for first in range(0, right.shape[1], _COLUMNS):
        some = slice(first, first + _COLUMNS)
        slopes = np.zeros((len(part.keep), right[:, some].shape[1]))
        slopes[part.keep] = right[:, some]
        dsigma = np.zeros((slopes.shape[1], p, p))
        dsigma[:, i, j] = dsigma[:, j, i] = slopes[p:].T
        result[:, some] = np.vstack([W @ slopes[:p], half[:, None] * (W @ dsigma @ W)[:, i, j].T])[part.keep]
    return result
