r"""First stage of ordinal estimation: categories → thresholds, each item by itself.

Muthén (1984), https://doi.org/10.1007/BF02294210.

An ordinal answer is a cut standard normal: :math:`y = k` if :math:`\tau_k < y^* \le \tau_{k+1}`, so that the thresholds
are normal quantiles of cumulative shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from models.remarks import Remark, remark
from models.sem.errors import CategoryError

_MANY = 30


@dataclass(frozen=True, eq=False)
class Categories:
    """Ordinal answers as codes.

    Attributes
    ----------
    codes
        0, 1, … in the order of the categories, −1 where missing (n, p).
    levels
        The categories of each item, as they stand in the data.
    """

    codes: np.ndarray
    levels: tuple[tuple[float, ...], ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of categories of each item."""
        return tuple(len(level) for level in self.levels)


@dataclass(frozen=True, eq=False)
class Univariate:
    """Thresholds and casewise scores of one ordinal item.

    Attributes
    ----------
    thresholds
        τ (c − 1,).
    scores
        ∂log-likelihood/∂τ by category (c, c − 1).
    counts
        Answers in each category (c,).
    """

    thresholds: np.ndarray
    scores: np.ndarray
    counts: np.ndarray


def levels(values: np.ndarray, names: Sequence[str]) -> tuple[tuple[float, ...], ...]:
    """Return the categories of each item (column of `values`, NaN where missing).

    Raises
    ------
    CategoryError
        If an item has one category, or so many that it is not ordinal.
    """
    result = []
    for name, column in zip(names, values.T, strict=True):
        found = tuple(np.unique(column[~np.isnan(column)]).tolist())
        if len(found) < 2:
            raise CategoryError(remark("single_category", item=name, categories=list(found)), "Drop it from the model.")
        if len(found) > _MANY:
            raise CategoryError(
                remark("many_categories", item=name, n=len(found), most=_MANY),
                "Take it out of ordered=, or merge its categories.",
            )
        result.append(found)
    return tuple(result)


def encode(
    values: np.ndarray, names: Sequence[str], categories: tuple[tuple[float, ...], ...], where: Sequence[Remark] = ()
) -> Categories:
    """Code the answers of one group by the categories of all groups.

    Raises
    ------
    CategoryError
        If nobody in the group chose a category: its thresholds do not exist.
    """
    codes = np.full(values.shape, -1)
    for j, (name, level) in enumerate(zip(names, categories, strict=True)):
        answered = ~np.isnan(values[:, j])
        codes[answered, j] = np.searchsorted(level, values[answered, j])
        counts = np.bincount(codes[answered, j], minlength=len(level))
        if (counts == 0).any():
            empty = [v for v, n in zip(level, counts, strict=True) if n == 0]
            raise CategoryError(
                remark("empty_category", item=name, empty=empty, categories=list(level), where=list(where)),
                "Merge the category with its neighbour in all groups, or leave out the item or the group.",
            )
    return Categories(codes, categories)


def univariate(codes: np.ndarray, n_categories: int) -> Univariate:
    """Estimate the thresholds of one item from its codes (n,)."""
    counts = np.bincount(codes[codes >= 0], minlength=n_categories)
    share = counts / counts.sum()
    tau = ndtri(np.cumsum(share)[:-1])
    probability = np.diff(ndtr(tau), prepend=0.0, append=1.0)
    height = np.exp(-(tau**2) / 2) / np.sqrt(2 * np.pi)
    scores = np.zeros((n_categories, n_categories - 1))
    k = np.arange(n_categories - 1)
    scores[k, k] = height / probability[:-1]
    scores[k + 1, k] = -height / probability[1:]
    return Univariate(tau, scores, counts)
