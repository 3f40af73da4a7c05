"""Two-way within estimation from sums over users: everything that must be remembered of a group's rows."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from models.panel.engine.design import FloatArray
from models.panel.engine.keys import IntArray
from models.panel.engine.transform import ABSORBED, SINGULAR
from models.panel.errors import CollinearError, NotEstimableError, NoWithinVariationError, effects_said
from models.remarks import remark


@dataclass(eq=False)
class Sums:
    """Running sums of G groups with p = k + 1 variables and T periods.

    ``within`` (G, p, p) products of deviations from user means; ``means`` and ``raw`` (G, p + 1, p + 1) products of
    user means and of values, bordered by their sums and counts; ``by_period`` (G, T, p) sums of deviations; ``overlap``
    (G, T, T) products of the period dummies' deviations, none for entity effects alone; ``rows`` (G, T) by period;
    ``missing`` (G, p + 1) rows lost by variable, then users with a single row. Symmetric: the lower triangle counts.
    """

    within: FloatArray
    means: FloatArray
    raw: FloatArray
    by_period: FloatArray
    overlap: FloatArray
    rows: IntArray
    missing: IntArray

    @classmethod
    def empty(cls, p: int, n_group: int, n_time: int, twoway: bool) -> Sums:
        """Return the sums of no rows of `p` columns."""
        g, t = n_group, n_time if twoway else 0
        return cls(
            np.zeros((g, p, p)),
            np.zeros((g, p + 1, p + 1)),
            np.zeros((g, p + 1, p + 1)),
            np.zeros((g, t, p)),
            np.zeros((g, t, t)),
            np.zeros((g, n_time), dtype=np.int64),
            np.zeros((g, p + 1), dtype=np.int64),
        )

    def widened(self, n_group: int, before: int, after: int) -> Sums:
        """Return the same sums with room for more groups, earlier and later periods."""
        g = (0, n_group - len(self.rows))
        t = (before, after) if self.overlap.shape[1] else (0, 0)
        return Sums(
            np.pad(self.within, (g, (0, 0), (0, 0))),
            np.pad(self.means, (g, (0, 0), (0, 0))),
            np.pad(self.raw, (g, (0, 0), (0, 0))),
            np.pad(self.by_period, (g, t, (0, 0))),
            np.pad(self.overlap, (g, t, t)),
            np.pad(self.rows, (g, (before, after))),
            np.pad(self.missing, (g, (0, 0))),
        )

    def of(self, g: int) -> Sums:
        """Return the sums of one group, without the leading axis."""
        return Sums(*(getattr(self, f.name)[g] for f in fields(self)))

    @property
    def nobs(self) -> int:
        """Number of rows."""
        return int(self.raw[-1, -1])

    @property
    def n_entity(self) -> int:
        """Number of entities."""
        return int(self.means[-1, -1])

    @property
    def n_time(self) -> int:
        """Number of periods that occur."""
        return int((self.rows > 0).sum())


@dataclass(frozen=True, eq=False)
class Solution:
    """Slopes (k,), inverse of the regressors' products (k, k), period effects (T, p) of residual and regressors, R²."""

    slopes: FloatArray
    bread: FloatArray
    period_effects: FloatArray
    r2: tuple[float, float, float]


def solve(sums: Sums, names: tuple[str, ...], effects: str) -> Solution:
    r"""Slopes from the sums, period effects eliminated by a Schur complement.

    With entity-demeaned :math:`\ddot X, \ddot y` and period dummies :math:`\ddot D`:
    :math:`(\ddot X'\ddot X - \ddot X'\ddot D (\ddot D'\ddot D)^+ \ddot D'\ddot X)\,\beta
    = \ddot X'\ddot y - \ddot X'\ddot D (\ddot D'\ddot D)^+ \ddot D'\ddot y`
    (Wansbeek & Kapteyn 1989, doi:10.1016/0304-4076(89)90045-4).
    """
    products = symmetric(sums.within)
    present = sums.rows > 0 if len(sums.overlap) else np.zeros(0, dtype=bool)
    effects_of = np.zeros((len(sums.overlap), len(products)))
    if present.any():
        overlap = symmetric(sums.overlap)[np.ix_(present, present)]
        effects_of[present] = np.linalg.pinv(overlap, rcond=SINGULAR, hermitian=True) @ sums.by_period[present]
    remaining: FloatArray = products - sums.by_period.T @ effects_of
    _check_rank(np.diag(symmetric(sums.raw[:-1, :-1])), np.diag(products), remaining[1:, 1:], names, effects)
    bread = np.asarray(np.linalg.inv(remaining[1:, 1:]), dtype=np.float64)
    slopes = bread @ remaining[1:, 0]
    rest = remaining[0, 0] - slopes @ remaining[1:, 0]
    if products[0, 0] <= 1e-18 * sums.raw[0, 0] or rest <= 1e-13 * products[0, 0]:
        raise NotEstimableError(remark("exact_fit"))
    effects_of[:, 0] -= effects_of[:, 1:] @ slopes
    r2 = (
        squared_correlation(products, slopes),
        squared_correlation(centred(sums.means), slopes),
        squared_correlation(centred(sums.raw), slopes),
    )
    return Solution(slopes, bread, effects_of, r2)


def symmetric(lower: FloatArray) -> FloatArray:
    """Build a symmetric matrix from its lower triangle."""
    return np.tril(lower) + np.tril(lower, -1).T


def centred(bordered: FloatArray) -> FloatArray:
    """Centred products from products (lower triangle) bordered by sums and the count."""
    total = bordered[-1, :-1]
    return symmetric(bordered[:-1, :-1]) - np.outer(total, total) / bordered[-1, -1]


def squared_correlation(products: FloatArray, slopes: FloatArray) -> float:
    """R² as the squared correlation of y and xβ, from centred products of (y, x)."""
    explained = float(slopes @ products[1:, 1:] @ slopes)
    total = float(products[0, 0])
    if explained <= 0 or total <= 0:
        return float("nan")
    return float((slopes @ products[1:, 0]) ** 2 / (explained * total))


def _check_rank(
    raw: FloatArray, within: FloatArray, remaining: FloatArray, names: tuple[str, ...], effects: str
) -> None:
    left = np.diag(remaining)
    lost = (within[1:] <= 1e-18 * raw[1:]) | (left <= 1e-11 * within[1:])
    if lost.any():
        gone = [n for n, gone in zip(names, lost, strict=True) if gone]
        raise NoWithinVariationError(remark("no_variation_left", terms=gone, effects=effects_said(effects)), ABSORBED)
    scale = np.sqrt(left)
    correlation = remaining / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < 1e-11:
        used = [n for n, v in zip(names, vectors[:, 0], strict=True) if abs(v) > 1e-3]
        raise CollinearError(remark("collinear_given", terms=used, effects=effects_said(effects)), "leave one out")
