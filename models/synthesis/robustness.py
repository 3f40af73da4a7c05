"""What the mean rests on: each data set left out in turn, and whether small studies show larger effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from models.choices import choices
from models.messages.summary import Summarised
from models.synthesis import heterogeneity
from models.synthesis.pooling import random_effects


@dataclass(frozen=True, repr=False)
class SmallStudies(Summarised):
    """Egger's regression of effects on their standard errors.

    Attributes
    ----------
    statistic, pvalue : float
        z test of the slope.
    limit : float
        The effect at a standard error of zero.
    """

    statistic: float
    pvalue: float
    limit: float


def leave_one_out(
    estimates: np.ndarray,
    variances: np.ndarray,
    names: list[str],
    *,
    level: float = choices.confidence,
    conservative: bool = choices.synthesis_errors == "conservative",
) -> pd.DataFrame:
    """Pool without each data set in turn.

    Parameters
    ----------
    estimates, variances : ndarray (k,)
        Effects and their squared standard errors.
    names : list of str
        The data sets.
    level : float
        Coverage of the intervals.
    conservative : bool
        As in `random_effects`.

    Returns
    -------
    DataFrame
        ``left_out``, then the columns of `RandomEffects.tidy` and of its `glance`, one row a data set.

    Raises
    ------
    SynthesisError
        For fewer than three effects, variances that are not positive, or another number of names than of effects.

    Examples
    --------
    >>> from models import synthesis
    >>> means = synthesis.leave_one_out([0.21, 0.35, 0.12, 0.44], [0.010, 0.008, 0.012, 0.020], ["a", "b", "c", "d"])
    >>> means[["left_out", "est", "ci_lower", "ci_upper"]].round(3)
      left_out    est  ci_lower  ci_upper
    0        a  0.295    -0.101     0.691
    1        b  0.235    -0.142     0.613
    2        c  0.315     0.054     0.577
    3        d  0.238    -0.056     0.531
    """
    y, v = heterogeneity.checked(estimates, variances, least=3)
    heterogeneity.check_of_each("names", len(names), len(y))
    parts = []
    for at, name in enumerate(names):
        kept = np.arange(len(y)) != at
        pooled = random_effects(y[kept], v[kept], level=level, conservative=conservative)
        parts.append(pd.concat([pd.DataFrame({"left_out": [name]}), pooled.tidy(), pooled.glance()], axis=1))
    return pd.concat(parts, ignore_index=True)


def small_studies(estimates: np.ndarray, variances: np.ndarray) -> SmallStudies:
    """Test for small-study effects: a mixed-effects meta-regression on the standard error.

    Parameters
    ----------
    estimates, variances : ndarray (k,)
        Effects and their squared standard errors.

    Returns
    -------
    SmallStudies
        The test of the slope, and the effect at a standard error of zero.

    Raises
    ------
    SynthesisError
        For fewer than three effects, or variances that are not positive.

    Notes
    -----
    Sterne & Egger (2005), https://doi.org/10.1002/0470870168.ch6; with fewer than ten effects its power is low.

    Examples
    --------
    >>> from models import synthesis
    >>> found = synthesis.small_studies([0.21, 0.35, 0.12, 0.44], [0.010, 0.008, 0.012, 0.020])
    >>> round(found.statistic, 2), round(found.pvalue, 2)
    (0.49, 0.62)
    """
    y, v = heterogeneity.checked(estimates, variances, least=3)
    X = np.column_stack([np.ones(len(y)), np.sqrt(v)])
    at = heterogeneity.weighted(y, v, X, heterogeneity.restricted_likelihood(y, v, X))
    z = float(at.coefficients[1] / np.sqrt(at.covariance[1, 1]))
    return SmallStudies(z, float(2 * ndtr(-abs(z))), float(at.coefficients[0]))
