"""Projections that take the effects out of a panel: least squares on what remains is the estimator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array

from models.panel.engine.design import FloatArray
from models.panel.engine.keys import IntArray, lag_positions
from models.panel.errors import CollinearError, NoWithinVariationError, effects_said
from models.remarks import Remark, remark

SINGULAR = 1e-10
ABSORBED = "leave it out (its interactions may stay: write 'a + a:b'), or choose other effects"


def group_means(values: FloatArray, codes: IntArray) -> FloatArray:
    """Means by group (G, k) of ``values`` (N, k)."""
    sums = np.column_stack([np.bincount(codes, column) for column in values.T])
    return sums / np.bincount(codes)[:, None]


def demean(values: FloatArray, codes: IntArray) -> FloatArray:
    """Deviations from group means."""
    return values - group_means(values, codes)[codes]


def demean_twoway(values: FloatArray, entity: IntArray, time: IntArray) -> FloatArray:
    """Residuals of ``values`` (N, k) on entity and period dummies, exact for unbalanced panels."""
    return demean(values - period_effects(values, entity, time)[time], entity)


def period_effects(values: FloatArray, entity: IntArray, time: IntArray) -> FloatArray:
    r"""Coefficients (T, k) of the period dummies when ``values`` (N, k) are projected on entities and periods.

    With entity-demeaned values :math:`\ddot Z` and period dummies :math:`\ddot D` they solve
    :math:`(\ddot D'\ddot D)\,\lambda = \ddot D'\ddot Z`, where
    :math:`\ddot D'\ddot D = \mathrm{diag}(n_t) - \sum_i d_i d_i'/n_i` (Wansbeek & Kapteyn 1989,
    doi:10.1016/0304-4076(89)90045-4). With fewer entities than periods, entities are solved for first.
    """
    if entity.max() < time.max():
        return group_means(values - period_effects(values, time, entity)[entity], time)
    within = demean(values, entity)
    counts = csr_array((np.ones(len(entity)), (entity, time)))
    shares = csr_array((1.0 / np.bincount(entity)[entity], (entity, time)))
    cross = np.diag(np.bincount(time).astype(float)) - (counts.T @ shares).toarray()
    sums = np.column_stack([np.bincount(time, column, minlength=len(cross)) for column in within.T])
    effects: FloatArray = np.linalg.pinv(cross, rcond=SINGULAR, hermitian=True) @ sums
    return effects


def first_difference(values: FloatArray, entity: IntArray, period: IntArray) -> tuple[FloatArray, IntArray]:
    """Take the changes from the period before and the rows that have one; nothing is differenced over a gap."""
    before = lag_positions(entity, period, 1)
    rows = np.flatnonzero(before >= 0)
    return values[rows] - values[before[rows]], rows


def orthogonal_deviations(values: FloatArray, entity: IntArray) -> tuple[FloatArray, IntArray]:
    r"""Forward orthogonal deviations and the rows that have one: all but the last of each entity (rows sorted by it).

    :math:`\sqrt{r/(r+1)}\,(z_t - \bar z_{>t})` with r rows after t. Least squares on them is the within estimator and
    errors that were independent with one variance stay so (Arellano & Bover 1995, doi:10.1016/0304-4076(94)01642-D).
    """
    sizes = np.bincount(entity)
    ends = np.cumsum(sizes)[entity]
    after = ends - 1 - np.arange(len(entity))
    demeaned = demean(values, entity)
    totals = np.cumsum(demeaned, axis=0)
    later = totals[ends - 1] - totals
    rows = np.flatnonzero(after > 0)
    count = after[rows][:, None]
    return np.sqrt(count / (count + 1)) * (demeaned[rows] - later[rows] / count), rows


def check_rank(transformed: FloatArray, original: FloatArray, names: tuple[str, ...], effects: str) -> None:
    """Raise if a regressor vanishes with the effects or is a combination of those before it."""
    size, level = np.linalg.norm(transformed, axis=0), np.linalg.norm(original, axis=0)
    spread = np.linalg.norm(original - original.mean(0), axis=0)
    floor = np.maximum(1e-9 * spread, 1e-13 * level)
    gone = [n for n, s, f in zip(names, size, floor, strict=True) if s <= f]
    if gone:
        raise NoWithinVariationError(remark("no_variation_left", terms=gone, effects=effects_said(effects)), ABSORBED)
    given = effects_said(effects)
    check_independent(
        transformed,
        names,
        lambda term, others: remark("linear_combination_given", term=term, others=others, effects=given),
    )
    if len(transformed) <= len(names):
        raise CollinearError(remark("few_rows_for_slopes", n=len(transformed), k=len(names)))


def _plainly(term: str, others: list[str]) -> Remark:
    return remark("linear_combination", term=term, others=others)


def check_independent(
    columns: FloatArray, names: tuple[str, ...], said: Callable[[str, list[str]], Remark] = _plainly
) -> None:
    """Raise, with the names, if a column (N,) is zero or a combination of those before it (``said`` of both)."""
    size = np.linalg.norm(columns, axis=0)
    zero = [n for n, s in zip(names, size, strict=True) if not s]
    if zero:
        raise NoWithinVariationError(remark("no_variation", terms=zero), "leave it out")
    basis = np.empty((len(columns), 0))
    for j, name in enumerate(names):
        column = columns[:, j] / size[j]
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        if np.linalg.norm(rest) < 1e-8:
            weights = np.linalg.lstsq(columns[:, :j], columns[:, j], rcond=None)[0]
            used = [n for n, w in zip(names[:j], weights, strict=True) if abs(w) > 1e-6]
            raise CollinearError(said(name, used), "leave one out")
        basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
