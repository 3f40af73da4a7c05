"""Indices of careless responding: one number a respondent, from the answers alone."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd

from models.measurement.scales.scales import Scales


def longest_string(x: np.ndarray) -> np.ndarray:
    """Length of the longest run of one and the same answer, items in the order in which they were asked.

    A missing answer neither continues nor breaks a run.

    References
    ----------
    Johnson (2005), doi:10.1016/j.jrp.2004.09.009; Curran (2016), doi:10.1016/j.jesp.2015.07.006.
    """
    longest = np.zeros(len(x), dtype=int)
    run = np.zeros(len(x), dtype=int)
    last = np.full(len(x), np.nan)
    for column in x.T:
        answered = np.isfinite(column)
        run = np.where(answered, np.where(column == last, run + 1, 1), run)
        last = np.where(answered, column, last)
        longest = np.maximum(longest, run)
    return longest


def longest_block(columns: Sequence[str], scales: Scales) -> int:
    """Most items of one scale that stand in a row, items in the order in which they were asked."""
    scale_of = {item: scale for scale, items in scales.items() for item in items}
    return max(len(list(block)) for _, block in groupby(scale_of[column] for column in columns))


def intra_individual_variability(x: np.ndarray) -> np.ndarray:
    """Compute the standard deviation of a respondent's answers; NaN with fewer than two.

    References
    ----------
    Dunn, Heggestad, Shanock & Theilgard (2018), doi:10.1007/s10869-016-9479-0.
    """
    answered = np.isfinite(x)
    n = answered.sum(axis=1)
    total = np.where(answered, x, 0.0).sum(axis=1)
    centred = np.where(answered, x - (total / np.maximum(n, 1))[:, None], 0.0)
    return np.where(n > 1, np.sqrt((centred**2).sum(axis=1) / np.maximum(n - 1, 1)), np.nan)


def even_odd_consistency(answers: pd.DataFrame, scales: Scales) -> tuple[np.ndarray, np.ndarray]:
    """Agreement of even and odd halves of the scales within each person.

    Each scale with at least two items gives one pair (mean of its odd items, mean of its even items).

    Returns
    -------
    consistency : array (n,)
        Correlation of the pairs, stepped up by Spearman–Brown, bounded at -1; NaN when fewer than three pairs were
        answered or all means of a half are the same.
    difference : array (n,)
        Root mean square difference of the halves. A person to whom all scales are alike has low consistency with small
        differences; a careless one has low consistency with large ones.

    References
    ----------
    Johnson (2005), doi:10.1016/j.jrp.2004.09.009; Meade & Craig (2012), doi:10.1037/a0028085.
    """
    usable = [list(items) for items in scales.values() if len(items) > 1]
    if len(usable) < 3:
        return np.full(len(answers), np.nan), np.full(len(answers), np.nan)
    odd = np.column_stack([answers[items[0::2]].mean(axis=1) for items in usable])
    even = np.column_stack([answers[items[1::2]].mean(axis=1) for items in usable])
    both = np.isfinite(odd) & np.isfinite(even)
    n = both.sum(axis=1)

    def centre(half: np.ndarray) -> np.ndarray:
        mean = np.where(both, half, 0.0).sum(axis=1) / np.maximum(n, 1)
        return np.where(both, half - mean[:, None], 0.0)

    a, b = centre(odd), centre(even)
    spread = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where((n >= 3) & (spread > 1e-12), (a * b).sum(axis=1) / spread, np.nan)
        consistency = np.maximum(2 * r / (1 + r), -1.0)
    squares = np.where(both, (odd - even) ** 2, 0.0).sum(axis=1)
    return consistency, np.where(n >= 3, np.sqrt(squares / np.maximum(n, 1)), np.nan)


def nearest_match(x: np.ndarray, block: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """Largest share of identical answers with an earlier respondent; the first of several is the original.

    Parameters
    ----------
    x : array (n, p)
        Answers, NaN where missing; pairs with fewer than half of the items answered by both are not compared.
    block : int
        Rows compared at a time, which bounds the memory.

    Returns
    -------
    share : array (n,)
        NaN when no pair could be compared.
    partner : array (n,)
        Position of the nearest earlier respondent, the first of equals; -1 when there is none.

    References
    ----------
    Kuriakose & Robbins (2016), doi:10.3233/SJI-160978.
    """
    n, p = x.shape
    answered = np.isfinite(x).astype(np.float32)
    share, partner = np.full(n, np.nan), np.full(n, -1)
    for start in range(0, n, block):
        rows = slice(start, min(start + block, n))
        same = np.zeros((rows.stop - start, rows.stop), dtype=np.int16)
        for column in x[: rows.stop].T:
            same += column[rows, None] == column[None, :]
        compared = answered[rows] @ answered[: rows.stop].T
        ratio = np.where(2 * compared >= p, same / np.maximum(compared, 1), -1.0)
        ratio[np.arange(rows.stop)[None, :] >= np.arange(rows.start, rows.stop)[:, None]] = -1.0
        best = ratio.argmax(axis=1)
        value = ratio[np.arange(len(ratio)), best]
        share[rows] = np.where(value >= 0, value, np.nan)
        partner[rows] = np.where(value >= 0, best, -1)
    return share, partner
