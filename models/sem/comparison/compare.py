"""Tests of nested models: whether the more restricted one is worse than sampling error explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from models.messages.summary import Summarised
from models.remarks import remark
from models.sem.arguments import choice
from models.sem.comparison.difference import difference, reproduction
from models.sem.errors import DifferentDataError, NotNestedError
from models.sem.options import DifferenceTest
from models.sem.result import Fit
from models.statistics.distributions import chi2_sf

_SAME = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Summarised):
    """Two nested models compared.

    Attributes
    ----------
    method
        ``"standard"`` (Steiger, Shapiro & Browne 1985), or how the difference was scaled.
    statistic, df, pvalue
        The test of the restrictions.
    scaling
        What the difference of the uncorrected statistics was divided by.
    models
        One row a model, the freer one first: df, information criteria, χ², indices and their changes.
    """

    method: str
    statistic: float
    df: int
    pvalue: float
    scaling: float
    models: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Tabulate the two models with the test of their difference.

        Returns
        -------
        DataFrame
            One row a model, the freer one first; `chisq_diff`, `df_diff` and `pvalue_diff` stand with the restricted
            one.
        """
        frame = self.models.copy()
        for name, value in (("chisq_diff", self.statistic), ("df_diff", self.df), ("pvalue_diff", self.pvalue)):
            frame[name] = [np.nan, value]
        return frame


def compare(fit_a: Fit, fit_b: Fit, method: DifferenceTest = "default", check_nested: bool = True) -> Comparison:
    """Test the more restricted of two models against the freer one.

    Parameters
    ----------
    fit_a, fit_b : Fit
        Two fits to the same answers, in either order.
    method : {"default", "standard", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"}
        ``"default"`` takes the test that the estimator calls for: ``"standard"`` for normal theory,
        ``"satorra_bentler_2001"`` for mean-scaled tests (MLM, MLR), ``"satorra_2000"`` where the variance is
        corrected as well (MLMV). ``"satorra_bentler_2010"`` is
        meant to be positive where that of 2001 is not; in small samples it may not be either.
    check_nested : bool
        Whether to verify that the restricted model's implied moments can be reproduced by the freer one (Bentler &
        Satorra 2010, https://doi.org/10.1037/a0019625).

    Returns
    -------
    Comparison
        The test of the restrictions, and both models side by side.

    Raises
    ------
    DifferentDataError
        If the models were not fitted to the same answers by the same estimator.
    NotNestedError
        If neither model is a restriction of the other.
    ArgumentError
        If the method is unknown.

    Examples
    --------
    >>> from models import sem
    >>> cov = [[1, 0.5, 0.5, 0.5], [0.5, 1, 0.6, 0.4], [0.5, 0.6, 1, 0.5], [0.5, 0.4, 0.5, 1]]
    >>> answers = sem.Moments(cov, 200, names=["a", "b", "c", "d"])
    >>> free, equal = (sem.fit(text, answers) for text in ("F =~ a + b + c + d", "F =~ a + l*b + l*c + d"))
    >>> found = sem.compare(free, equal)
    >>> round(found.statistic, 2), found.df, round(found.pvalue, 3)
    (0.53, 1, 0.468)
    """
    require_same_data(fit_a, fit_b)
    free, restricted = (fit_a, fit_b) if fit_a.df <= fit_b.df else (fit_b, fit_a)
    df = restricted.df - free.df
    if df == 0:
        raise NotNestedError(
            remark("same_freedom", df=free.df),
            "Compare their AIC or BIC (sem.information_criteria), or free or fix parameters in one of them.",
        )
    if check_nested and not nested(restricted, free):
        raise NotNestedError(
            remark("not_nested"),
            "Compare their AIC or BIC (sem.information_criteria), or build one from the other by fixing or equating "
            "parameters.",
        )
    choice("method", method, get_args(DifferenceTest))
    called_for = {"standard": "standard", "scaled.shifted": "satorra_2000"}
    chosen = method if method != "default" else called_for.get(free.settings.test, "satorra_bentler_2001")
    result = difference(restricted, free, chosen)
    pvalue = float(chi2_sf(result.statistic, df))
    return Comparison(chosen, result.statistic, df, pvalue, result.scaling, information_criteria(free, restricted))


def information_criteria(*fits: Fit) -> pd.DataFrame:
    """Return what models of the same answers are compared by, one row a model.

    Parameters
    ----------
    *fits : Fit
        Fits to the same answers; the models need not be nested.

    Returns
    -------
    DataFrame
        One row a model: tests, log-likelihood, AIC, BIC, indices, and the changes of CFI and RMSEA row by row.

    Raises
    ------
    DifferentDataError
        If the models were not fitted to the same answers by the same estimator.

    Examples
    --------
    >>> from models import sem
    >>> cov = [[1, 0.5, 0.5, 0.5], [0.5, 1, 0.6, 0.4], [0.5, 0.6, 1, 0.5], [0.5, 0.4, 0.5, 1]]
    >>> answers = sem.Moments(cov, 200, names=["a", "b", "c", "d"])
    >>> fits = [sem.fit(text, answers) for text in ("F =~ a + b + c + d", "F =~ a + l*b + l*c + d")]
    >>> sem.information_criteria(*fits)[["npar", "df", "aic", "bic"]].round(1)
       npar  df     aic     bic
    0     8   2  2044.4  2070.7
    1     7   3  2042.9  2066.0
    """
    for fit in fits[1:]:
        require_same_data(fits[0], fit)
    names = ("npar", "df", "chisq", "chisq_scaled", "pvalue", "logl", "aic", "bic", "bic2", "cfi", "rmsea", "srmr")
    rows = []
    for fit in fits:
        indices = fit.fit_indices()
        rows.append({name: indices[name] for name in names if name in indices})
    frame = pd.DataFrame(rows)
    frame["cfi_diff"], frame["rmsea_diff"] = frame["cfi"].diff(), frame["rmsea"].diff()
    return frame


def require_same_data(fit_a: Fit, fit_b: Fit) -> None:
    """Raise unless two fits explain the same moments of the same respondents by the same estimator."""
    a, b = fit_a.task.sample, fit_b.task.sample
    for what in ("estimator", "missing", "test"):
        first, second = getattr(fit_a.settings, what), getattr(fit_b.settings, what)
        if first != second:
            raise DifferentDataError(f"The models differ in {what}: '{first}' and '{second}'. Fit both the same way.")
    only = set(a.names) ^ set(b.names)
    if only:
        raise DifferentDataError(
            f"The models explain different variables: {', '.join(sorted(only))} is in one model only. Let both models "
            f"contain the same variables; fix its paths to zero where it should not matter."
        )
    if [group.label for group in a.groups] != [group.label for group in b.groups]:
        raise DifferentDataError("The models were fitted to different groups.")
    if {a.names[i] for i in fit_a.task.fixed_covariates} != {b.names[i] for i in fit_b.task.fixed_covariates}:
        raise DifferentDataError(
            "The models treat different variables as fixed covariates; use fixed_x=False for both."
        )
    if fit_a.table.options.meanstructure != fit_b.table.options.meanstructure:
        raise DifferentDataError("Only one of the models has a mean structure; set meanstructure=True for both.")
    order = [b.names.index(name) for name in a.names]
    for one, other in zip(a.groups, b.groups, strict=True):
        if one.n != other.n:
            raise DifferentDataError(
                f"The models were fitted to {one.n} and {other.n} respondents. Drop the incomplete before fitting both."
            )
        scale = np.sqrt(np.diag(one.cov))
        gap = np.abs(one.cov - other.cov[np.ix_(order, order)]) / np.outer(scale, scale)
        if gap.max() > _SAME or (np.abs(one.mean - other.mean[order]) / scale).max() > _SAME:
            raise DifferentDataError("The models were fitted to different answers of the same variables.")


def nested(restricted: Fit, free: Fit) -> bool:
    """Return whether the freer model reproduces the moments that the restricted one implies."""
    return bool(reproduction(restricted, free).value < _SAME)
