"""What the mean rests on: each data set left out in turn, and whether small studies show larger effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from models.synthesis import heterogeneity
from models.synthesis.pooling import random_effects


@dataclass(frozen=True)
class SmallStudies:
    """Egger's regression of effects on their standard errors: `statistic` (z) and `pvalue` of the slope; `limit` is the
    effect at a standard error of zero.
    """

    statistic: float
    pvalue: float
    limit: float


def leave_one_out(
    estimates: np.ndarray, variances: np.ndarray, names: list[str], *, level: float = 0.95, conservative: bool = True
) -> pd.DataFrame:
    """The random-effects mean without each data set.

    Parameters
    ----------
    estimates, variances : ndarray (k,)
    names : list of str
        The data sets.
    level, conservative
        As in `random_effects`.

    Returns
    -------
    DataFrame
        `left_out` and the columns of `RandomEffects.tidy`.
    """
    y, v = heterogeneity.checked(estimates, variances, least=3)
    parts = []
    for at, name in enumerate(names):
        kept = np.arange(len(y)) != at
        row = random_effects(y[kept], v[kept], level=level, conservative=conservative).tidy()
        parts.append(row.assign(left_out=name))
    return pd.concat(parts, ignore_index=True)


def small_studies(estimates: np.ndarray, variances: np.ndarray) -> SmallStudies:
    """Test for small-study effects: a mixed-effects meta-regression on the standard error.

    Sterne & Egger (2005), https://doi.org/10.1002/0470870168.ch6; with fewer than ten effects its power is low.
    """
    y, v = heterogeneity.checked(estimates, variances, least=3)
    X = np.column_stack([np.ones(len(y)), np.sqrt(v)])
    at = heterogeneity.weighted(y, v, X, heterogeneity.restricted_likelihood(y, v, X))
    z = float(at.coefficients[1] / np.sqrt(at.covariance[1, 1]))
    return SmallStudies(z, float(2 * ndtr(-abs(z))), float(at.coefficients[0]))
