r"""The function that estimation minimises: :math:`f(\theta) = \sum_g \frac{n_g}{2N} F_g(\theta)`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from models.sem.model.matrices import Cells, Implied, Structure, implied
from models.sem.objective.derivatives import Slope, exact_hessian, expected_hessian, gradient
from models.sem.objective.discrepancy import Discrepancy, generalised_least_squares, maximum_likelihood
from models.sem.objective.latest import Latest
from models.sem.objective.least_squares import unweighted
from models.sem.samples.sample import Sample


class GroupObjective(Protocol):
    """F of one group and its derivatives in the free cells of that group (q_g)."""

    def value(self, state: Implied) -> float:
        """Return F, infinite outside its domain."""

    def gradient(self, cells: Cells, state: Implied) -> np.ndarray:
        """Return ∂F/∂θ (q_g,)."""

    def hessian(self, cells: Cells, state: Implied, exact: bool) -> np.ndarray:
        """Return ∂²F/∂θ∂θ', exact or expected (q_g, q_g)."""


@dataclass(frozen=True, eq=False)
class CompleteGroup:
    """F of complete answers, a function of their moments."""

    discrepancy: Discrepancy
    _slope: Latest = field(default_factory=Latest, init=False, repr=False)

    def value(self, state: Implied) -> float:
        """Return F."""
        return self.discrepancy.value(state)

    def gradient(self, cells: Cells, state: Implied) -> np.ndarray:
        """Return ∂F/∂θ."""
        return gradient(cells, state, self.slope(state))

    def hessian(self, cells: Cells, state: Implied, exact: bool) -> np.ndarray:
        """Return ∂²F/∂θ∂θ'."""
        if exact:
            return exact_hessian(cells, state, self.slope(state))
        return expected_hessian(cells, state, self.slope(state).W)

    def slope(self, state: Implied) -> Slope:
        """Return the derivatives of F with respect to the moments."""
        return self._slope(state, lambda: self.discrepancy.slope(state))


@dataclass(frozen=True, eq=False)
class Objective:
    """f(θ) over all groups; derivatives are with respect to the full vector of free parameters (q,).

    Value, gradient and Hessian at the latest θ share the implied moments.
    """

    structure: Structure
    groups: tuple[GroupObjective, ...]
    weights: tuple[float, ...]
    _states: Latest = field(default_factory=Latest, init=False, repr=False)
    _exact: Latest = field(default_factory=Latest, init=False, repr=False)
    _expected: Latest = field(default_factory=Latest, init=False, repr=False)

    def states(self, theta: np.ndarray) -> tuple[Implied, ...]:
        """Return the implied moments of each group."""
        return self._states(theta.tobytes(), lambda: tuple(implied(cells, theta) for cells in self.structure.groups))

    def _parts(self, theta: np.ndarray) -> Iterator[tuple[Cells, Implied, GroupObjective, float]]:
        return zip(self.structure.groups, self.states(theta), self.groups, self.weights, strict=True)

    def values(self, theta: np.ndarray) -> np.ndarray:
        """Return F of each group."""
        return np.array([group.value(state) for _, state, group, _ in self._parts(theta)])

    def value(self, theta: np.ndarray) -> float:
        """Return f, infinite outside its domain."""
        value = float(np.dot(self.weights, self.values(theta)) / 2)
        return value if np.isfinite(value) else np.inf

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """Return ∂f/∂θ."""
        result = np.zeros(self.structure.n_free)
        for cells, state, group, weight in self._parts(theta):
            result[cells.theta] = weight / 2 * group.gradient(cells, state)
        return result

    def hessian(self, theta: np.ndarray, exact: bool = True) -> np.ndarray:
        """Return ∂²f/∂θ∂θ', exact or expected: the information of one respondent, an array not to be written to."""
        latest = self._exact if exact else self._expected
        return latest(theta.tobytes(), lambda: self._hessian(theta, exact))

    def _hessian(self, theta: np.ndarray, exact: bool) -> np.ndarray:
        result = np.zeros((self.structure.n_free, self.structure.n_free))
        for cells, state, group, weight in self._parts(theta):
            result[cells.theta, cells.theta] = weight / 2 * group.hessian(cells, state, exact)
        result.flags.writeable = False
        return result


def complete_objective(structure: Structure, sample: Sample, discrepancy: str) -> Objective:
    """Return the objective of complete samples for ``"ML"``, ``"GLS"`` or ``"ULS"``.

    Least squares weighs the groups by n − 1, as lavaan does.
    """
    groups: list[GroupObjective] = []
    for group in sample.groups:
        if discrepancy == "ML":
            groups.append(CompleteGroup(maximum_likelihood(group, structure.meanstructure)))
        elif discrepancy == "GLS":
            groups.append(CompleteGroup(generalised_least_squares(group, structure.meanstructure)))
        else:
            groups.append(unweighted(group, structure.meanstructure))
    lost = 0 if discrepancy == "ML" else 1
    return Objective(structure, tuple(groups), tuple((group.n - lost) / sample.n for group in sample.groups))
