"""Ceiling lines over a scatter of condition and outcome, and the empty zone above them."""

from dataclasses import dataclass

import numpy as np

from models.measurement.errors import ScaleError
from models.remarks import Remarks, remark


@dataclass(frozen=True)
class Scope:
    """The rectangle of possible values."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float

    @classmethod
    def of(
        cls, x: np.ndarray, y: np.ndarray, limits: tuple[tuple[float, float], tuple[float, float]] | None
    ) -> "Scope":
        """Observed scope, or the theoretical one in `limits`, which must hold all observations."""
        if limits is None:
            return cls(float(x.min()), float(x.max()), float(y.min()), float(y.max()))
        for key, values, (low, high) in zip(
            ("condition_beyond_scope", "outcome_beyond_scope"), (x, y), limits, strict=True
        ):
            if values.min() < low or values.max() > high:
                found = {"least": float(values.min()), "most": float(values.max())}
                raise ScaleError(
                    remark(key, **found, low=float(low), high=float(high)),
                    "Widen the scope or correct the values.",
                )
        return cls(*map(float, limits[0]), *map(float, limits[1]))

    @property
    def width(self) -> float:
        """Range of the condition."""
        return self.x_high - self.x_low

    @property
    def height(self) -> float:
        """Range of the outcome."""
        return self.y_high - self.y_low

    @property
    def area(self) -> float:
        """Area of the scope."""
        return self.width * self.height


@dataclass(frozen=True, eq=False)
class Ceiling:
    """A ceiling line.

    Attributes
    ----------
    peers : array (k, 2)
        Upper-left corners of the step ceiling, condition and outcome, ascending.
    zone : float
        Empty area above the line within the scope.
    intercept, slope : float
        Of a straight line; NaN for the step function or where there is no line.
    note : Remarks
        Why there is no line; empty where there is one.
    """

    peers: np.ndarray
    zone: float
    intercept: float = np.nan
    slope: float = np.nan
    note: Remarks = Remarks()

    def height(self, x: np.ndarray) -> np.ndarray:
        """Highest outcome that the ceiling allows at `x`; infinite where there is no line."""
        if np.isfinite(self.slope):
            return self.intercept + self.slope * x
        if self.note:
            return np.full(len(x), np.inf)
        reached = np.searchsorted(self.peers[:, 0], x, side="right") - 1
        return np.where(reached >= 0, self.peers[np.maximum(reached, 0), 1], -np.inf)


def peers(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Observations whose outcome is higher than that of everyone with as little of the condition or less."""
    order = np.lexsort((-y, x))
    x, y = x[order], y[order]
    highest_before = np.r_[-np.inf, np.maximum.accumulate(y)[:-1]]
    return np.column_stack([x, y])[y > highest_before]


def ce_fdh_zones(x: np.ndarray, y: np.ndarray, scope: Scope) -> float:
    """Empty zone above the step ceiling, with `x` already in ascending order."""
    reached = np.maximum.accumulate(y)
    before_first = (x[0] - scope.x_low) * scope.height
    return float(before_first + (np.diff(np.r_[x, scope.x_high]) * (scope.y_high - reached)).sum())


def ce_fdh(x: np.ndarray, y: np.ndarray, scope: Scope) -> Ceiling:
    """Ceiling envelopment by the free disposal hull: the step function through the peers."""
    order = np.argsort(x, kind="stable")
    return Ceiling(peers(x, y), ce_fdh_zones(x[order], y[order], scope))


def cr_fdh(x: np.ndarray, y: np.ndarray, scope: Scope) -> Ceiling:
    """Ceiling regression: least squares through the peers of the free disposal hull."""
    corners = peers(x, y)
    if len(corners) < 2:
        return Ceiling(corners, 0.0, note=Remarks.of(remark("one_corner")))
    dx, dy = corners[:, 0] - corners[:, 0].mean(), corners[:, 1] - corners[:, 1].mean()
    slope = float(dx @ dy / (dx @ dx))
    intercept = float(corners[:, 1].mean() - slope * corners[:, 0].mean())
    return Ceiling(corners, _zone_above(intercept, slope, scope), intercept, slope)


def _zone_above(intercept: float, slope: float, scope: Scope) -> float:
    """Area of the scope above a rising line: trapezoids between the points where the line enters and leaves it."""
    crossings = [(level - intercept) / slope for level in (scope.y_low, scope.y_high)]
    knots = np.array(sorted([scope.x_low, *np.clip(crossings, scope.x_low, scope.x_high), scope.x_high]))
    gap = scope.y_high - np.clip(intercept + slope * knots, scope.y_low, scope.y_high)
    return float(np.trapezoid(gap, knots))


def required(ceiling: Ceiling, level: float, scope: Scope) -> float:
    """Smallest condition at which the ceiling allows an outcome of `level`; -inf where any will do."""
    if np.isfinite(ceiling.slope):
        return (level - ceiling.intercept) / ceiling.slope
    if ceiling.note or level <= scope.y_low:
        return -np.inf
    enough = ceiling.peers[:, 1] >= level - 1e-12 * scope.height
    return float(ceiling.peers[enough, 0][0]) if enough.any() else np.inf
