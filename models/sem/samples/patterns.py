"""Incomplete answers by pattern: who answered the same items."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def counts(self) -> np.ndarray:
        """Respondents of each pattern (P,)."""
        return np.diff(self.slices)

    @cached_property
    def pattern(self) -> np.ndarray:
        """Pattern of each row (n,)."""
        return np.repeat(np.arange(len(self.observed)), self.counts)

    @cached_property
    def answered(self) -> np.ndarray:
        """Which answers were given (n, p)."""
        return self.observed[self.pattern]

    @cached_property
    def by_gap(self) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]:
        """Patterns by the number of missing items: their numbers (k,), missing (k, m) and answered items (k, p − m)."""
        gaps = (~self.observed).sum(axis=1)
        result = []
        for gap in np.unique(gaps):
            at = np.flatnonzero(gaps == gap)
            seen = self.observed[at]
            missing = np.nonzero(~seen)[1].reshape(len(at), gap)
            result.append((at, missing, np.nonzero(seen)[1].reshape(len(at), -1)))
        return tuple(result)


def patterns(data: np.ndarray) -> Patterns:
    """Sort answers (n, p) by pattern of missingness."""
    answered = ~np.isnan(data)
    observed, code = np.unique(answered, axis=0, return_inverse=True)
    code = code.ravel()
    order = np.argsort(code, kind="stable")
    slices = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=len(observed)))])
    return Patterns(np.where(answered, data, 0.0)[order], observed, slices, order)
