r"""Fit indices that refer to complete data, from incomplete answers.

The model's full-information estimates are put against the saturated moments with the discrepancy of complete data;
its expectation follows from the information of the incomplete answers (Zhang & Savalei 2022,
https://doi.org/10.1037/met0000445: FIML-C, version 3 for answers that are not normal, version 6 for normal ones).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.sem.inference.estimated import Estimated
from models.sem.inference.robust import bread
from models.sem.inference.robust_indices import Corrected
from models.sem.inference.unrestricted import MomentSpace, moment_spaces
from models.sem.model.matrices import implied
from models.sem.objective.discrepancy import maximum_likelihood
from models.sem.objective.patterns import evaluate, second_order
from models.sem.samples.patterns import patterns


def corrected(models: Sequence[Estimated], normal: bool) -> list[Corrected]:
    """Return the complete-data statistic and its scaling for models of the same answers."""
    sums = [_Sums(len(model.theta)) for model in models]
    for parts in zip(*(moment_spaces(model.task, model.theta) for model in models), strict=True):
        group = parts[0].group
        incomplete = parts[0].information(group.mean, group.cov, exact=True)
        complete = _complete_information(parts[0].keep, group.cov)
        for part, total in zip(parts, sums, strict=True):
            D, weight = part.own, part.weight
            total.information[part.block] += weight * D.T @ incomplete @ D
            total.middle[part.block] += weight * D.T @ complete @ D
            total.trace += float(_trace(part, incomplete, complete, normal))
            if not normal:
                change = part.change()
                total.outer[part.block] += weight * (change @ D).T @ complete @ D
                total.spread[part.block] += weight * D.T @ incomplete @ change @ D
    return [_finish(model, total, normal) for model, total in zip(models, sums, strict=True)]


class _Sums:
    def __init__(self, q: int) -> None:
        self.trace = 0.0
        self.information, self.middle, self.outer, self.spread = (np.zeros((q, q)) for _ in range(4))


def _finish(model: Estimated, total: _Sums, normal: bool) -> Corrected:
    task, E = model.task, bread(total.information, model.basis)
    trace = total.trace
    if normal:
        trace -= float(np.sum(E * total.middle))
    else:
        trace += float(np.sum((E @ total.middle @ E) * total.spread)) - 2 * float(np.sum(E * total.outer))
    statistic = 0.0
    for cells, group in zip(task.structure.groups, task.sample.groups, strict=True):
        likelihood = maximum_likelihood(group, task.structure.meanstructure)
        statistic += group.n * likelihood.value(implied(cells, model.theta))
    scaling = trace / model.df if model.df > 0 else np.nan
    return Corrected(statistic, model.df, scaling, statistic / scaling, scaling)


def _trace(part: MomentSpace, incomplete: np.ndarray, complete: np.ndarray, normal: bool) -> np.ndarray:
    """Return the expectation of the discrepancy at the saturated moments, which all models of a sample share."""
    key = ("complete", part.keep.tobytes(), normal)
    if key not in part.group.memo:
        ratio = np.linalg.solve(incomplete, complete)
        part.group.memo[key] = np.trace(ratio) if normal else np.sum(ratio.T * part.change())
    return part.group.memo[key]


def _complete_information(keep: np.ndarray, cov: np.ndarray) -> np.ndarray:
    one = patterns(np.zeros((1, len(cov))))
    full = second_order(one, evaluate(one, np.zeros(len(cov)), cov), exact=False).full()
    return full[np.ix_(keep, keep)] / 2
