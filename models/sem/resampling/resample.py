"""Which respondents bootstrap samples hold, and the moments of all samples by one product of counts and answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from models.sem.errors import ArgumentError
from models.sem.kernels.refits import MomentSets
from models.sem.model.linear_algebra import power
from models.sem.model.matrices import implied
from models.sem.options import Resampled
from models.sem.samples.sample import GroupSample, Sample
from models.sem.solving.estimate import Task

KINDS = get_args(Resampled)
_ROWS = 4096
_PART = 128
_COUNTS = 2**23
_SAMPLES = 1000


@dataclass(frozen=True, eq=False)
class Pools:
    """What is drawn from what.

    Attributes
    ----------
    sizes
        Number of units (respondents or clusters) of each pool; as many are drawn from it.
    pool
        The pool of each group.
    unit
        The unit of each respondent, an array a group.
    """

    sizes: tuple[int, ...]
    pool: tuple[int, ...]
    unit: tuple[np.ndarray, ...]


def pools(sample: Sample, kind: str) -> Pools:
    """Return what is drawn: respondents within groups, respondents of all groups, or clusters.

    Clusters are drawn within groups unless some cluster has members in several groups.
    """
    n_groups = len(sample.groups)
    if kind == "cluster":
        codes = [group.clusters for group in sample.groups if group.clusters is not None]
        if len(codes) < n_groups:
            raise ArgumentError(
                "kind='cluster' needs a model fitted with cluster=, the column that names the clusters."
            )
        own = [np.unique(code) for code in codes]
        together = np.unique(np.concatenate(own))
        if len(together) == sum(len(values) for values in own):
            units = tuple(np.searchsorted(values, code) for values, code in zip(own, codes, strict=True))
            return Pools(tuple(len(values) for values in own), tuple(range(n_groups)), units)
        return Pools((len(together),), (0,) * n_groups, tuple(np.searchsorted(together, code) for code in codes))
    sizes = [group.n for group in sample.groups]
    if kind == "nonparametric":
        ends = np.cumsum([0, *sizes])
        units = tuple(np.arange(a, b) for a, b in zip(ends[:-1], ends[1:], strict=True))
        return Pools((int(ends[-1]),), (0,) * n_groups, units)
    return Pools(tuple(sizes), tuple(range(n_groups)), tuple(np.arange(n) for n in sizes))


def draws(drawn: Pools, n: int, seed: int | None) -> Iterator[list[np.ndarray]]:
    """Yield blocks of samples: for each group how often each respondent is in them (block, n_g)."""
    streams = np.random.default_rng(seed).spawn(len(drawn.sizes))
    block = _block(max(drawn.sizes))
    for first in range(0, n, block):
        b = min(block, n - first)
        counts = [count(stream, size, b) for stream, size in zip(streams, drawn.sizes, strict=True)]
        yield [counts[pool][:, unit] for pool, unit in zip(drawn.pool, drawn.unit, strict=True)]


def _block(size: int) -> int:
    """Return how many samples of so many units are drawn at once: what fits, and progress can still be seen."""
    return min(_SAMPLES, max(1, _COUNTS // size))


def count(stream: np.random.Generator, size: int, b: int) -> np.ndarray:
    """Draw `size` units with replacement, b times; return how often each was drawn (b, size)."""
    chosen = stream.integers(size, size=(b, size)) + size * np.arange(b)[:, None]
    return np.bincount(chosen.ravel(), minlength=b * size).reshape(b, size)


def without_each(drawn: Pools, pool: int) -> Iterator[list[np.ndarray]]:
    """Yield the same for samples that lack one unit of a pool each (the jackknife)."""
    block = _block(max(len(unit) for unit in drawn.unit))
    for first in range(0, drawn.sizes[pool], block):
        left = np.arange(first, min(first + block, drawn.sizes[pool]))
        yield [
            (unit != left[:, None]).astype(int) if own == pool else np.ones((len(left), len(unit)), dtype=int)
            for own, unit in zip(drawn.pool, drawn.unit, strict=True)
        ]


def moments(sample: Sample, counts: list[np.ndarray], threads: int = 1) -> MomentSets:
    """Return the moments of samples that hold each respondent as often as `counts` says."""
    B, G, p = len(counts[0]), len(sample.groups), len(sample.names)
    means, covs, sizes = np.empty((B, G, p)), np.empty((B, G, p, p)), np.empty((B, G))
    i, j = np.tril_indices(p)
    for g, (group, times) in enumerate(zip(sample.groups, counts, strict=True)):
        assert group.data is not None
        centre = group.data.mean(axis=0)
        total = _sums(group.data - centre, times, threads)
        sizes[:, g] = size = times.sum(axis=1)
        shift = total[:, :p] / size[:, None]
        means[:, g] = centre + shift
        covs[:, g, i, j] = covs[:, g, j, i] = total[:, p:] / size[:, None] - shift[:, i] * shift[:, j]
    return MomentSets(means, covs, sizes)


def _sums(y: np.ndarray, times: np.ndarray, threads: int) -> np.ndarray:
    """Return the sums of y and of the lower triangle of yy' over the samples (B, p + p(p + 1)/2)."""
    i, j = np.tril_indices(y.shape[1])
    total = np.zeros((len(times), y.shape[1] + len(i)))
    with ThreadPoolExecutor(threads) as pool:
        for a in range(0, len(y), _ROWS):
            columns = np.ascontiguousarray(y[a : a + _ROWS].T)
            z = np.vstack([columns, columns[i] * columns[j]]).T
            parts = [slice(b, b + _PART) for b in range(0, len(times), _PART)]
            list(pool.map(lambda part, z=z, a=a: _add(total[part], times[part, a : a + _ROWS], z), parts))
    return total


def _add(total: np.ndarray, times: np.ndarray, z: np.ndarray) -> None:
    total += times.astype(float) @ z


def as_if_true(task: Task, theta: np.ndarray) -> Sample:
    r"""Return the sample transformed so that the model holds in it exactly (Bollen & Stine 1992).

    :math:`z_i = \hat\Sigma^{1/2} S^{-1/2} (x_i - \bar{x}) + \hat\mu` has the implied moments and the shape of the
    answers (https://doi.org/10.1177/0049124192021002004). Of incomplete answers :math:`\bar{x}` and S are the
    unrestricted estimates, and each respondent has the rows and columns of what was answered (Savalei & Yuan 2009,
    https://doi.org/10.1080/00273170903333590).
    """
    groups = []
    for cells, group in zip(task.structure.groups, task.sample.groups, strict=True):
        assert group.data is not None
        state = implied(cells, theta)
        if group.complete:
            mean = state.mu if task.structure.meanstructure else group.mean
            centred = group.data - group.data.mean(axis=0)
            transform = power(np.cov(centred.T, ddof=0), -0.5) @ power(state.sigma, 0.5)
            data = centred @ transform + mean
        else:
            mean, data = state.mu, _by_pattern(group, state.mu, state.sigma)
        groups.append(replace(group, data=data, mean=mean, cov=state.sigma))
    return replace(task.sample, groups=tuple(groups))


def _by_pattern(group: GroupSample, mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Return incomplete answers (n, p) with implied moments, one transformation a pattern of gaps."""
    assert group.data is not None
    data, answers = np.full_like(group.data, np.nan), group.patterns
    for observed, first, last in zip(answers.observed, answers.slices[:-1], answers.slices[1:], strict=True):
        block = np.ix_(answers.order[first:last], observed)
        inside = np.ix_(observed, observed)
        transform = power(group.cov[inside], -0.5) @ power(sigma[inside], 0.5)
        data[block] = (group.data[block] - group.mean[observed]) @ transform + mu[observed]
    return data
