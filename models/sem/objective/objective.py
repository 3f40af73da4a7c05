r"""The function that estimation minimises: :math:`f(\theta) = \sum_g \frac{n_g}{2N} F_g(\theta)`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from models.sem.model.matrices import Cells, Implied, Structure, implied
from models.sem.objective.derivatives import exact_hessian, expected_hessian, gradient
from models.sem.objective.discrepancy import Discrepancy, generalised_least_squares, maximum_likelihood
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

    def value(self, state: Implied) -> float:
        """Return F."""
        return self.discrepancy.value(state)

    def gradient(self, cells: Cells, state: Implied) -> np.ndarray:
        """Return ∂F/∂θ."""
        return gradient(cells, state, self.discrepancy.slope(state))

    def hessian(self, cells: Cells, state: Implied, exact: bool) -> np.ndarray:
        """Return ∂²F/∂θ∂θ'."""
        slope = self.discrepancy.slope(state)
        if exact:
            return exact_hessian(cells, state, slope)
        return expected_hessian(cells, state, slope.W, slope.V)


@dataclass(frozen=True, eq=False)
class Objective:
    """f(θ) over all groups; derivatives are with respect to the full vector of free parameters (q,)."""

    structure: Structure
    groups: tuple[GroupObjective, ...]
    weights: tuple[float, ...]

    @cached_property
    def _parts(self) -> list[tuple[Cells, GroupObjective, float]]:
        return list(zip(self.structure.groups, self.groups, self.weights, strict=True))

    def values(self, theta: np.ndarray) -> np.ndarray:
        """Return F of each group."""
        return np.array([group.value(implied(cells, theta)) for cells, group, _ in self._parts])

    def value(self, theta: np.ndarray) -> float:
        """Return f, infinite outside its domain."""
        value = float(np.dot(self.weights, self.values(theta)) / 2)
        return value if np.isfinite(value) else np.inf

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """Return ∂f/∂θ."""
        result = np.zeros(self.structure.n_free)
        for cells, group, weight in self._parts:
            result[cells.theta] = weight / 2 * group.gradient(cells, implied(cells, theta))
        return result

    def hessian(self, theta: np.ndarray, exact: bool = True) -> np.ndarray:
        """Return ∂²f/∂θ∂θ', exact or expected: the information of one respondent."""
        result = np.zeros((self.structure.n_free, self.structure.n_free))
        for cells, group, weight in self._parts:
            result[cells.theta, cells.theta] = weight / 2 * group.hessian(cells, implied(cells, theta), exact)
        return result


def objective(structure: Structure, sample: Sample, estimator: str) -> Objective:
    """Return the objective of complete samples for ``"ML"``, ``"GLS"`` or ``"ULS"``.

    Least squares weighs the groups by n − 1, as lavaan does.
    """
    groups: list[GroupObjective] = []
    for group in sample.groups:
        if estimator == "ML":
            groups.append(CompleteGroup(maximum_likelihood(group, structure.meanstructure)))
        elif estimator == "GLS":
            groups.append(CompleteGroup(generalised_least_squares(group, structure.meanstructure)))
        else:
            groups.append(unweighted(group, structure.meanstructure))
    lost = 0 if estimator == "ML" else 1
    return Objective(structure, tuple(groups), tuple((group.n - lost) / sample.n for group in sample.groups))
