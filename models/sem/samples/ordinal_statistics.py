r"""Second and third stage of ordinal estimation: all moments of a group and their joint asymptotic covariance.

The moments solve estimating equations item by item, then pair by pair (Muthén 1984, https://doi.org/10.1007/BF02294210;
Jöreskog 1994, https://doi.org/10.1007/BF02296131). With B the matrix of the equations' slopes, block triangular, and
:math:`s_i` the stacked scores of respondent i,

.. math:: \Gamma = n\,B^{-1} \left(\sum_i s_i s_i'\right) B^{-T},

where the slopes are estimated by sums of products of scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from models.remarks import Remark
from models.sem.samples.polychoric import Polychoric, check_bounds, pad, polychoric, tables
from models.sem.samples.polyserial import PairScores, pearson, polyserial
from models.sem.samples.thresholds import Categories, univariate


@dataclass(frozen=True, eq=False)
class OrdinalMoments:
    """Moments of ordinal and continuous items of one group, and Γ.

    The vector of moments holds, item by item, the thresholds or the mean; then the variances of the continuous items;
    then the correlations (two ordinal items), polyserial covariances and covariances of all pairs, down the columns
    of the lower triangle.

    Attributes
    ----------
    observed
        Moments (m,).
    gamma
        n times their asymptotic covariance (m, m).
    owner
        Item of each entry of the first part (t,).
    ordinal
        Which items are ordinal (p,).
    thresholds
        Thresholds of each ordinal item, in order of the items.
    mean, cov
        Means (0 for ordinal items) and covariances (variance 1 for ordinal items) of the latent responses.
    n
        Number of respondents.
    sparse
        Pairs of items whose table has empty cells, with their number.
    """

    observed: np.ndarray
    gamma: np.ndarray
    owner: np.ndarray
    ordinal: np.ndarray
    thresholds: tuple[np.ndarray, ...]
    mean: np.ndarray
    cov: np.ndarray
    n: int
    sparse: tuple[tuple[int, int, int], ...] = ()

    def keys(self, names: Sequence[str]) -> list[tuple[str, str, str]]:
        """Return lhs, op and rhs of each moment; the names of a covariance are in alphabetical order."""
        place = np.arange(len(self.owner)) - np.searchsorted(self.owner, self.owner) + 1
        keys = [
            (names[j], "|", f"t{k}") if self.ordinal[j] else (names[j], "~1", "")
            for j, k in zip(self.owner.tolist(), place, strict=True)
        ]
        keys += [(names[j], "~~", names[j]) for j in np.flatnonzero(~self.ordinal).tolist()]
        for a, b in zip(*self.pairs, strict=True):
            first, second = sorted((names[a], names[b]))
            keys.append((first, "~~", second))
        return keys

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """The items of each covariance: the larger and the smaller position."""
        return lower_pairs(len(self.ordinal))


def lower_pairs(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of the strict lower triangle, down its columns."""
    column, row = np.triu_indices(p, 1)
    return row, column


@dataclass(frozen=True, eq=False)
class _Item:
    """First-stage estimates of one item with casewise scores (n, k), zero where missing."""

    estimate: np.ndarray
    scores: np.ndarray
    z: np.ndarray
    sd: float = 1.0


def ordinal_moments(
    values: np.ndarray, categories: Categories, ordinal: np.ndarray, names: Sequence[str], where: Sequence[Remark] = ()
) -> OrdinalMoments:
    """Estimate all moments of one group.

    Parameters
    ----------
    values
        Answers (n, p), NaN where missing: every moment uses whoever answered its items.
    categories
        Codes of the ordinal items, one column each.
    ordinal
        Which columns are ordinal (p,).
    names
        Names of the columns, for messages.
    where
        The group, for messages.
    """
    n, p = values.shape
    column = np.cumsum(ordinal) - 1
    items = [
        _ordinal_item(categories.codes[:, column[j]], categories.counts[column[j]])
        if ordinal[j]
        else _continuous(values[:, j])
        for j in range(p)
    ]
    stage = _Influence(items, n)
    rho, influence = np.eye(p), np.zeros((n, p * (p - 1) // 2))
    row, col = lower_pairs(p)
    both = ordinal[row] & ordinal[col]
    sparse: tuple[tuple[int, int, int], ...] = ()
    if both.any():
        at = np.flatnonzero(both)
        found = _polychorics(categories.codes, [items[j].estimate for j in np.flatnonzero(ordinal)])
        check_bounds(found.rho, [(names[col[k]], names[row[k]]) for k in at], where)
        rho[row[at], col[at]] = found.rho
        influence[:, at] = _polychoric_influence(found, categories.codes, stage, np.flatnonzero(ordinal))
        sparse = tuple((int(col[k]), int(row[k]), int(e)) for k, e in zip(at, found.empty_cells, strict=True) if e > 0)
    for k in np.flatnonzero(~both):
        first, second = int(col[k]), int(row[k])
        pair = _pair(values, categories.codes, column, ordinal, items, first, second)
        check_bounds(np.array([pair.rho]), [(names[first], names[second])], where)
        rho[second, first] = pair.rho
        influence[:, k] = stage.pair(pair, first, second)
    sd = np.array([item.sd for item in items])
    return _assemble(items, stage, rho + np.tril(rho, -1).T, influence, sd, ordinal, sparse)


def _ordinal_item(codes: np.ndarray, n_categories: int) -> _Item:
    stage = univariate(codes, n_categories)
    scores = np.vstack([stage.scores, np.zeros(n_categories - 1)])[codes]
    return _Item(stage.thresholds, scores, codes)


def _continuous(x: np.ndarray) -> _Item:
    mean, variance = np.nanmean(x), np.nanvar(x)
    sd = float(np.sqrt(variance))
    z = (x - mean) / sd
    scores = np.column_stack([z / sd, (z**2 - 1) / (2 * variance)])
    return _Item(np.array([mean, variance]), np.nan_to_num(scores), z, sd)


class _Influence:
    """Influence of each respondent on the first-stage estimates (n, t), and through them on a correlation."""

    def __init__(self, items: list[_Item], n: int) -> None:
        sizes = [len(item.estimate) for item in items]
        ends = np.cumsum(sizes)
        self.slices = [slice(int(e - s), int(e)) for s, e in zip(sizes, ends, strict=True)]
        self.first = np.zeros((n, int(ends[-1])))
        for item, place in zip(items, self.slices, strict=True):
            self.first[:, place] = item.scores @ np.linalg.inv(item.scores.T @ item.scores)

    def pair(self, pair: PairScores, first: int, second: int) -> np.ndarray:
        """Return the influence on the correlation of two items (n,)."""
        indirect = self.first[:, self.slices[first]] @ (pair.first.T @ pair.scores)
        indirect += self.first[:, self.slices[second]] @ (pair.second.T @ pair.scores)
        return (pair.scores - indirect) / np.sum(pair.scores**2)


def _polychorics(codes: np.ndarray, thresholds: list[np.ndarray]) -> Polychoric:
    edges = pad(thresholds)
    row, col = lower_pairs(codes.shape[1])
    counts = tables(codes, edges.shape[1] - 1)[col, row]
    return polychoric(counts, edges[col], edges[row])


def _polychoric_influence(found: Polychoric, codes: np.ndarray, stage: _Influence, items: np.ndarray) -> np.ndarray:
    row, col = lower_pairs(codes.shape[1])
    k, size = found.scores.shape[:2]
    padded = np.zeros((k, size + 1, size + 1))
    padded[:, :size, :size] = found.scores
    cell = (size + 1) * codes[:, col] + codes[:, row]
    cell = np.where((codes[:, col] < 0) | (codes[:, row] < 0), (size + 1) ** 2 - 1, cell)
    scores = padded.reshape(k, -1)[np.arange(k), cell]
    slopes = np.zeros((stage.first.shape[1], k))
    for pair, (a, b) in enumerate(combinations(items, 2)):
        for side, item in enumerate((a, b)):
            place = stage.slices[item]
            slopes[place, pair] = found.cross[pair, side, : place.stop - place.start]
    return (scores - stage.first @ slopes) / found.information


def _pair(
    values: np.ndarray,
    codes: np.ndarray,
    column: np.ndarray,
    ordinal: np.ndarray,
    items: list[_Item],
    first: int,
    second: int,
) -> PairScores:
    """Estimate a pair with at least one continuous item on whoever answered both; scores of others are zero."""
    both = ~np.isnan(values[:, first]) & ~np.isnan(values[:, second])

    def spread(pair: PairScores) -> PairScores:
        if both.all():
            return pair
        full = [np.zeros((len(both), *part.shape[1:])) for part in (pair.scores, pair.first, pair.second)]
        for whole, part in zip(full, (pair.scores, pair.first, pair.second), strict=True):
            whole[both] = part
        return PairScores(pair.rho, *full)

    a, b = items[first], items[second]
    if not ordinal[first] and not ordinal[second]:
        return spread(pearson(a.z[both], b.z[both], a.sd, b.sd))
    if ordinal[first]:
        return spread(polyserial(codes[both, column[first]], a.estimate, b.z[both], b.sd))
    pair = polyserial(codes[both, column[second]], b.estimate, a.z[both], a.sd)
    return spread(PairScores(pair.rho, pair.scores, pair.second, pair.first))


def _assemble(
    items: list[_Item],
    stage: _Influence,
    rho: np.ndarray,
    influence: np.ndarray,
    sd: np.ndarray,
    ordinal: np.ndarray,
    sparse: tuple[tuple[int, int, int], ...],
) -> OrdinalMoments:
    """Put the parts in order, correlations of continuous items turned into covariances (delta method)."""
    row, col = lower_pairs(len(items))
    cov = rho * np.outer(sd, sd)
    variance_at = {j: stage.slices[j].stop - 1 for j in range(len(items)) if not ordinal[j]}
    influence = influence * (sd[row] * sd[col])
    for j, at in variance_at.items():
        touched = np.flatnonzero((row == j) | (col == j))
        influence[:, touched] += np.outer(stage.first[:, at], cov[row[touched], col[touched]] / (2 * sd[j] ** 2))
    variances = list(variance_at.values())
    location = [i for i in range(stage.first.shape[1]) if i not in set(variances)]
    parts = np.hstack([stage.first[:, location], stage.first[:, variances], influence])
    owner = np.concatenate([np.full(s.stop - s.start, j) for j, s in enumerate(stage.slices)])[location]
    first = np.concatenate([item.estimate for item in items])
    observed = np.concatenate([first[location], first[variances], cov[row, col]])
    mean = np.array([0.0 if o else item.estimate[0] for o, item in zip(ordinal, items, strict=True)])
    n = len(parts)
    thresholds = tuple(item.estimate for o, item in zip(ordinal, items, strict=True) if o)
    return OrdinalMoments(observed, n * (parts.T @ parts), owner, ordinal, thresholds, mean, cov, n, sparse)
