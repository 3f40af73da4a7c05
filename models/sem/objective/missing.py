"""Full-information maximum likelihood: the objective of incomplete answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from models.sem.errors import in_group
from models.sem.model.matrices import Cells, Implied, Structure, mean_weights
from models.sem.objective.derivatives import second_order as cell_curvature
from models.sem.objective.objective import Objective
from models.sem.objective.pattern_curvature import moment_curvature
from models.sem.objective.patterns import Patterns, PatternState, evaluate, first_order, patterns
from models.sem.objective.saturated import saturated
from models.sem.samples.sample import GroupSample, Sample


@dataclass(frozen=True, eq=False)
class IncompleteGroup:
    """F = −2 (log-likelihood − that of the saturated model) / n of one group.

    Attributes
    ----------
    sample
        The answers by pattern.
    deviance
        Deviance of the saturated model.
    """

    sample: Patterns
    deviance: float
    _latest: dict[bytes, PatternState] = field(default_factory=dict, repr=False, compare=False)

    def at(self, state: Implied) -> PatternState:
        """Evaluate the patterns at implied moments; the latest evaluation is kept, derivatives ask for it again."""
        key = state.mu.tobytes() + state.sigma.tobytes()
        if key not in self._latest:
            self._latest.clear()
            self._latest[key] = evaluate(self.sample, state.mu, state.sigma)
        return self._latest[key]

    @property
    def n(self) -> int:
        """Number of respondents."""
        return len(self.sample.x)

    def value(self, state: Implied) -> float:
        """Return F."""
        return (self.at(state).deviance - self.deviance) / self.n

    def gradient(self, cells: Cells, state: Implied) -> np.ndarray:
        """Return ∂F/∂θ."""
        omega, e = first_order(self.at(state))
        H, f = state.U.T @ omega @ state.U, state.U.T @ e
        return (2 * cells.s * H[cells.u, cells.w] - 2 * mean_weights(cells, state) * f[cells.u]) / self.n

    def hessian(self, cells: Cells, state: Implied, exact: bool) -> np.ndarray:
        """Return ∂²F/∂θ∂θ'."""
        at = self.at(state)
        result = moment_curvature(self.sample, at, cells, state, exact)
        if exact:
            omega, e = first_order(at)
            result += cell_curvature(cells, state, state.U.T @ omega @ state.U, state.U.T @ e)
        return result / self.n


def with_moments(sample: Sample) -> Sample:
    """Replace the moments of groups with missing answers by their maximum likelihood estimates."""
    groups = []
    for group in sample.groups:
        if not group.complete:
            where = in_group(group.label if len(sample.groups) > 1 else None)
            assert group.data is not None
            moments = saturated(patterns(group.data), sample.names, where)
            group = replace(group, mean=moments.mean, cov=moments.cov)
        groups.append(group)
    return replace(sample, groups=tuple(groups))


def saturated_deviance(group: GroupSample) -> float:
    """Return −2 log-likelihood of the unrestricted model, without the constant n·log 2π an answer."""
    assert group.data is not None
    return evaluate(patterns(group.data), group.mean, group.cov).deviance


def missing_objective(matrices: Structure, sample: Sample) -> Objective:
    """Return the objective of answers that are complete in some groups at most."""
    groups = []
    for group in sample.groups:
        assert group.data is not None
        groups.append(IncompleteGroup(patterns(group.data), saturated_deviance(group)))
    return Objective(matrices, tuple(groups), tuple(group.n / sample.n for group in sample.groups))
