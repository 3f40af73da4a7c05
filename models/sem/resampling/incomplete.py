r"""Refits to resamples of incomplete answers: everything that does not change from one resample to the next.

A resample is a vector of counts. The sums over what was answered are one product of counts and answers, with gaps set
to a centre; what the gaps add is computed pattern by pattern in compiled code (`models.sem.kernels.expected`). Each
refit starts one Newton step from the solution of the whole sample, which needs the product of counts and casewise
scores only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.sem.inference.scores import casewise_scores
from models.sem.kernels.layout import Data, Gaps, Layout
from models.sem.kernels.refits import Refits, by_kernels
from models.sem.model.matrices import implied
from models.sem.objective.discrepancy import maximum_likelihood
from models.sem.objective.missing import IncompleteGroup
from models.sem.objective.objective import CompleteGroup
from models.sem.objective.saturated import em_step
from models.sem.resampling.resample import moments
from models.sem.samples.sample import Sample
from models.sem.solving.estimate import Task

# What remains after the last step is below 1e-6 standard errors. Usual are six steps, each a tenth of the one before;
# what needs more than so many runs away, along what the resample does not identify.
_LAST, _MOST = 1e-17, 300


@dataclass(frozen=True, eq=False)
class Incomplete:
    """A model of incomplete answers, ready to be refitted.

    Attributes
    ----------
    filled
        The sample with gaps set to the implied means.
    gaps
        Patterns of all groups; `times` and `sizes` belong to a block of resamples and are empty here.
    rows
        Incomplete respondents of each group, in the order of `gaps.answers`.
    influence
        Change of θ by one more copy of each respondent, times N, an array a group (n_g, q).
    """

    task: Task
    layout: Layout
    theta: np.ndarray
    filled: Sample
    gaps: Gaps
    rows: tuple[np.ndarray, ...]
    influence: tuple[np.ndarray, ...]

    def refit(self, counts: list[np.ndarray], threads: int) -> Refits:
        """Refit to samples that hold each respondent as often as counts say, an array a group (B, n_g)."""
        sets = moments(self.filled, counts, threads)
        total = sets.sizes.sum(axis=1, keepdims=True)
        times = [part[:, rows] for part, rows in zip(counts, self.rows, strict=True)]
        # Another order of an array in memory would be compiled anew, for a quarter of a minute.
        gaps = self.gaps._replace(times=np.concatenate(times, axis=1).astype(float, order="C"), sizes=sets.sizes)
        shift = sum(part @ block for part, block in zip(counts, self.influence, strict=True))
        data = Data(sets.means, sets.covs, sets.sizes / total, np.zeros_like(sets.sizes), _LAST, _MOST, gaps)
        return by_kernels(self.task, self.layout, self.theta, data, self.theta + shift / total, threads)


def incomplete(task: Task, layout: Layout, theta: np.ndarray) -> Incomplete:
    """Prepare the refits of a model around its solution θ."""
    parts = list(zip(task.structure.groups, task.sample.groups, task.objective.groups, strict=True))
    K = task.constraints.K[:, layout.order]
    completed = np.zeros((len(theta), len(theta)))
    patterns: list[tuple[np.ndarray, np.ndarray]] = []
    bounds, centre, filled = [0], np.empty((len(parts), len(task.sample.names))), []
    for g, (cells, group, function) in enumerate(parts):
        assert isinstance(function, IncompleteGroup)
        assert group.data is not None
        state, answers = implied(cells, theta), function.sample
        mean, cov = em_step(answers, state.mu, state.sigma)
        complete = CompleteGroup(maximum_likelihood(replace(group, mean=mean, cov=cov), True))
        completed[cells.theta, cells.theta] = group.n / task.n / 2 * complete.hessian(cells, state, True)
        centre[g] = state.mu
        filled.append(replace(group, data=np.where(np.isnan(group.data), state.mu, group.data)))
        for t in np.flatnonzero(~answers.observed.all(axis=1)):
            patterns.append((answers.order[answers.slices[t] : answers.slices[t + 1]], ~answers.observed[t]))
        bounds.append(len(patterns))
    rows = tuple(
        np.concatenate([own for own, _ in patterns[a:b]] or [np.zeros(0, dtype=np.int64)])
        for a, b in zip(bounds[:-1], bounds[1:], strict=True)
    )
    inverse = np.linalg.pinv(K.T @ task.objective.hessian(theta, exact=True) @ K, hermitian=True)
    factor = np.linalg.cholesky(K.T @ completed @ K)
    gaps = Gaps(
        group=np.array(bounds),
        rows=np.cumsum([0] + [len(own) for own, _ in patterns]),
        first=np.cumsum([0] + [int(missing.sum()) for _, missing in patterns]),
        missing=np.concatenate([np.flatnonzero(missing) for _, missing in patterns]),
        answers=np.vstack([(part.data - centre[g])[rows[g]] for g, part in enumerate(filled)]),
        centre=centre,
        times=np.zeros((0, 0)),
        sizes=np.zeros((0, 0)),
        inflation=factor.T @ inverse @ factor,
    )
    scores = casewise_scores(task, theta)
    vcov = K @ inverse @ K.T
    influence = tuple(block @ vcov[part[0].theta] for part, block in zip(parts, scores, strict=True))
    return Incomplete(task, layout, theta, replace(task.sample, groups=tuple(filled)), gaps, rows, influence)
