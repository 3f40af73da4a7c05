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
from models.sem.model.linear_algebra import inverse
from models.sem.model.matrices import implied
from models.sem.objective.discrepancy import maximum_likelihood
from models.sem.objective.patterns import evaluate, second_order
from models.sem.samples.patterns import patterns
from models.sem.solving.estimate import Task


def corrected(task: Task, theta: np.ndarray, basis: np.ndarray, normal: bool) -> Corrected:
    """Return the complete-data statistic and its scaling."""
    q = len(theta)
    statistic = trace = 0.0
    information, middle, outer, spread = (np.zeros((q, q)) for _ in range(4))
    for cells, part in zip(task.structure.groups, moment_spaces(task, theta), strict=True):
        D, weight, group, state = part.own, part.weight, part.group, implied(cells, theta)
        likelihood = maximum_likelihood(group, task.structure.meanstructure)
        statistic += group.n * likelihood.value(state)
        trace += _trace(part, normal)
        information[part.block] += weight * D.T @ part.saturated() @ D
        weighted = _complete_information_times(part)
        middle[part.block] += weight * D.T @ weighted
        if not normal:
            outer[part.block] += weight * (part.change() @ D).T @ weighted
            spread[part.block] += weight * D.T @ part.meat() @ D
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
        ratio = np.linalg.solve(part.saturated(), _complete_information(part.keep, part.group.cov))
        part.group.memo[key] = float(np.trace(ratio) if normal else np.sum(ratio.T * part.change()))
    return part.group.memo[key]


def _complete_information(keep: np.ndarray, cov: np.ndarray) -> np.ndarray:
    one = patterns(np.zeros((1, len(cov))))
    full = second_order(one, evaluate(one, np.zeros(len(cov)), cov), exact=False).full()
    return full[np.ix_(keep, keep)] / 2


def _complete_information_times(part: MomentSpace) -> np.ndarray:
    """Return the information of complete answers times the derivatives of the moments (m, k), without its matrix."""
    W, p = inverse(part.group.cov), len(part.group.cov)
    slopes = np.zeros((len(part.keep), part.own.shape[1]))
    slopes[part.keep] = part.own
    i, j = np.tril_indices(p)
    dsigma = np.zeros((slopes.shape[1], p, p))
    dsigma[:, i, j] = dsigma[:, j, i] = slopes[p:].T
    half = np.where(i == j, 0.5, 1.0)
    return np.vstack([W @ slopes[:p], half[:, None] * (W @ dsigma @ W)[:, i, j].T])[part.keep]
