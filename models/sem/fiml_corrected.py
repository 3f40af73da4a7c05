r"""Fit indices that refer to complete data, from incomplete answers.

The model's full-information estimates are put against the saturated moments with the discrepancy of complete data; its
expectation follows from the information of the incomplete answers (Zhang & Savalei 2022, https://doi.org/10.1037/met0000445:
FIML-C, version 3 for answers that are not normal, version 6 for normal ones).
"""

from __future__ import annotations

import numpy as np

from models.sem.discrepancy import maximum_likelihood
from models.sem.estimate import Problem
from models.sem.matrices import implied
from models.sem.patterns import patterns
from models.sem.robust import bread
from models.sem.robust_measures import Corrected
from models.sem.unrestricted import moment_spaces


def corrected(task: Problem, theta: np.ndarray, basis: np.ndarray, df: int, normal: bool) -> Corrected:
    """Return the complete-data statistic of full-information estimates and its scaling."""
    q = len(theta)
    information, middle, outer = np.zeros((q, q)), np.zeros((q, q)), np.zeros((q, q))
    statistic = trace = 0.0
    spread = np.zeros((q, q))
    for cells, space in zip(task.structure.groups, moment_spaces(task, theta), strict=True):
        group = space.group
        statistic += group.n * maximum_likelihood(group, task.structure.meanstructure).value(implied(cells, theta))
        incomplete = space.information(group.mean, group.cov, exact=True)
        complete = _complete_information(space.keep, group.cov)
        inverse = np.linalg.inv(incomplete)
        D = space.delta
        information += space.weight * D.T @ incomplete @ D
        middle += space.weight * D.T @ complete @ D
        if normal:
            trace += float(np.sum(complete * inverse))
            continue
        scores = space.scores()
        gamma = inverse @ (scores.T @ scores / group.n) @ inverse
        product = complete @ gamma @ incomplete
        trace += float(np.sum(complete * gamma))
        outer += space.weight * D.T @ product.T @ D
        spread += space.weight * D.T @ incomplete @ gamma @ incomplete @ D
    E = bread(information, basis)
    if normal:
        trace -= float(np.sum(E * middle))
    else:
        trace += -2 * float(np.sum(E * outer)) + float(np.sum((E @ middle @ E) * spread))
    scaling = trace / df if df > 0 else np.nan
    return Corrected(statistic, df, scaling, statistic / scaling, scaling)


def _complete_information(keep: np.ndarray, cov: np.ndarray) -> np.ndarray:
    from models.sem.patterns import evaluate, second_order

    one = patterns(np.zeros((1, len(cov))))
    full = second_order(one, evaluate(one, np.zeros(len(cov)), cov), exact=False).full()
    return full[np.ix_(keep, keep)] / 2
