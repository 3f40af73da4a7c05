"""The table of parameters: estimates with errors, tests and intervals, raw or standardised."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from models.sem.arguments import choice
from models.sem.inference.estimated import Estimated
from models.sem.options import Standardisation
from models.statistics.distributions import normal_quantile, two_sided


def parameters(
    fit: Estimated, se: np.ndarray | None = None, limits: tuple[np.ndarray, np.ndarray] | None = None
) -> pd.DataFrame:
    """Return one row a parameter, defined ones last.

    Parameters
    ----------
    se, limits
        Errors and ends of intervals of all rows (rows,) where a bootstrap gave them.
    """
    est, J = fit.slopes()
    frame = _with_tests(fit, fit.names(), est, _variances(fit, J) if se is None else se**2)
    if limits is not None:
        frame["ci_lower"], frame["ci_upper"] = limits
    shown: tuple[Standardisation, ...] = ("std_lv", "std_all")
    for kind in shown:
        frame[kind] = np.concatenate([fit.standardised(kind), fit.defined_standardised(fit.theta, kind)])
    return frame


def _variances(fit: Estimated, J: np.ndarray) -> np.ndarray:
    """Return the variances of free rows and definitions; none of rows that follow from others, as in lavaan."""
    V, k = fit.vcov(), len(fit.table.rows)
    result = np.zeros(len(J))
    result[list(fit.table.free)] = np.diag(V)
    result[k:] = np.einsum("ij,jk,ik->i", J[k:], V, J[k:])
    return result


def standardised_parameters(fit: Estimated, kind: Standardisation) -> pd.DataFrame:
    """Return standardised values of a kind with delta-method errors and tests."""
    choice("kind", kind, get_args(Standardisation))
    est, J = fit.slopes(kind)
    return _with_tests(fit, fit.names(), est, np.einsum("ij,jk,ik->i", J, fit.vcov(), J))


def _with_tests(fit: Estimated, frame: pd.DataFrame, est: np.ndarray, variance: np.ndarray) -> pd.DataFrame:
    se = np.sqrt(np.where(variance <= 1e-14 * est**2, 0.0, variance))
    frame["est"], frame["se"] = est, se
    with np.errstate(divide="ignore", invalid="ignore"):
        frame["statistic"] = np.where(se > 0, est / se, np.nan)
    frame["z"] = frame["statistic"]
    frame["pvalue"] = two_sided(frame["z"].to_numpy())
    width = normal_quantile((1 + fit.settings.level) / 2) * se
    frame["ci_lower"], frame["ci_upper"] = est - width, est + width
    return frame
