"""Tail probabilities from `scipy.special`, whose import takes a fraction of that of `scipy.stats`."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtr, chdtrc, chndtr, chndtrix, fdtrc, ndtr, ndtri, stdtr, stdtrit


def chi2_sf(x: float | np.ndarray, df: float) -> float:
    """Return P(χ² > x); NaN with no degree of freedom.

    Parameters
    ----------
    x : float or ndarray
        Value of χ².
    df : float
        Degrees of freedom.

    Returns
    -------
    float or ndarray
        The probability.

    Examples
    --------
    >>> from models.statistics.distributions import chi2_sf
    >>> round(float(chi2_sf(3.84, 1)), 3)
    0.05
    """
    return chdtrc(df, np.maximum(x, 0.0)) if df > 0 else np.nan


def chi2_cdf(x: float | np.ndarray, df: float) -> float:
    """Return P(χ² ≤ x).

    Parameters
    ----------
    x : float or ndarray
        Value of χ².
    df : float
        Degrees of freedom.

    Returns
    -------
    float or ndarray
        The probability.

    Examples
    --------
    >>> from models.statistics.distributions import chi2_cdf
    >>> round(float(chi2_cdf(3.84, 1)), 3)
    0.95
    """
    return chdtr(df, np.maximum(x, 0.0))


def noncentral_cdf(x: float, df: float, noncentrality: float) -> float:
    """Return P(χ²(noncentrality) ≤ x).

    Parameters
    ----------
    x : float
        Value of χ².
    df : float
        Degrees of freedom.
    noncentrality : float
        Of the distribution; zero for the central one.

    Returns
    -------
    float
        The probability.

    Examples
    --------
    >>> from models.statistics.distributions import noncentral_cdf
    >>> round(float(noncentral_cdf(3.84, 1, 7.85)), 2)
    0.2
    """
    return chndtr(x, df, noncentrality)


def noncentral_quantile(probability: float, df: float, noncentrality: float) -> float:
    """Return the quantile of χ²(noncentrality).

    Parameters
    ----------
    probability : float
        Between 0 and 1.
    df : float
        Degrees of freedom.
    noncentrality : float
        Of the distribution; zero for the central one.

    Returns
    -------
    float
        The quantile.

    Examples
    --------
    >>> from models.statistics.distributions import noncentral_quantile
    >>> round(noncentral_quantile(0.95, 1, 0.0), 2)
    3.84
    """
    return float(chndtrix(probability, df, noncentrality))


def noncentrality(x: float, df: float, probability: float) -> float:
    """Return the noncentrality at which P(χ² ≤ x) is `probability`, zero if it is smaller already without any.

    Parameters
    ----------
    x : float
        Value of χ².
    df : float
        Degrees of freedom.
    probability : float
        Of a value up to `x`.

    Returns
    -------
    float
        The noncentrality.

    Examples
    --------
    >>> from models.statistics.distributions import noncentrality
    >>> round(noncentrality(3.84, 1, 0.2), 2)
    7.85
    """
    if chi2_cdf(x, df) < probability:
        return 0.0
    low, high = 0.0, max(x, 1.0) * 4 + 50
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if chndtr(x, df, middle) > probability else (low, middle)
    return (low + high) / 2


def f_sf(x: float, df: float, df2: float) -> float:
    """Return P(F > x).

    Parameters
    ----------
    x : float
        Value of F.
    df, df2 : float
        Degrees of freedom of numerator and denominator.

    Returns
    -------
    float
        The probability.

    Examples
    --------
    >>> from models.statistics.distributions import f_sf
    >>> round(f_sf(4.1, 2, 10), 2)
    0.05
    """
    return float(fdtrc(df, df2, np.maximum(x, 0.0)))


def t_two_sided(t: float | np.ndarray, df: float) -> float | np.ndarray:
    """Return P(|T| > |t|).

    Parameters
    ----------
    t : float or ndarray
        Values of the statistic.
    df : float
        Degrees of freedom; infinitely many give the standard normal distribution.

    Returns
    -------
    float or ndarray
        The probability.

    Examples
    --------
    >>> from models.statistics.distributions import t_two_sided
    >>> round(float(t_two_sided(2.23, 10)), 2)
    0.05
    """
    return two_sided(t) if np.isposinf(df) else 2 * stdtr(df, -np.abs(t))


def t_quantile(probability: float, df: float) -> float:
    """Return the quantile of t.

    Parameters
    ----------
    probability : float
        Between 0 and 1.
    df : float
        Degrees of freedom; infinitely many give the standard normal distribution.

    Returns
    -------
    float
        The quantile.

    Examples
    --------
    >>> from models.statistics.distributions import t_quantile
    >>> round(t_quantile(0.975, 10), 2)
    2.23
    """
    return normal_quantile(probability) if np.isposinf(df) else float(stdtrit(df, probability))


def two_sided(z: float | np.ndarray) -> float | np.ndarray:
    """Return P(|Z| > |z|) of a standard normal variable.

    Parameters
    ----------
    z : float or ndarray
        Values of the statistic.

    Returns
    -------
    float or ndarray
        The probability.

    Examples
    --------
    >>> from models.statistics.distributions import two_sided
    >>> round(float(two_sided(1.96)), 3)
    0.05
    """
    return 2 * ndtr(-np.abs(z))


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution.

    Parameters
    ----------
    probability : float
        Between 0 and 1.

    Returns
    -------
    float
        The quantile.

    Examples
    --------
    >>> from models.statistics.distributions import normal_quantile
    >>> round(normal_quantile(0.975), 2)
    1.96
    """
    return float(ndtri(probability))
