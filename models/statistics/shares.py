"""How far a share that was counted in few trials may be from the true one."""

from __future__ import annotations

from scipy.special import betaincinv

from models.choices import choices


def exact_interval(count: int, trials: int, level: float = choices.confidence) -> tuple[float, float]:
    """Interval of a share that covers it at least as often as it says (Clopper & Pearson 1934).

    Parameters
    ----------
    count : int
        How often it happened.
    trials : int
        Of how many.
    level : float
        Confidence.

    Returns
    -------
    tuple of float
        Lower and upper end.

    References
    ----------
    Clopper & Pearson (1934), https://doi.org/10.2307/2331986

    Examples
    --------
    >>> low, high = exact_interval(0, 100)
    >>> low, round(high, 3)
    (0.0, 0.036)
    """
    tail = (1 - level) / 2
    low = float(betaincinv(count, trials - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, trials - count, 1 - tail)) if count < trials else 1.0
    return low, high
