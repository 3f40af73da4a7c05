"""The unrestricted model in its moments (μ, vech Σ): information, casewise scores, and how θ moves them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from models.sem.model.linear_algebra import solved
from models.sem.model.matrices import implied, jacobian
from models.sem.objective.patterns import evaluate, moment_scores, second_order
from models.sem.samples.patterns import Patterns
from models.sem.samples.sample import GroupSample
from models.sem.solving.estimate import Task


class OwnParameters:
    """A group of which the moments depend on neighbouring places of θ only: derivatives `own` (m, k), places `at`."""

    own: np.ndarray
    at: slice
    q: int

    @property
    def delta(self) -> np.ndarray:
        """∂moments/∂θ (m, q)."""
        wide = np.zeros((len(self.own), self.q))
        wide[:, self.at] = self.own
        return wide

    @property
    def block(self) -> tuple[slice, slice]:
        """Place of the group's parameters in a matrix (q, q)."""
        return self.at, self.at


@dataclass(frozen=True, eq=False)
class MomentSpace(OwnParameters):
    """One group in the coordinates of its moments; rows of fixed covariates (and of means not modelled) are left out.

    Attributes
    ----------
    keep
        Moments that the model explains, mask over (μ, vech Σ).
    own
        ∂moments/∂θ (m, k) for the parameters of this group.
    at
        Places of these parameters in θ.
    q
        Length of θ.
    weight
        Share of the group in the sample.
    group, sample
        The group and its answers by pattern.
    covariates
        Positions of the fixed covariates.
    """

    keep: np.ndarray
    own: np.ndarray
    at: slice
    q: int
    weight: float
    group: GroupSample
    sample: Patterns
    covariates: list[int]

    def saturated(self) -> np.ndarray:
        """Return the observed unit information (m, m) at the saturated moments."""
        return self._kept("information", lambda: self.information(self.group.mean, self.group.cov, exact=True))

    def root(self) -> np.ndarray:
        """Return F (r, m) with F'F the meat: the mean cross-product of the casewise scores at the saturated moments."""
        return self._kept("root", self._root)

    def moved(self) -> np.ndarray:
        """Return inverse information times F' (m, r), both at the saturated moments."""
        return self._kept("moved", lambda: solved(self.saturated(), self.root().T))

    def _root(self) -> np.ndarray:
        """Return the scores where they are fewer than moments, else a factor of their cross-product, over √n."""
        scores = self.scores() / np.sqrt(self.group.n)
        return scores if len(scores) <= scores.shape[1] else np.asarray(np.linalg.qr(scores, mode="r"))

    def _kept(self, what: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Return what the saturated moments have, of one model as of any other of the sample."""
        key = (what, self.keep.tobytes())
        if key not in self.group.memo:
            self.group.memo[key] = compute()
        return self.group.memo[key]

    def information(self, mean: np.ndarray, cov: np.ndarray, exact: bool) -> np.ndarray:
        """Return the unit information of the moments (m, m) at given moments."""
        full = second_order(self.sample, evaluate(self.sample, mean, cov), exact).full()
        return full[np.ix_(self.keep, self.keep)] / (2 * len(self.sample.x))

    def scores(self) -> np.ndarray:
        """Return casewise scores at the saturated moments (n, m)."""
        return moment_scores(self.sample, evaluate(self.sample, self.group.mean, self.group.cov))[:, self.keep]

    def deviations(self) -> np.ndarray:
        """Return casewise contributions to the sample moments, centred (n, m), complete answers.

        Fixed covariates leave only what they do not explain: the contributions of their predictions are taken off.
        """
        y = self.group.data - self.group.mean
        i, j = np.tril_indices(y.shape[1])
        z = np.hstack([y, y[:, i] * y[:, j]])
        if self.covariates:
            y = self.group.explained(self.covariates)
            z -= np.hstack([y, y[:, i] * y[:, j]])
        return (z - z.mean(axis=0))[:, self.keep]


def moment_mask(p: int, means: bool, covariates: list[int]) -> np.ndarray:
    """Return which of (μ, vech Σ) the model explains."""
    fixed = np.zeros(p, dtype=bool)
    fixed[covariates] = True
    i, j = np.tril_indices(p)
    return np.concatenate([~fixed & means, ~(fixed[i] & fixed[j])])


def moment_spaces(task: Task, theta: np.ndarray) -> Iterator[MomentSpace]:
    """Yield the groups one at a time: their matrices are large."""
    index = task.fixed_covariates
    p = len(task.sample.names)
    keep = moment_mask(p, task.structure.meanstructure, index)
    i, j = np.tril_indices(p)
    for cells, group in zip(task.structure.groups, task.sample.groups, strict=True):
        dmu, dsigma = jacobian(cells, implied(cells, theta))
        own = np.vstack([dmu, dsigma[i, j]])[keep]
        assert group.data is not None
        sample = group.patterns
        yield MomentSpace(keep, own, cells.theta, len(theta), group.n / task.n, group, sample, index)
