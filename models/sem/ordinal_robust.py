r"""Robust standard errors and tests of ordinal models (Muthén 1993; Asparouhov & Muthén 2010; Satorra & Bentler 1994).

With the diagonal weight W, :math:`U = W - W\Delta(\Delta'W\Delta)^{-1}\Delta'W`; the test is scaled by tr(UΓ) / df, or
scaled and shifted so that mean and variance are those of χ².
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.sem.estimate import Problem
from models.sem.matrices import implied
from models.sem.ordinal_objective import OrdinalGroup
from models.sem.robust import ScaledTest, bread


@dataclass(frozen=True)
class OrdinalSpace:
    """One group in the coordinates of its ordinal moments.

    Attributes
    ----------
    weights
        Diagonal of the weight matrix (m,).
    gamma
        n times the covariance of the moments (m, m).
    delta
        ∂moments/∂θ (m, q).
    share
        Share of the group in the sample.
    """

    weights: np.ndarray
    gamma: np.ndarray
    delta: np.ndarray
    share: float


def ordinal_spaces(task: Problem, theta: np.ndarray) -> Iterator[OrdinalSpace]:
    """Yield the groups one at a time."""
    parts = zip(task.structure.groups, task.objective.groups, task.sample.groups, strict=True)
    for cells, function, group in parts:
        assert isinstance(function, OrdinalGroup)
        delta = np.zeros((len(function.weights), len(theta)))
        delta[:, cells.theta] = function.jacobian(cells, implied(cells, theta))
        yield OrdinalSpace(function.weights, function.sample.gamma, delta, group.n / task.n)


def ordinal_sandwich(task: Problem, theta: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return the robust covariance matrix of the parameters (q, q), divided by N less one a group as in lavaan."""
    information, meat = np.zeros((2, len(theta), len(theta)))
    for space in ordinal_spaces(task, theta):
        weighted = space.weights[:, None] * space.delta
        information += space.share * weighted.T @ space.delta
        meat += space.share * weighted.T @ space.gamma @ weighted
    inverse = bread(information, basis)
    return inverse @ meat @ inverse / (task.n - len(task.sample.groups))


def ordinal_test(
    task: Problem, theta: np.ndarray, basis: np.ndarray, statistic: float, df: int, shifted: bool
) -> ScaledTest:
    """Return the scaled, or the scaled and shifted, test."""
    if df == 0:
        return ScaledTest(np.nan, 0, np.nan, 0.0, np.nan, shifted)
    information, middle, outer = np.zeros((3, len(theta), len(theta)))
    first = second = 0.0
    for space in ordinal_spaces(task, theta):
        w, gamma = space.weights, space.gamma
        weighted = w[:, None] * space.delta
        spread = gamma @ weighted
        information += space.share * weighted.T @ space.delta
        middle += space.share * weighted.T @ spread
        outer += space.share * spread.T @ (w[:, None] * spread)
        first += float(w @ np.diag(gamma))
        second += float(w @ gamma**2 @ w)
    inverse = bread(information, basis)
    change = inverse @ middle
    trace = first - float(np.trace(change))
    mean_scaling = trace / df
    if not shifted:
        return ScaledTest(statistic / mean_scaling, df, mean_scaling, 0.0, mean_scaling, False)
    square = second - 2 * float(np.sum(inverse * outer)) + float(np.sum(change * change.T))
    a = np.sqrt(df / square)
    shift = df - a * trace
    return ScaledTest(a * statistic + shift, df, 1 / a, shift, mean_scaling, True)
