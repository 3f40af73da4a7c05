"""Counts that follow one another: a small difference between two of them is a small count too."""

from __future__ import annotations

from collections.abc import Sequence


def apart(counts: Sequence[float], least: int) -> list[float | None]:
    """Hide the counts whose difference from a later one that is shown is of fewer than `least`.

    The last count stays, since it is the size of what is analysed.

    Parameters
    ----------
    counts : sequence of float, shape (n_steps,)
        How many there are before the first step and after each, in their order.
    least : int
        Smallest difference that may be shown.

    Returns
    -------
    list of float or None, shape (n_steps,)
        The counts, None where one is hidden.

    Examples
    --------
    >>> from models.disclosure import apart
    >>> apart([310, 303, 303, 300], least=5)
    [310, None, None, 300]
    """
    shown: list[float | None] = []
    last = counts[-1] if len(counts) else 0
    for count in reversed(counts):
        told = not 0 < abs(count - last) < least
        shown.append(count if told else None)
        last = count if told else last
    return shown[::-1]
