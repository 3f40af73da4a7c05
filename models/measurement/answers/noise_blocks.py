"""Blocks of consecutive rows whose answers do not hang together: a scan for invented respondents."""

from dataclasses import dataclass

import numpy as np

from models.choices import choices
from models.measurement.answers.moments import mahalanobis, normal_moments


@dataclass(frozen=True)
class NoiseBlock:
    """Consecutive rows whose inter-item correlations look like noise.

    Attributes
    ----------
    rows : tuple of int
        Positions of the rows, ascending.
    score : float
        Standardised deficit of the block in coherence, in standard errors.
    pvalue : float
        Share of random row orders whose worst block is at least as bad.
    mean_r, mean_r_rest : float
        Mean size of the correlation between items within the block, and among all other rows, over the pairs that
        correlate in the other rows beyond 0.2.
    """

    rows: tuple[int, ...]
    score: float
    pvalue: float
    mean_r: float
    mean_r_rest: float

    def describe(self) -> str:
        """What is odd about the block, in words; rows counted from 1."""
        return (
            f"items correlate by {self.mean_r:.2f} in rows {self.rows[0] + 1}–{self.rows[-1] + 1}, "
            f"by {self.mean_r_rest:.2f} elsewhere"
        )


def coherence(x: np.ndarray) -> np.ndarray:
    r"""Log likelihood ratio of each respondent's answers: correlated as in the sample, against independent items.

    Parameters
    ----------
    x : array (n, p)
        Answers, NaN where missing.

    Returns
    -------
    array (n,)
        :math:`\tfrac12\left(z'z - z'R^{-1}z - \log|R|\right)` over the answered items; 0 for an empty row. Honest
        answers score above zero on average, answers drawn item by item below.
    """
    moments = normal_moments(x)
    sd = np.sqrt(np.diag(moments.covariance))
    distance, _, log_det = mahalanobis(x, moments)
    answered = np.isfinite(x)
    z = np.where(answered, (x - moments.mean) / sd, 0.0)
    log_det = log_det - 2 * np.where(answered, np.log(sd), 0.0).sum(axis=1)
    return np.where(answered.any(axis=1), ((z**2).sum(axis=1) - distance - log_det) / 2, 0.0)


def noise_blocks(
    x: np.ndarray,
    min_rows: int = choices.flag_block_rows,
    max_share: float = choices.flag_block_share,
    level: float = choices.flag_block_p,
    n_permutations: int = choices.flag_block_permutations,
    max_blocks: int = choices.flag_blocks,
    max_ratio: float = choices.flag_block_ratio,
    seed: int | None = None,
) -> list[NoiseBlock]:
    r"""Scan the rows, in their order, for blocks that are incoherent.

    Parameters
    ----------
    x : array (n, p)
        Answers in the order in which they were recorded, NaN where missing.
    min_rows : int
        Shortest block looked for.
    max_share : float
        Longest block as a share of all rows.
    level : float
        A block is reported when its permutation p-value is at most this.
    n_permutations : int
        Random row orders; the smallest p-value is 1 / (n_permutations + 1).
    max_blocks : int
        After each block found its rows are set aside and the rest is scanned again; so many scans at most.
    max_ratio : float
        Correlations in the block, as a share of those in the rest, below which they count as noise.
    seed : int, optional

    Notes
    -----
    The statistic is the scan statistic of the per-row `coherence`: the largest
    :math:`(\bar c-\bar c_B)\sqrt{|B|}/s_c` over windows :math:`B` on a grid of lengths. Its reference distribution
    is that of the same maximum when rows are in random order, so that looking everywhere is paid for (Kulldorff 1997,
    doi:10.1080/03610929708831995). Coherence is bounded below at its 1 % quantile: no single row makes a block. A block
    that is less coherent than the rest but whose items still correlate is another population, not noise.
    """
    rng = np.random.default_rng(seed)
    rows = np.arange(len(x))
    found: list[NoiseBlock] = []
    for _ in range(max_blocks):
        if len(rows) < 3 * min_rows:
            break
        c = coherence(x[rows])
        c = np.maximum(c, np.quantile(c, 0.01))
        if c.std() < 1e-12:
            break
        deficit = (c.mean() - c) / c.std()
        lengths = _lengths(len(rows), min_rows, max_share)
        score, start, stop = _worst(deficit, lengths)
        exceed = sum(_worst(rng.permutation(deficit), lengths)[0] >= score for _ in range(n_permutations))
        pvalue = (1 + exceed) / (1 + n_permutations)
        if pvalue > level:
            break
        start, stop, score = _refine(deficit, start, stop, min_rows)
        inside = rows[start:stop]
        mean_r, mean_r_rest = _mean_correlations(x, inside, np.setdiff1d(rows, inside))
        if mean_r < max_ratio * mean_r_rest:
            found.append(NoiseBlock(tuple(inside.tolist()), score, pvalue, mean_r, mean_r_rest))
        rows = np.setdiff1d(rows, inside)
    return found


def _lengths(n: int, min_rows: int, max_share: float) -> np.ndarray:
    longest = max(min_rows, int(n * max_share))
    return np.unique(np.geomspace(min_rows, longest, 16).astype(int))


def _worst(deficit: np.ndarray, lengths: np.ndarray) -> tuple[float, int, int]:
    cumulative = np.r_[0.0, deficit.cumsum()]
    best = (-np.inf, 0, 0)
    for length in lengths:
        sums = (cumulative[length:] - cumulative[:-length]) / np.sqrt(length)
        start = int(sums.argmax())
        best = max(best, (float(sums[start]), start, start + int(length)))
    return best


def _refine(deficit: np.ndarray, start: int, stop: int, min_rows: int) -> tuple[int, int, float]:
    """Move both ends to where the deficit is largest, within half a block length."""
    cumulative = np.r_[0.0, deficit.cumsum()]
    reach = (stop - start) // 2
    starts = np.arange(max(0, start - reach), start + reach + 1)
    stops = np.arange(stop - reach, min(len(deficit), stop + reach) + 1)
    length = stops[None, :] - starts[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        score = (cumulative[stops][None, :] - cumulative[starts][:, None]) / np.sqrt(np.maximum(length, 1))
    score[length < min_rows] = -np.inf
    i, j = np.unravel_index(score.argmax(), score.shape)
    return int(starts[i]), int(stops[j]), float(score[i, j])


def _mean_correlations(x: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> tuple[float, float]:
    lower = np.tril_indices(x.shape[1], -1)
    block, rest = (_correlation(x[rows])[lower] for rows in (inside, outside))
    telling = np.isfinite(block) & (np.abs(rest) > choices.flag_block_correlation)
    if not telling.any():
        return np.nan, np.nan
    signs = np.sign(rest[telling])
    return float((signs * block[telling]).mean()), float(np.abs(rest[telling]).mean())


def _correlation(x: np.ndarray) -> np.ndarray:
    covariance = normal_moments(np.where(np.isfinite(x).any(axis=0), x, 0.0)).covariance
    sd = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        return covariance / np.outer(sd, sd)
