"""Moments of incomplete answers by maximum likelihood: EM steps, Newton's where they would be many.

EM: Dempster, Laird & Rubin (1977, https://doi.org/10.1111/j.2517-6161.1977.tb01600.x), for the normal distribution as
in Little & Rubin (2002, section 11.2). A step is cheap and leaves of the distance to the maximum the share of the
information that is missing: where that is little a dozen steps end it, where it is much Newton's steps do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.remarks import Remark, remark
from models.sem.errors import CollinearItemsError, ConvergenceError, NotIdentifiedError
from models.sem.model.linear_algebra import solve
from models.sem.objective.patterns import PatternState, evaluate, first_order, second_order
from models.sem.samples.patterns import Patterns

# Before Newton's steps, and at most where no others follow; the predicted decrease of the deviance that ends them: what
# remains moves no moment by 1e-10 of its standard error.
_EM_STEPS, _MOST_EM_STEPS = 10, 40
_DONE = 1e-21
_NEWTON_STEPS = 200


@dataclass(frozen=True, eq=False)
class Saturated:
    """The unrestricted model of one group: moments (p,), (p, p) and the patterns at them."""

    mean: np.ndarray
    cov: np.ndarray
    state: PatternState


def saturated(sample: Patterns, names: tuple[str, ...] | list[str], where: Sequence[Remark] = ()) -> Saturated:
    """Return the maximum likelihood moments of incomplete answers.

    Raises
    ------
    NotIdentifiedError
        If two items are never answered together.
    """
    together = (sample.observed * sample.counts[:, None]).T @ sample.observed.astype(float)
    apart = np.argwhere(np.tril(together == 0))
    if len(apart):
        pairs = [remark("pair", a=names[i], b=names[j]) for i, j in apart[:5]]
        raise NotIdentifiedError(remark("never_answered_together", pairs=pairs, where=list(where)), "Drop one of them.")
    n = together.diagonal()
    mean = sample.x.sum(axis=0) / n
    answered = np.repeat(sample.observed, sample.counts, axis=0)
    cov = np.diag((np.where(answered, sample.x - mean, 0.0) ** 2).sum(axis=0) / n)
    state, decrement = _regular(sample, mean, cov, names, where), np.inf
    for taken in range(1, _MOST_EM_STEPS + 1):
        before = decrement
        decrement, mean, cov = _em_step(state, mean, cov)
        state = _regular(sample, mean, cov, names, where)
        if decrement < _DONE:
            return Saturated(mean, cov, state)
        if taken >= _EM_STEPS and not decrement * (decrement / before) ** (_MOST_EM_STEPS - taken) < _DONE:
            break
    i, j = np.tril_indices(len(mean))
    half = np.where(i == j, 1.0, 2.0)
    for _ in range(_NEWTON_STEPS):
        omega, e = first_order(state)
        gradient = np.concatenate([-2 * e, half * omega[i, j]])
        step = solve(second_order(sample, state, exact=True).full(), -gradient)
        if step is None:
            step = solve(second_order(sample, state, exact=False).full(), -gradient)
        if step is None:
            break
        decrement = -gradient @ step / 2
        length = 1.0
        while True:
            next_mean = mean + length * step[: len(mean)]
            next_cov = cov.copy()
            next_cov[i, j] += length * step[len(mean) :]
            next_cov[j, i] = next_cov[i, j]
            trial = evaluate(sample, next_mean, next_cov)
            if trial.deviance <= state.deviance - 1e-4 * length * decrement + 1e-9 * (decrement < 1e-6):
                break
            length /= 2
            if length < 1e-8:
                break
        if length < 1e-8:
            break
        mean, cov, state = next_mean, next_cov, trial
        if decrement < 1e-12:
            return Saturated(mean, cov, state)
    raise ConvergenceError(
        remark("incomplete_moments", p=len(mean), where=list(where)), "Drop items that few people answered."
    )


def _regular(
    sample: Patterns,
    mean: np.ndarray,
    cov: np.ndarray,
    names: tuple[str, ...] | list[str],
    where: Sequence[Remark],
) -> PatternState:
    """Evaluate moments on the way to the maximum; raise if they are those of items that determine each other."""
    state = evaluate(sample, mean, cov)
    if np.isfinite(state.deviance):
        return state
    scale = 1 / np.sqrt(np.maximum(cov.diagonal(), 1e-300))
    vectors = np.linalg.eigh(cov * np.outer(scale, scale))[1]
    involved = [name for name, weight in zip(names, vectors[:, 0], strict=True) if abs(weight) > 0.05]
    raise CollinearItemsError(
        remark("linear_combinations", items=involved, where=list(where)),
        "Drop one of them (a total beside its parts, or a duplicate).",
    )


def em_step(sample: Patterns, mean: np.ndarray, cov: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One EM step in closed form from (μ, Σ)."""
    return _em_step(evaluate(sample, mean, cov), mean, cov)[1:]


def _em_step(state: PatternState, mean: np.ndarray, cov: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the decrease of the deviance that the slope predicts for half a step, and the moments expected at (μ, Σ).

    They are μ + ΣΣᵢeᵢ/n and Σ + Σ(Σᵢ(eᵢeᵢ' − Wᵢ)/n)Σ about it.
    """
    n = len(state.e)
    omega, e = first_order(state)
    shift, change = cov @ e / n, -cov @ (omega / n) @ cov
    decrement = float(2 * e @ shift - np.sum(omega * change)) / 2
    result = cov + change - np.outer(shift, shift)
    return decrement, mean + shift, (result + result.T) / 2
