"""Slopes of paths in groups, from which contrasts are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Slopes:
    """Slopes of paths in groups, with their errors.

    Attributes
    ----------
    terms, groups
        Paths and groups, in the order of the values.
    values
        (paths × groups,) slopes, the groups of the first path first.
    cov
        (paths × groups, paths × groups) their covariance.
    """

    terms: tuple[str, ...]
    groups: tuple[str, ...]
    values: np.ndarray
    cov: np.ndarray

    def direction(self, weights: Mapping[str, Sequence[float] | np.ndarray]) -> np.ndarray:
        """A contrast of the slopes: path → a weight for each group, zero for every other path."""
        rows = [weights.get(term, np.zeros(len(self.groups))) for term in self.terms]
        return np.concatenate([np.asarray(row, dtype=float) for row in rows])
