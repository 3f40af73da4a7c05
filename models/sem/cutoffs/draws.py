r"""Moments of many samples of a population, as far from its moments as those of the sample at hand may be.

A draw is :math:`\Sigma^{1/2} M \Sigma^{1/2}` and :math:`\mu + \Sigma^{1/2} m`, where M and m belong to the sample and
not to the population, so that all populations see the same draws. For complete normal answers M has the Wishart
distribution. Else :math:`M = \exp(E)`, and E and m are sums over respondents of their influence on the moments times a
standard normal number each: they have the covariance of the moments of *these* answers, whatever their distribution
and whichever of them are missing. The exponential keeps M positive definite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.inference.unrestricted import MomentSpace
from models.sem.kernels.refits import MomentSets
from models.sem.model.linear_algebra import power
from models.sem.samples.sample import GroupSample, Sample


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of the moments of every group.

    Attributes
    ----------
    spread
        M (B, G, p, p).
    shift
        m (B, G, p).
    sizes
        Respondents of the groups (G,).
    normal
        Whether the answers were taken to be normal and complete.
    """

    spread: np.ndarray
    shift: np.ndarray
    sizes: np.ndarray
    normal: bool

    def around(self, means: np.ndarray, covs: np.ndarray) -> MomentSets:
        """Return the draws around moments (G, p) and (G, p, p)."""
        root = np.array([power(cov, 0.5) for cov in covs])
        return MomentSets(
            means + np.einsum("gij,bgj->bgi", root, self.shift),
            root @ self.spread @ root,
            np.tile(self.sizes.astype(float), (len(self.shift), 1)),
        )


def moment_draws(sample: Sample, n: int, seed: int | None, normal: bool) -> Draws:
    """Draw the moments of n samples of continuous answers.

    Parameters
    ----------
    normal
        Whether complete answers are normal; incomplete ones are never taken to be.
    """
    normal = normal and sample.kind == "complete"
    streams = np.random.default_rng(seed).spawn(len(sample.groups))
    parts = [
        (_wishart if normal or group.data is None else _influenced)(group, n, stream)
        for group, stream in zip(sample.groups, streams, strict=True)
    ]
    spread, shift = (np.stack(part, axis=1) for part in zip(*parts, strict=True))
    return Draws(spread, shift, np.array([group.n for group in sample.groups]), normal)


def _wishart(group: GroupSample, n: int, stream: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw by the decomposition of Bartlett (1933)."""
    p = len(group.mean)
    factor = np.tril(stream.standard_normal((n, p, p)), -1)
    at = np.arange(p)
    factor[:, at, at] = np.sqrt(stream.chisquare(group.n - 1 - at, (n, p)))
    shift = stream.standard_normal((n, p)) / np.sqrt(group.n)
    return factor @ factor.transpose(0, 2, 1) / group.n, shift


def _influenced(group: GroupSample, n: int, stream: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    p = len(group.mean)
    i, j = np.tril_indices(p)
    moved = _influenced_moments(group, stream.standard_normal((n, group.n)))
    root = power(group.cov, -0.5)
    change = np.zeros((n, p, p))
    change[:, i, j] = change[:, j, i] = moved[:, p:]
    values, vectors = np.linalg.eigh(root @ change @ root)
    return (vectors * np.exp(values)[:, None]) @ vectors.transpose(0, 2, 1), moved[:, :p] @ root


def _influenced_moments(group: GroupSample, weights: np.ndarray) -> np.ndarray:
    """Return what respondents with weights (B, n) make of the errors of (μ, vech Σ) (B, p + p*)."""
    p = len(group.mean)
    keep = np.ones(p + p * (p + 1) // 2, dtype=bool)
    space = MomentSpace(keep, np.zeros((0, 0)), slice(0, 0), 0, 1.0, group, group.patterns, [])
    if group.complete:
        return weights @ space.deviations() / group.n
    information = space.information(group.mean, group.cov, exact=True)
    return np.linalg.solve(information, (weights @ space.scores()).T).T / group.n
