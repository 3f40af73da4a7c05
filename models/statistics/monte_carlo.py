"""How far a number that rests on random draws would move with other draws: its Monte-Carlo standard error."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from models.choices import choices

_NORMAL = NormalDist()


def of_share(share: float, draws: int) -> float:
    """Monte-Carlo error of a share of draws, such as the p-value of a permutation test.

    Parameters
    ----------
    share : float
        Between 0 and 1.
    draws : int
        How many.

    Returns
    -------
    float
        √(p (1 − p) / B), and at least 1 / B: a share moves in steps of one draw.

    Examples
    --------
    >>> of_share(0.5, 100)
    0.05
    """
    return max(sqrt(max(share * (1.0 - share), 0.0) / draws), 1.0 / draws)


def of_deviation(deviation: float, draws: int) -> float:
    """Monte-Carlo error of a standard error that is the standard deviation of normal draws.

    Parameters
    ----------
    deviation : float
        The standard deviation σ.
    draws : int
        How many.

    Returns
    -------
    float
        σ / √(2B).

    Examples
    --------
    >>> of_deviation(2.0, 200)
    0.1
    """
    return deviation / sqrt(2.0 * draws)


def of_interval_end(width: float, draws: int, level: float = choices.confidence) -> float:
    """Monte-Carlo error of an end of an interval between two quantiles of draws.

    Parameters
    ----------
    width : float
        Width of the interval.
    draws : int
        How many.
    level : float
        Coverage of the interval.

    Returns
    -------
    float
        √(p (1 − p) / B) / f(z), with p the tail, f the density of a normal distribution of this width.

    References
    ----------
    .. [1] Stuart, A., & Ord, J. K. (1994). Kendall's Advanced Theory of Statistics (6th ed., Vol. 1, §10.10). Arnold.

    Examples
    --------
    >>> round(of_interval_end(1.0, 5000), 4)
    0.0096
    """
    tail = (1.0 - level) / 2.0
    z = _NORMAL.inv_cdf(1.0 - tail)
    deviation = width / (2.0 * z)
    return sqrt(tail * (1.0 - tail) / draws) / _NORMAL.pdf(z) * deviation
