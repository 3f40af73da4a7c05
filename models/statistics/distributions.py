"""Tail probabilities from `scipy.special`, whose import takes a fraction of that of `scipy.stats`."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtr, chdtrc, chndtr, ndtr, ndtri


def chi2_sf(x: float | np.ndarray, df: float) -> float:
    """Return P(χ² > x); NaN with no degree of freedom."""
    return chdtrc(df, np.maximum(x, 0.0)) if df > 0 else np.nan


def chi2_cdf(x: float | np.ndarray, df: float) -> float:
    """Return P(χ² ≤ x)."""
    return chdtr(df, np.maximum(x, 0.0))


def noncentral_cdf(x: float, df: float, noncentrality: float) -> float:
    """Return P(χ²(noncentrality) ≤ x)."""
    return chndtr(x, df, noncentrality)


def noncentrality(x: float, df: float, probability: float) -> float:
    """Return the noncentrality at which P(χ² ≤ x) is `probability`, zero if it is smaller already without any."""
    if chi2_cdf(x, df) < probability:
        return 0.0
    low, high = 0.0, max(x, 1.0) * 4 + 50
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if chndtr(x, df, middle) > probability else (low, middle)
    return (low + high) / 2


def two_sided(z: np.ndarray) -> np.ndarray:
    """Return P(|Z| > |z|) of a standard normal variable."""
    return 2 * ndtr(-np.abs(z))


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution."""
    return float(ndtri(probability))
