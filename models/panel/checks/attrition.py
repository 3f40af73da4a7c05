"""Attrition: whether leaving the panel is related to the outcome."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.panel.checks.check import Check, chi2_check, not_applicable
from models.panel.engine.conventions import sandwich
from models.panel.engine.design import Design
from models.panel.engine.reference import estimate
from models.panel.engine.transform import demean
from models.panel.errors import NotEstimableError
from models.remarks import remark
from models.statistics.wald import quadratic

NULL = "being observed next period is unrelated to the errors"
REFERENCE = "Wooldridge (2010, §19.9.2); Nijman & Verbeek (1992), doi:10.1002/jae.3950070304"


def selection_lead(design: Design, effects: str) -> Check:
    """Add "observed next period" to the regressors and test its slope, errors clustered as in the fit.

    Observed is who has a row in the data, whether or not it is complete: a missing regressor is no leaving.
    """
    name = "Attrition (lead of selection)"
    rows = design.stays >= 0
    stays = design.stays[rows].astype(float)
    lost = int((1 - stays).sum())
    if lost == 0:
        return not_applicable(name, remark("always_observed"), NULL, REFERENCE)
    sample = design.take(np.flatnonzero(rows))
    names = (*design.names, "observed next period")
    sample = replace(sample, x=np.column_stack([sample.x, stays]), names=names)
    try:
        result = estimate(sample, effects, "hc0")
    except NotEstimableError as error:
        return not_applicable(name, error.remark, NULL, REFERENCE)
    place = result.names.index("observed next period")
    slope, variance = result.params[place], result.cov[place, place]
    said = remark("slope_of_check", b=float(slope)), remark("no_next_period", n=lost)
    return chi2_check(name, float(slope**2 / variance), 1, NULL, REFERENCE, *said)


def leavers(design: Design) -> Check:
    """Do those who leave before the last period start with the same intercept and slopes? A joint test.

    Who has a row in the last period of the data, complete or not, has not left. Each entity's first row, effects of the
    period of entry, errors robust to heteroskedasticity.
    """
    name, null = "Attrition (leavers' first period)", "those who leave start with the same intercept and slopes"
    reference = "Becketti, Gould, Lillard & Welch (1988), doi:10.1086/298192"
    first = np.flatnonzero(np.diff(design.entity, prepend=-1))
    leaves = design.leaves[first].astype(float)
    lost = int(leaves.sum())
    x = design.x[first][:, 1:] if design.intercept else design.x[first]
    k = x.shape[1]
    if min(lost, len(first) - lost) <= k + 1:
        reason = remark("few_leave_early", n=lost, all=len(first), k=k + 1)
        return not_applicable(name, reason, null, reference)
    values = np.column_stack([design.y[first], leaves, x * leaves[:, None], x])
    values = demean(values, np.unique(design.period[first], return_inverse=True)[1])
    y, regressors = values[:, 0], values[:, 1:]
    size = np.linalg.norm(regressors, axis=0)
    if not size.all() or np.linalg.matrix_rank(regressors / size, tol=1e-8) < regressors.shape[1]:
        return not_applicable(name, remark("leavers_alike"), null, reference)
    slopes = np.linalg.lstsq(regressors, y, rcond=None)[0]
    cov = sandwich(regressors, y - regressors @ slopes, np.arange(len(y))[:, None], "hc0")
    own = np.asarray(slopes[: k + 1], dtype=np.float64)
    statistic = quadratic(own, cov[: k + 1, : k + 1])
    if statistic is None:
        return not_applicable(name, remark("singular_covariance"), null, reference)
    return chi2_check(name, statistic, k + 1, null, reference, remark("leave_early", n=lost, all=len(first)))
