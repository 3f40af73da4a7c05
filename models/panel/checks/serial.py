"""Serial correlation of the errors within entities."""

from __future__ import annotations

import numpy as np

from models.panel.checks.check import Check, chi2_check, f_check, not_applicable
from models.panel.engine.conventions import sandwich
from models.panel.engine.design import Design, FloatArray
from models.panel.engine.keys import IntArray, lag_positions
from models.panel.engine.transform import demean, first_difference, orthogonal_deviations
from models.remarks import remark

NULL = "no serial correlation of the idiosyncratic errors"


def wooldridge_within(design: Design) -> Check:
    r"""Within residuals regressed on their lag: slope :math:`-1/(T_i-1)` under the null, errors clustered by entity.

    Each entity has its own null, so that :math:`\hat u_{it} + \hat u_{i,t-1}/(T_i-1)` is regressed on the lag and the
    slope tested against zero; with equal T the same as testing :math:`-1/(T-1)`. References: Wooldridge (2010,
    §10.5.4), ISBN 978-0-262-23258-6.
    """
    name, reference = "Wooldridge, within residuals", "Wooldridge (2010, §10.5.4)"
    values = demean(np.column_stack([design.y, _slopes(design)]), design.entity)
    sizes = np.bincount(design.entity)
    if sizes.max() < 3:
        return not_applicable(name, remark("no_three_periods"), NULL, reference)
    expected = -1 / np.maximum(sizes - 1, 1)[design.entity]
    return _lag_regression(name, _residuals(values), design.entity, design.period, expected, reference)


def wooldridge_difference(design: Design) -> Check:
    """First-difference residuals regressed on their lag: slope −1/2 under the null, errors clustered by entity.

    References: Wooldridge (2010, §10.6.3); Drukker (2003), doi:10.1177/1536867X0300300206.
    """
    name, reference = "Wooldridge, first differences", "Wooldridge (2010, §10.6.3); Drukker (2003)"
    values = np.column_stack([design.y, _slopes(design)])
    changes, rows = first_difference(values, design.entity, design.period)
    if len(rows) <= changes.shape[1]:
        return not_applicable(name, remark("few_rows_with_past"), NULL, reference)
    u = _residuals(np.insert(changes, 1, 1.0, axis=1))
    expected = np.full(len(rows), -0.5)
    return _lag_regression(name, u, design.entity[rows], design.period[rows], expected, reference)


def breusch_godfrey(design: Design, order: int = 1) -> Check:
    r"""Lagrange multiplier test: :math:`N R^2` of the residuals on the regressors and their own lags.

    Variables are forward orthogonal deviations: least squares on them is the within estimator, but independent errors
    stay independent, where those less their entity mean are correlated by :math:`-1/(T-1)` and the test would reject
    without cause. Lags before an entity's first period or over a gap are zero. References: Breusch (1978),
    doi:10.1111/j.1467-8454.1978.tb00635.x; Godfrey (1978), doi:10.2307/1913829; Arellano & Bover (1995),
    doi:10.1016/0304-4076(94)01642-D.
    """
    name, reference = f"Breusch–Godfrey, order {order}", "Breusch (1978); Godfrey (1978); Arellano & Bover (1995)"
    values, rows = orthogonal_deviations(np.column_stack([design.y, _slopes(design)]), design.entity)
    u = _residuals(values)
    if u @ u <= 1e-20 * float(design.y @ design.y):
        return not_applicable(name, remark("within_fits_exactly"), NULL, reference)
    lags = []
    for step in range(1, order + 1):
        before = lag_positions(design.entity[rows], design.period[rows], step)
        if not (before >= 0).any():
            return not_applicable(name, remark("no_row_before", step=step), NULL, reference)
        lags.append(np.where(before >= 0, u[before], 0.0))
    rest = _residuals(np.column_stack([u, values[:, 1:], *lags]))
    statistic = len(u) * (1 - float(rest @ rest) / float(u @ u))
    return chi2_check(name, statistic, order, NULL, reference)


def _slopes(design: Design) -> FloatArray:
    return design.x[:, 1:] if design.intercept else design.x


def _residuals(values: FloatArray) -> FloatArray:
    """Least-squares residuals of the first column on the others."""
    return values[:, 0] - values[:, 1:] @ np.linalg.lstsq(values[:, 1:], values[:, 0], rcond=None)[0]


def _lag_regression(
    name: str, u: FloatArray, entity: IntArray, period: IntArray, expected: FloatArray, reference: str
) -> Check:
    before = lag_positions(entity, period, 1)
    rows = np.flatnonzero(before >= 0)
    n_entity = len(np.unique(entity[rows]))
    if len(rows) < 4 or n_entity < 2:
        return not_applicable(name, remark("few_lagged_residuals", n=len(rows), entities=n_entity), NULL, reference)
    lagged = u[before[rows]]
    x = np.column_stack([np.ones(len(rows)), lagged])
    slope, beyond = np.linalg.lstsq(x, np.column_stack([u[rows], u[rows] - expected[rows] * lagged]), rcond=None)[0].T
    rest = u[rows] - expected[rows] * lagged - x @ beyond
    if rest @ rest <= 1e-20 * (u @ u) or np.linalg.matrix_rank(x) < 2:
        return not_applicable(name, remark("flat_residuals"), NULL, reference)
    cov = sandwich(x, rest, entity[rows][:, None], "hc0")
    if not cov[1, 1] > 0:
        return not_applicable(name, remark("few_judge_slope"), NULL, reference)
    statistic = beyond[1] ** 2 / cov[1, 1]
    return f_check(
        name, float(statistic), (1, len(rows) - 2), NULL, reference, remark("slope_of_check", b=float(slope[1]))
    )
