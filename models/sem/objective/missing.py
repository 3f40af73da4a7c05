"""Full-information maximum likelihood: the objective of incomplete answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from models.sem.errors import in_group
from models.sem.model.matrices import Cells, Implied, Structure, mean_weights
from models.sem.objective.derivatives import second_order as cell_curvature
from models.sem.objective.latest import Latest
from models.sem.objective.objective import Objective
from models.sem.objective.pattern_curvature import moment_curvature
from models.sem.objective.patterns import PatternState, evaluate, first_order
from models.sem.objective.saturated import saturated
from models.sem.samples.patterns import Patterns
from models.sem.samples.sample import GroupSample, Sample

_DEVIANCE = ("saturated deviance",)


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
    _latest: Latest = field(default_factory=Latest, init=False, repr=False)

    def at(self, state: Implied) -> PatternState:
        """Evaluate the patterns at implied moments; the latest evaluation is kept, derivatives ask for it again."""
        key = state.mu.tobytes() + state.sigma.tobytes()
        return self._latest(key, lambda: evaluate(self.sample, state.mu, state.sigma))

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
            moments = saturated(group.patterns, sample.names, where)
            group = replace(group, mean=moments.mean, cov=moments.cov)
            group.memo[_DEVIANCE] = moments.state.deviance
        groups.append(group)
    return replace(sample, groups=tuple(groups))


def saturated_deviance(group: GroupSample) -> float:
    """Return −2 log-likelihood of the unrestricted model, without the constant n·log 2π an answer."""
    if _DEVIANCE not in group.memo:
        group.memo[_DEVIANCE] = evaluate(group.patterns, group.mean, group.cov).deviance
    return group.memo[_DEVIANCE]


def incomplete_objective(matrices: Structure, sample: Sample, discrepancy: str) -> Objective:
    """Return the objective of answers that are complete in some groups at most; maximum likelihood is the only one."""
    assert discrepancy == "ML"
    groups = tuple(IncompleteGroup(group.patterns, saturated_deviance(group)) for group in sample.groups)
    return Objective(matrices, groups, tuple(group.n / sample.n for group in sample.groups))
