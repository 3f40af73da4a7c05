"""Blocks of consecutive rows whose items do not hang together within scales: a scan for invented respondents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.measurement.answers.honest_sheets import HonestSheets

# Levels of a scale at which honest people's variation is averaged.
BINS = 40

Places = Sequence[Sequence[int]]


@dataclass(frozen=True)
class NoiseBlock:
    """Consecutive rows whose items are as far apart within a scale as items that have nothing to do with each other.

    Attributes
    ----------
    rows : tuple of int
        Positions of the rows, ascending.
    score : float
        Standardised excess of the block in disagreement, in standard errors.
    pvalue : float
        Share of random row orders whose worst block is at least as bad.
    mean_r, mean_r_rest : float
        Correlation of items within scales in the block, and among all other rows.
    """

    rows: tuple[int, ...]
    score: float
    pvalue: float
    mean_r: float
    mean_r_rest: float

    def describe(self) -> str:
        """Say what is odd about the block, in words; rows counted from 1."""
        return (
            f"items of a scale correlate by {self.mean_r:.2f} in rows {self.rows[0] + 1}–{self.rows[-1] + 1}, "
            f"by {self.mean_r_rest:.2f} elsewhere"
        )


def disagreement(
    x: np.ndarray, scales: Places, basis: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    r"""Variance of each respondent's standardised answers within scales, and what honest people's would be.

    Parameters
    ----------
    x : array (n, p)
        Answers, NaN where missing.
    scales : sequence of sequence of int
        Columns of each scale. Scales of fewer than two columns say nothing.
    basis : array of int
        Rows by which answers are standardised and honest answers simulated.

    Returns
    -------
    observed, expected : array (n,)
        Mean over the scales, weighted by their degrees of freedom; NaN for who answered no two items of a scale.
        Expected is the mean of simulated honest people with the same mean of the scale: near the end of an answer
        format honest people vary less.
    """
    honest = HonestSheets(x[basis]).draw(choices.flag_honest_sheets, rng)
    observed, expected, df = np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x))
    for columns in scales:
        z, simulated = _standardised(x[basis], x, honest, columns=list(columns))
        mean, squares, free = _within(z)
        at, theirs, _ = _within(simulated)
        order = np.array_split(np.argsort(at, kind="stable"), BINS)
        levels = [at[rows].mean() for rows in order]
        per_df = [theirs[rows].mean() / max(simulated.shape[1] - 1, 1) for rows in order]
        observed += squares
        expected += free * np.interp(mean, levels, per_df)
        df += free
    with np.errstate(invalid="ignore", divide="ignore"):
        return observed / df, expected / df


def noise_blocks(
    x: np.ndarray,
    scales: Places,
    min_rows: int = choices.flag_block_rows,
    max_share: float = choices.flag_block_share,
    level: float = choices.flag_block_p,
    n_permutations: int = choices.flag_block_permutations,
    max_blocks: int = choices.flag_blocks,
    max_ratio: float = choices.flag_block_ratio,
    seed: int | np.random.Generator | None = None,
) -> list[NoiseBlock]:
    r"""Scan the rows, in their order, for blocks of noise.

    Parameters
    ----------
    x : array (n, p)
        Answers in the order in which they were recorded, NaN where missing.
    scales : sequence of sequence of int
        Columns of each scale.
    min_rows : int
        Shortest block looked for.
    max_share : float
        Longest block as a share of all rows.
    level : float
        A block is reported when its permutation p-value is at most this.
    n_permutations : int
        Random row orders; the smallest p-value is 1 / (n_permutations + 1).
    max_blocks : int
        After a block is found, the remaining rows are scanned again, up to so many times.
    max_ratio : float
        A block is noise when its agreement within scales is below this share of that of the other rows.
    seed : int, optional
        Of the row orders.

    Notes
    -----
    The statistic is the largest :math:`\sum_{i\in B}(d_i-\bar d)/\sqrt{|B|}/s_d` over windows :math:`B` on a grid of
    lengths, where :math:`d` is the disagreement less what is expected of honest people. Its reference distribution is
    that of the same maximum when rows are in random order, so that looking everywhere is paid for (Kulldorff 1997,
    doi:10.1080/03610929708831995). It is bounded above at its 99 % quantile: no single row makes a block. People of one
    opinion, or a file in the order of opinions, disagree no more within scales than others of their level do; people
    of a wider range of answers disagree more, but their items still correlate.
    """
    rng = np.random.default_rng(seed)
    rows = np.arange(len(x))
    found: list[NoiseBlock] = []
    for _ in range(max_blocks):
        if len(rows) < 3 * min_rows:
            break
        observed, expected = disagreement(x[rows], scales, np.arange(len(rows)), rng)
        d = observed - expected
        known = np.isfinite(d)
        if not known.any() or d[known].std() < 1e-12:
            break
        d = np.minimum(np.where(known, d, d[known].mean()), np.quantile(d[known], 0.99))
        excess = (d - d.mean()) / d.std()
        lengths = _lengths(len(rows), min_rows, max_share)
        score, start, stop = _worst(excess, lengths)
        exceed = sum(_worst(rng.permutation(excess), lengths)[0] >= score for _ in range(n_permutations))
        pvalue = (1 + exceed) / (1 + n_permutations)
        if pvalue > level:
            break
        start, stop, score = _refine(excess, start, stop, min_rows)
        inside = rows[start:stop]
        mean_r, mean_r_rest = _agreement(x, scales, inside, np.setdiff1d(rows, inside), rng)
        if mean_r_rest > choices.flag_block_correlation and mean_r < max_ratio * mean_r_rest:
            found.append(NoiseBlock(tuple(inside.tolist()), score, pvalue, mean_r, mean_r_rest))
        rows = np.setdiff1d(rows, inside)
    return found


def _lengths(n: int, min_rows: int, max_share: float) -> np.ndarray:
    longest = max(min_rows, int(n * max_share))
    return np.unique(np.geomspace(min_rows, longest, 16).astype(int))


def _worst(excess: np.ndarray, lengths: np.ndarray) -> tuple[float, int, int]:
    cumulative = np.r_[0.0, excess.cumsum()]
    best = (-np.inf, 0, 0)
    for length in lengths:
        sums = (cumulative[length:] - cumulative[:-length]) / np.sqrt(length)
        start = int(sums.argmax())
        best = max(best, (float(sums[start]), start, start + int(length)))
    return best


def _refine(excess: np.ndarray, start: int, stop: int, min_rows: int) -> tuple[int, int, float]:
    """Move both ends to where the excess is largest, within half a block length."""
    cumulative = np.r_[0.0, excess.cumsum()]
    reach = (stop - start) // 2
    starts = np.arange(max(0, start - reach), start + reach + 1)
    stops = np.arange(stop - reach, min(len(excess), stop + reach) + 1)
    length = stops[None, :] - starts[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        score = (cumulative[stops][None, :] - cumulative[starts][:, None]) / np.sqrt(np.maximum(length, 1))
    score[length < min_rows] = -np.inf
    i, j = np.unravel_index(score.argmax(), score.shape)
    return int(starts[i]), int(stops[j]), float(score[i, j])


def _agreement(
    x: np.ndarray, scales: Places, inside: np.ndarray, outside: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """Correlation of items within scales inside and outside.

    Inside it is the larger of two: by the block's own variances, which people of a wide range of answers have, and by
    what honest people of the rest vary within scales, which people of one opinion have.
    """
    observed, expected = disagreement(x, scales, outside, rng)
    own, _ = disagreement(x, scales, inside, rng)
    rest = 1 - np.nanmean(observed[outside])
    by_rest = 1 - (1 - rest) * np.nanmean(observed[inside]) / np.nanmean(expected[inside])
    return float(max(by_rest, 1 - np.nanmean(own[inside]))), float(rest)


def _within(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, squared deviations and their degrees of freedom of each row of one scale."""
    answered = np.isfinite(z)
    k = answered.sum(axis=1)
    mean = np.where(answered, z, 0.0).sum(axis=1) / np.maximum(k, 1)
    return mean, np.where(answered, (z - mean[:, None]) ** 2, 0.0).sum(axis=1), np.maximum(k - 1, 0)


def _standardised(basis: np.ndarray, *tables: np.ndarray, columns: list[int]) -> list[np.ndarray]:
    """Items of one scale as deviations, turned the way of the scale; those that do not vary are left out."""
    moments = pd.DataFrame(basis[:, columns])
    sd = moments.std(ddof=0).to_numpy()
    varies = sd > 0
    mean, sd = moments.mean().to_numpy()[varies], sd[varies]
    together = np.nan_to_num(moments.corr(min_periods=3).to_numpy()[np.ix_(varies, varies)])
    if len(together):
        sd = sd * np.where(np.linalg.eigh(together)[1][:, -1] < 0, -1.0, 1.0)
    return [(table[:, np.array(columns)[varies]] - mean) / sd for table in tables]
