r"""Incomplete answers by pattern: log-likelihood and its derivatives in the moments μ and Σ.

Answers missing at random enter through the marginal likelihood of what was answered (Arbuckle 1996; Enders & Bandalos
2001, https://doi.org/10.1207/S15328007SEM0803_5). All patterns are handled at once: with :math:`W_p` the inverse of
the answered block of Σ, zero elsewhere, and :math:`e_i = W_{p(i)}(x_i - \mu)`, sums over patterns of Kronecker
products are one matrix product of the stacked lower triangles of :math:`W_p`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from models.sem.model.linear_algebra import cholesky, inverse
from models.sem.samples.patterns import Patterns


@dataclass(frozen=True, eq=False)
class PatternState:
    """The patterns at given moments.

    Attributes
    ----------
    deviance
        −2 log-likelihood without the constant log 2π an answer, infinite if Σ is not positive definite.
    e
        W (x − μ) of each row (n, p).
    total
        Sum of W over respondents (p, p).
    blocks
        What the stack of all W is made of, pattern by pattern when it is asked for.
    """

    deviance: float
    e: np.ndarray
    total: np.ndarray
    blocks: tuple[_Block, ...] = ()

    @cached_property
    def W(self) -> np.ndarray:
        """Inverses of the answered blocks of Σ (P, p, p), zero at missing items."""
        P, p = sum(len(block.at) for block in self.blocks), len(self.total)
        result = np.empty((P, p, p))
        for block in self.blocks:
            block.fill(result)
        return result


@dataclass(frozen=True, eq=False)
class _Block:
    """Patterns with the same number of missing items.

    Attributes
    ----------
    at
        Their numbers (k,).
    items
        Missing items if `whole` is given, else the answered ones (k, m).
    core
        Inverses (k, m, m): of the missing block of Ω = Σ⁻¹, else of the answered block of Σ.
    whole
        Ω, from which the part of the missing items is taken off, W = Ω − Ω·ₘ Ωₘₘ⁻¹ Ωₘ·; None for a direct inverse.
    """

    at: np.ndarray
    items: np.ndarray
    core: np.ndarray
    whole: np.ndarray | None

    def fill(self, W: np.ndarray) -> None:
        """Write the inverses of these patterns into the stack."""
        if self.whole is None:
            W[self.at] = 0.0
            W[self.at[:, None, None], self.items[:, :, None], self.items[:, None, :]] = self.core
            return
        rows = self.whole[self.items]
        result = self.whole - rows.transpose(0, 2, 1) @ (self.core @ rows)
        k = np.arange(len(self.at))[:, None]
        result[k, self.items] = 0.0
        result[k, :, self.items] = 0.0
        W[self.at] = result


@dataclass(frozen=True, eq=False)
class MomentHessian:
    """Second derivatives with respect to (μ, vech Σ): (p, p), (p, p*), (p*, p*)."""

    means: np.ndarray
    mixed: np.ndarray
    covariances: np.ndarray

    def full(self) -> np.ndarray:
        """Return the matrix (p + p*, p + p*)."""
        return np.block([[self.means, self.mixed], [self.mixed.T, self.covariances]])


def evaluate(sample: Patterns, mu: np.ndarray, sigma: np.ndarray) -> PatternState:
    """Evaluate the likelihood of the patterns at moments (p,) and (p, p)."""
    nothing = PatternState(np.inf, np.empty(0), np.empty(0))
    spread = np.diag(sigma)
    if not (np.isfinite(sigma).all() and (spread > 0).all()):
        return nothing
    scale = 1 / np.sqrt(spread)
    factor = cholesky(sigma * np.outer(scale, scale))
    if factor is None:
        return nothing
    whole = inverse(sigma)
    d = np.where(sample.answered, sample.x - mu, 0.0)
    e = d @ whole
    counts = sample.counts.astype(float)
    logdet = np.full(len(counts), 2 * np.log(np.diag(factor) / scale).sum())
    total = np.zeros_like(whole)
    reduced, blocks = 0.0, []
    for at, missing, answered in sample.by_gap:
        rows = np.flatnonzero(np.isin(sample.pattern, at)) if len(sample.by_gap) > 1 else np.arange(len(d))
        local = np.searchsorted(at, sample.pattern[rows])
        if missing.shape[1] <= len(mu) // 2:
            inner = whole[missing[:, :, None], missing[:, None, :]]
            core = np.linalg.inv(inner)
            logdet[at] += np.linalg.slogdet(inner)[1]
            part = np.take_along_axis(e[rows], missing[local], axis=1)
            part = np.einsum("nk,nkl->nl", part, core[local])
            e[rows] -= np.einsum("nl,nlp->np", part, whole[missing[local]])
            across = whole[missing]
            flat = (missing.size, len(mu))
            total -= across.reshape(flat).T @ ((counts[at, None, None] * core) @ across).reshape(flat)
            reduced += counts[at].sum()
            blocks.append(_Block(at, missing, core, whole))
        else:
            inner = sigma[answered[:, :, None], answered[:, None, :]]
            core = np.linalg.inv(inner)
            logdet[at] = np.linalg.slogdet(inner)[1]
            part = np.take_along_axis(d[rows], answered[local], axis=1)
            e[rows] = 0.0
            e[rows[:, None], answered[local]] = np.einsum("nk,nkl->nl", part, core[local])
            np.add.at(total, (answered[:, :, None], answered[:, None, :]), counts[at, None, None] * core)
            blocks.append(_Block(at, answered, core, None))
    e[~sample.answered] = 0.0
    return PatternState(float(counts @ logdet + np.sum(d * e)), e, total + reduced * whole, tuple(blocks))


def first_order(state: PatternState) -> tuple[np.ndarray, np.ndarray]:
    """Return Ω = ∂(deviance)/∂Σ (p, p) and e = −½ ∂(deviance)/∂μ (p,)."""
    return state.total - state.e.T @ state.e, state.e.sum(axis=0)


def second_order(sample: Patterns, state: PatternState, exact: bool) -> MomentHessian:
    """Return the second derivatives of the deviance in the moments, exact or expected."""
    p = len(state.total)
    lower = np.tril_indices(p)
    counts = sample.counts.astype(float)
    W = np.ascontiguousarray(state.W[:, lower[0], lower[1]])
    weight = W * counts[:, None]
    mixed = np.zeros((p, len(lower[0])))
    if exact:
        starts = sample.slices[:-1]
        outer = np.add.reduceat(state.e[:, lower[0]] * state.e[:, lower[1]], starts, axis=0)
        total = np.add.reduceat(state.e, starts, axis=0)
        gram = (2 * outer - weight).T @ W
        product = W.T @ total
        at, half = _positions(p), np.where(lower[0] == lower[1], 0.5, 1.0)
        i, j = lower
        mixed = 2 * half * (product[at[:, i], j] + product[at[:, j], i])
    else:
        gram = weight.T @ W
    return MomentHessian(2 * state.total, mixed, symmetric_kronecker(gram, p))


def symmetric_kronecker(gram: np.ndarray, p: int) -> np.ndarray:
    """Return Q with vech(dΣ)' Q vech(dΣ) = Σ tr(A dΣ W dΣ), given gram[(ab), (cd)] = Σ A_ab W_cd on lower triangles."""
    straight, crossed, half = _kronecker_index(p)
    flat = (gram + gram.T).ravel()
    result = flat[straight]
    result += flat[crossed]
    result *= half[:, None]
    result *= half
    return result


@lru_cache(maxsize=4)
def _positions(p: int) -> np.ndarray:
    lower = np.tril_indices(p)
    at = np.empty((p, p), dtype=np.int64)
    at[lower] = at[lower[::-1]] = np.arange(len(lower[0]))
    return at


@lru_cache(maxsize=4)
def _kronecker_index(p: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    at, (i, j) = _positions(p), np.tril_indices(p)
    size = len(i)
    half = np.where(i == j, 0.5, 1.0)
    a, b = at[np.ix_(i, i)], at[np.ix_(j, j)]
    c, d = at[np.ix_(i, j)], at[np.ix_(j, i)]
    # Kept for the next call: half the memory in 32 bits.
    return (a * size + b).astype(np.uint32), (c * size + d).astype(np.uint32), half


def moment_scores(sample: Patterns, state: PatternState) -> np.ndarray:
    """Return casewise scores of the log-likelihood in (μ, vech Σ), original row order (n, p + p*)."""
    i, j = np.tril_indices(len(state.total))
    half = np.where(i == j, 0.5, 1.0)
    covariances = half * (state.e[:, i] * state.e[:, j] - state.W[:, i, j][sample.pattern])
    result = np.empty((len(sample.x), len(state.total) + len(i)))
    result[sample.order] = np.hstack([state.e, covariances])
    return result
