"""Bootstrap of item correlations by weighted sums: each resample is a vector of counts, not a copy of the data."""

import numpy as np


def resample_counts(n: int, n_boot: int, seed: int | None) -> np.ndarray:
    """Return an array (n_boot, n): how often each respondent was drawn in each bootstrap sample."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1 / n), size=n_boot).astype(float)


def correlations(x: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Pairwise complete correlations of the columns of `x` in every resample.

    Parameters
    ----------
    x : array (n, p)
        Answers, NaN where missing.
    counts : array (b, n)
        Weight of each row in each resample.

    Returns
    -------
    array (b, p, p)
        NaN where a column is constant or a pair has no common rows.
    """
    p = x.shape[1]
    i, j = np.tril_indices(p)
    answered = np.isfinite(x)
    z = np.where(answered, x - np.nanmean(np.where(answered.any(axis=0), x, 0.0), axis=0), 0.0)
    size, c_ij, c_ii, c_jj = _complete(z, counts, i, j) if answered.all() else _pairwise(z, answered, counts, i, j)
    with np.errstate(divide="ignore", invalid="ignore"):
        varies = (c_ii > 1e-12 * size) & (c_jj > 1e-12 * size)
        r = np.where(varies, c_ij / np.sqrt(c_ii * c_jj), np.nan)
    full = np.empty((len(counts), p, p))
    full[:, i, j] = r
    full[:, j, i] = r
    return full


def _complete(z: np.ndarray, counts: np.ndarray, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, ...]:
    size, total = counts.sum(axis=1, keepdims=True), counts @ z
    cross = counts @ (z[:, i] * z[:, j]) - total[:, i] * total[:, j] / size
    own = cross[:, i == j]
    return size, cross, own[:, i], own[:, j]


def _pairwise(
    z: np.ndarray, answered: np.ndarray, counts: np.ndarray, i: np.ndarray, j: np.ndarray
) -> tuple[np.ndarray, ...]:
    mask = answered.astype(float)

    def sums(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if len(counts) == 1:  # without the products of all pairs
            return ((a.T * counts) @ b)[i, j][None]
        return counts @ (a[:, i] * b[:, j])

    size, s_i, s_j = sums(mask, mask), sums(z, mask), sums(mask, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        c_ij = sums(z, z) - s_i * s_j / size
        c_ii = sums(z**2, mask) - s_i**2 / size
        c_jj = sums(mask, z**2) - s_j**2 / size
    return size, c_ij, c_ii, c_jj
