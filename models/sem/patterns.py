r"""Incomplete answers by pattern: log-likelihood and its derivatives in the moments μ and Σ.

Answers missing at random enter through the marginal likelihood of what was answered (Arbuckle 1996; Enders & Bandalos
2001, https://doi.org/10.1207/S15328007SEM0803_5). All patterns are handled at once: with :math:`W_p` the inverse of
the answered block of Σ, zero elsewhere, and :math:`e_i = W_{p(i)}(x_i - \mu)`, sums over patterns of Kronecker
products are one matrix product of the stacked lower triangles of :math:`W_p`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np


@dataclass(frozen=True)
class Patterns:
    """Answers of one group, sorted by pattern.

    Attributes
    ----------
    x
        Answers (n, p), zero where missing.
    observed
        Answered items of each pattern (P, p).
    slices
        Bounds (P + 1,) of the patterns in the rows of x.
    order
        Original position of each row (n,).
    """

    x: np.ndarray
    observed: np.ndarray
    slices: np.ndarray
    order: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """Respondents of each pattern (P,)."""
        return np.diff(self.slices)


@dataclass(frozen=True)
class PatternState:
    """The patterns at given moments.

    Attributes
    ----------
    deviance
        −2 log-likelihood without the constant n·log 2π, infinite if Σ is not positive definite.
    W
        Inverses (P, p, p), zero at missing items.
    e
        W (x − μ) of each row (n, p).
    """

    deviance: float
    W: np.ndarray
    e: np.ndarray


@dataclass(frozen=True)
class MomentHessian:
    """Second derivatives with respect to (μ, vech Σ): (p, p), (p, p*), (p*, p*)."""

    means: np.ndarray
    mixed: np.ndarray
    covariances: np.ndarray

    def full(self) -> np.ndarray:
        """Return the matrix (p + p*, p + p*)."""
        return np.block([[self.means, self.mixed], [self.mixed.T, self.covariances]])


def patterns(data: np.ndarray) -> Patterns:
    """Sort answers (n, p) by pattern of missingness."""
    answered = ~np.isnan(data)
    observed, code = np.unique(answered, axis=0, return_inverse=True)
    code = code.ravel()
    order = np.argsort(code, kind="stable")
    slices = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=len(observed)))])
    return Patterns(np.where(answered, data, 0.0)[order], observed, slices, order)


def evaluate(sample: Patterns, mu: np.ndarray, sigma: np.ndarray) -> PatternState:
    """Evaluate the likelihood of the patterns at moments (p,) and (p, p)."""
    nothing = PatternState(np.inf, np.empty(0), np.empty(0))
    spread = np.diag(sigma)
    if not (np.isfinite(sigma).all() and (spread > 0).all()):
        return nothing
    scale = 1 / np.sqrt(spread)
    try:
        W, logdet = _inverses(sample.observed, sigma * np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return nothing
    W *= np.outer(scale, scale)
    logdet -= 2 * sample.observed @ np.log(scale)
    d = sample.x - mu
    e = np.empty_like(d)
    for p, (start, stop) in enumerate(zip(sample.slices[:-1], sample.slices[1:], strict=True)):
        e[start:stop] = d[start:stop] @ W[p]
    return PatternState(float(sample.counts @ logdet + np.sum(d * e)), W, e)


def _inverses(observed: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inverses (P, p, p) of the answered blocks, zero elsewhere, and their log-determinants (P,).

    Where little is missing the inverse of the whole matrix is reduced, W = Ω − Ω·ₘ Ωₘₘ⁻¹ Ωₘ·, else the block is
    inverted.
    """
    p = observed.shape[1]
    factor = np.linalg.cholesky(sigma)
    whole = np.linalg.inv(sigma)
    whole = (whole + whole.T) / 2
    W = np.empty((len(observed), p, p))
    logdet = np.full(len(observed), 2 * np.log(np.diag(factor)).sum())
    gaps = p - observed.sum(axis=1)
    for gap in np.unique(gaps):
        at = np.flatnonzero(gaps == gap)
        if gap == 0:
            W[at] = whole
        elif gap <= p // 2:
            missing = np.nonzero(~observed[at])[1].reshape(len(at), gap)
            columns = whole[missing].transpose(0, 2, 1)
            blocks = whole[missing[:, :, None], missing[:, None, :]]
            logdet[at] += np.linalg.slogdet(blocks)[1]
            W[at] = whole - columns @ np.linalg.solve(blocks, columns.transpose(0, 2, 1))
        else:
            answered = np.nonzero(observed[at])[1].reshape(len(at), p - gap)
            blocks = sigma[answered[:, :, None], answered[:, None, :]]
            logdet[at] = np.linalg.slogdet(blocks)[1]
            W[at] = 0.0
            W[at[:, None, None], answered[:, :, None], answered[:, None, :]] = np.linalg.inv(blocks)
    W *= observed[:, :, None] & observed[:, None, :]
    return W, logdet


def first_order(sample: Patterns, state: PatternState) -> tuple[np.ndarray, np.ndarray]:
    """Return Ω = ∂(deviance)/∂Σ (p, p) and e = −½ ∂(deviance)/∂μ (p,)."""
    omega = np.tensordot(sample.counts.astype(float), state.W, axes=1) - state.e.T @ state.e
    return omega, state.e.sum(axis=0)


def second_order(sample: Patterns, state: PatternState, exact: bool) -> MomentHessian:
    """Return the second derivatives of the deviance in the moments, exact or expected."""
    p = state.W.shape[1]
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
    return MomentHessian(2 * np.tensordot(counts, state.W, axes=1), mixed, symmetric_kronecker(gram, p))


def symmetric_kronecker(gram: np.ndarray, p: int) -> np.ndarray:
    """Return Q with vech(dΣ)' Q vech(dΣ) = Σ tr(A dΣ W dΣ), given gram[(ab), (cd)] = Σ A_ab W_cd on lower triangles."""
    first, second = _kronecker_index(p)
    flat = gram.ravel()
    result = flat[first[0]]
    for index in first[1:]:
        result += flat[index]
    result *= second
    return (result + result.T) / 2


@lru_cache(maxsize=4)
def _positions(p: int) -> np.ndarray:
    lower = np.tril_indices(p)
    at = np.empty((p, p), dtype=np.int64)
    at[lower] = at[lower[::-1]] = np.arange(len(lower[0]))
    return at


@lru_cache(maxsize=4)
def _kronecker_index(p: int) -> tuple[list[np.ndarray], np.ndarray]:
    at, (i, j) = _positions(p), np.tril_indices(p)
    size = len(i)
    half = np.where(i == j, 0.5, 1.0)
    a, b = at[np.ix_(i, i)], at[np.ix_(j, j)]
    c, d = at[np.ix_(i, j)], at[np.ix_(j, i)]
    return [a * size + b, c * size + d, d * size + c, b * size + a], np.outer(half, half)


def moment_scores(sample: Patterns, state: PatternState) -> np.ndarray:
    """Return casewise scores of the log-likelihood in (μ, vech Σ), original row order (n, p + p*)."""
    p = state.W.shape[1]
    i, j = np.tril_indices(p)
    half = np.where(i == j, 0.5, 1.0)
    pattern = np.repeat(np.arange(len(sample.observed)), sample.counts)
    covariances = half * (state.e[:, i] * state.e[:, j] - state.W[:, i, j][pattern])
    result = np.empty((len(sample.x), p + len(i)))
    result[sample.order] = np.hstack([state.e, covariances])
    return result
