"""Within or random effects? Hausman's test and its robust form by Mundlak."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.panel.checks.check import Check, chi2_check, not_applicable
from models.panel.engine.design import Design
from models.panel.engine.reference import estimate, with_means
from models.panel.errors import NotEstimableError
from models.remarks import remark
from models.statistics.wald import quadratic

NULL = "entity effects are unrelated to the regressors"


def hausman(design: Design) -> Check:
    r"""Hausman's test :math:`(b_w-b_r)'(V_w-V_r)^{-1}(b_w-b_r)` of within against random effects.

    References: Hausman (1978), doi:10.2307/1913827. Needs homoskedastic, uncorrelated errors; the note says where the
    difference of the covariances is not positive definite in the sample.
    """
    name, reference = "Hausman", "Hausman (1978), doi:10.2307/1913827"
    varying = [n[5:-1] for n in with_means(design)[0][len(design.names) :]]
    varying = [n for n in varying if n != "Intercept"]
    try:
        random = estimate(with_intercept(design), "random", "classical")
        within = estimate(columns(design, varying), "entity", "classical")
    except NotEstimableError as error:
        return not_applicable(name, error.remark, NULL, reference)
    place = [random.names.index(n) for n in varying]
    difference = within.params - random.params[place]
    cov = within.cov - random.cov[np.ix_(place, place)]
    statistic = quadratic(difference, cov, definite=False)
    if statistic is None:
        return not_applicable(name, remark("effects_differ_nowhere"), NULL, reference)
    if statistic <= 0:
        return not_applicable(name, remark("negative_statistic", statistic=statistic), NULL, reference)
    definite = np.linalg.eigvalsh(cov).min() > 0
    said = [] if definite else [remark("indefinite_difference")]
    return chi2_check(name, statistic, len(varying), NULL, reference, *said)


def mundlak(design: Design) -> Check:
    """Robust form of Hausman's test: the entity means have no slopes of their own, errors clustered as in the fit."""
    name, reference = "Mundlak (robust Hausman)", "Mundlak (1978), doi:10.2307/1913646"
    full = with_intercept(design)
    try:
        result = estimate(full, "mundlak", "hc0")
    except NotEstimableError as error:
        return not_applicable(name, error.remark, NULL, reference)
    k = len(full.names)
    if len(result.params) == k:
        return not_applicable(name, remark("means_vary_nowhere"), NULL, reference)
    statistic = quadratic(result.params[k:], result.cov[k:, k:])
    if statistic is None or min(result.n_clusters) <= len(result.params) - k:
        return not_applicable(name, remark("few_clusters_means"), NULL, reference)
    return chi2_check(name, statistic, len(result.params) - k, NULL, reference, remark("robust_factor_one"))


def with_intercept(design: Design) -> Design:
    """Return the design with a column of ones in front, if it has none."""
    if design.intercept:
        return design
    x = np.column_stack([np.ones(design.nobs), design.x])
    return replace(design, x=x, names=("Intercept", *design.names), intercept=True)


def columns(design: Design, names: list[str]) -> Design:
    """Return the design with some of its regressors."""
    place = [design.names.index(n) for n in names]
    return replace(design, x=design.x[:, place], names=tuple(names), intercept="Intercept" in names)
