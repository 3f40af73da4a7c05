r"""Robust standard errors and tests of ordinal models (Muthén 1993; Asparouhov & Muthén 2010; Satorra & Bentler 1994).

With the diagonal weight W, :math:`U = W - W\Delta(\Delta'W\Delta)^{-1}\Delta'W`; the test is scaled by tr(UΓ) / df, or
scaled and shifted so that mean and variance are those of χ².
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.sem.inference.robust import ScaledTest
from models.sem.inference.unrestricted import OwnParameters
from models.sem.model.linear_algebra import blocks, restrict
from models.sem.model.linear_algebra import inverse as inverse_of
from models.sem.model.matrices import implied
from models.sem.objective.ordinal_objective import OrdinalGroup
from models.sem.samples.sample import GroupSample, Sample
from models.sem.solving.estimate import Task


@dataclass(frozen=True, eq=False)
class OrdinalSpace(OwnParameters):
    """One group in the coordinates of its ordinal moments.

    Attributes
    ----------
    weights
        Diagonal of the weight matrix (m,).
    gamma
        n times the covariance of the moments (m, m).
    own
        ∂moments/∂θ (m, k) for the parameters of this group.
    at
        Places of these parameters in θ.
    share
        Share of the group in the sample.
    q
        Length of θ.
    """

    weights: np.ndarray
    gamma: np.ndarray
    own: np.ndarray
    at: slice
    share: float
    q: int


def ordinal_spaces(task: Task, theta: np.ndarray) -> Iterator[OrdinalSpace]:
    """Yield the groups one at a time."""
    parts = zip(task.structure.groups, task.objective.groups, task.sample.groups, strict=True)
    for cells, function, group in parts:
        assert isinstance(function, OrdinalGroup)
        own = function.jacobian(cells, implied(cells, theta))
        yield OrdinalSpace(function.weights, function.sample.gamma, own, cells.theta, group.n / task.n, len(theta))


def ordinal_information(task: Task, theta: np.ndarray) -> np.ndarray:
    """Return Σ_g (n_g / N) Δ'WΔ (q, q)."""
    result = np.zeros((len(theta), len(theta)))
    for space in ordinal_spaces(task, theta):
        result[space.block] += space.share * space.own.T @ (space.weights[:, None] * space.own)
    return result


def ordinal_sandwich(task: Task, theta: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Return the robust unit covariance matrix of the parameters (q, q); `inverse` is the bread."""
    result = np.zeros_like(inverse)
    for space in ordinal_spaces(task, theta):
        weighted = space.weights[:, None] * space.own
        meat = space.share * weighted.T @ space.gamma @ weighted
        result += inverse[:, space.at] @ (meat @ inverse[space.at])
    return result


def ordinal_jacobians(task: Task, theta: np.ndarray, like: Sample) -> list[np.ndarray]:
    """Return ∂moments/∂θ (m, k) of each group in its own parameters, rows in the order of the variables of `like`."""
    result = []
    for space, group, other in zip(ordinal_spaces(task, theta), task.sample.groups, like.groups, strict=True):
        result.append(space.own[_order(group, task.sample.names, other, like.names)])
    return result


def as_if_true(task: Task, theta: np.ndarray, group: GroupSample, names: Sequence[str]) -> GroupSample:
    """Return the sample of a group, variables named by `names`, with the moments that a model implies."""
    g = [other.label for other in task.sample.groups].index(group.label)
    state, function = implied(task.structure.groups[g], theta), task.objective.groups[g]
    assert isinstance(function, OrdinalGroup)
    assert group.ordinal is not None
    observed = function.moments(state)[_order(task.sample.groups[g], task.sample.names, group, names)]
    return replace(group, ordinal=replace(group.ordinal, observed=observed))


def _order(group: GroupSample, names: Sequence[str], other: GroupSample, like: Sequence[str]) -> list[int]:
    assert group.ordinal is not None
    assert other.ordinal is not None
    place = {key: k for k, key in enumerate(group.ordinal.keys(names))}
    return [place[key] for key in other.ordinal.keys(like)]


def ordinal_test(
    task: Task, theta: np.ndarray, basis: np.ndarray, statistic: float, df: int, shifted: bool
) -> ScaledTest:
    """Return the scaled, or the scaled and shifted, test."""
    if df == 0:
        return ScaledTest(np.nan, 0, np.nan, 0.0, np.nan, shifted)
    middle, outer = np.zeros((2, len(theta), len(theta)))
    first = second = 0.0
    for space in ordinal_spaces(task, theta):
        w, gamma = space.weights, space.gamma
        weighted = w[:, None] * space.own
        spread = gamma @ weighted
        middle[space.block] += space.share * weighted.T @ spread
        outer[space.block] += space.share * spread.T @ (w[:, None] * spread)
        first += float(w @ np.diag(gamma))
        second += float(w @ gamma**2 @ w)
    information, middle, outer = (restrict(m, basis) for m in (ordinal_information(task, theta), middle, outer))
    trace, square = first, second
    for part in blocks(information, middle):
        inside = np.ix_(part, part)
        inverse = inverse_of(information[inside])
        change = inverse @ middle[inside]
        trace -= float(np.trace(change))
        square += float(np.sum(change * change.T)) - 2 * float(np.sum(inverse * outer[inside]))
    mean_scaling = trace / df
    if not shifted:
        return ScaledTest(statistic / mean_scaling, df, mean_scaling, 0.0, mean_scaling, False)
    a = np.sqrt(df / square)
    shift = df - a * trace
    return ScaledTest(a * statistic + shift, df, 1 / a, shift, mean_scaling, True)
