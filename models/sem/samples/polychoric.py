r"""Polychoric correlations of all pairs of ordinal items at once.

Two-step maximum likelihood (Olsson 1979, https://doi.org/10.1007/BF02296207): with the thresholds given, ρ maximises
:math:`\sum_{ij} n_{ij}\log\pi_{ij}(\rho)`, where π is the mass of a rectangle under the bivariate normal distribution.
Its slope is a signed sum of densities at the corners, so Newton's method needs one quadrature a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from models.remarks import Remark, remark
from models.sem.errors import CategoryError
from models.sem.samples.bivariate_normal import density, distribution

_BOUND = 0.9995
_FAR = 40.0
_TINY = 1e-16
_CLOSE = 1e-8  # a Newton step of this size leaves an error of its square


@dataclass(frozen=True, eq=False)
class Polychoric:
    """Polychoric correlations of k pairs with what their asymptotic covariance needs.

    Attributes
    ----------
    rho
        Correlations (k,); C is the largest number of categories.
    scores
        ∂log π/∂ρ by cell (k, C, C).
    information
        Sum of squared scores over the respondents (k,).
    cross
        Sums of products of the score of ρ with those of the thresholds of the first and second item (k, 2, C − 1).
    empty_cells
        Number of empty cells in each table (k,).
    """

    rho: np.ndarray
    scores: np.ndarray
    information: np.ndarray
    cross: np.ndarray
    empty_cells: np.ndarray


def pad(thresholds: Sequence[np.ndarray]) -> np.ndarray:
    """Return thresholds of several items as one array (p, C + 1), from −∞ and filled up with +∞ (as far numbers)."""
    size = max(len(tau) for tau in thresholds)
    result = np.full((len(thresholds), size + 2), _FAR)
    result[:, 0] = -_FAR
    for row, tau in zip(result, thresholds, strict=True):
        row[1 : len(tau) + 1] = tau
    return result


def tables(codes: np.ndarray, size: int) -> np.ndarray:
    """Return the contingency tables of all pairs of columns (p, p, C, C); missing answers (−1) do not count."""
    n, p = codes.shape
    indicators = (codes[:, :, None] == np.arange(size)).astype(float).reshape(n, p * size)
    return (indicators.T @ indicators).reshape(p, size, p, size).transpose(0, 2, 1, 3)


def polychoric(counts: np.ndarray, first: np.ndarray, second: np.ndarray) -> Polychoric:
    """Estimate the correlations of k pairs.

    Parameters
    ----------
    counts
        Contingency tables (k, C, C), rows the first item.
    first, second
        Padded thresholds of the two items (k, C + 1).
    """
    adjusted = _fill_fourfold(counts, first, second)
    rho = _start(adjusted)
    lower, upper = np.full(rho.shape, -_BOUND), np.full(rho.shape, _BOUND)
    for _ in range(60):
        cells = _cells(first, second, rho)
        ratio = adjusted / cells.probability
        slope = np.sum(ratio * cells.slope, axis=(1, 2))
        curvature = np.sum(ratio * (cells.curvature - cells.slope**2 / cells.probability), axis=(1, 2))
        lower, upper = np.where(slope > 0, rho, lower), np.where(slope > 0, upper, rho)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = rho - slope / curvature
        inside = (curvature < 0) & (step > lower - _CLOSE) & (step < upper + _CLOSE)
        new = np.where(inside, step, (lower + upper) / 2)
        moved = np.abs(new - rho).max()
        rho = new
        if moved < _CLOSE:
            break
    cells = _cells(first, second, rho)
    scores = np.where(counts > 0, cells.slope / cells.probability, 0.0)
    return Polychoric(
        rho,
        scores,
        np.sum(counts * scores**2, axis=(1, 2)),
        _cross(counts * scores, cells.probability, first, second, rho),
        np.sum((counts == 0) & _real(first)[:, :, None] & _real(second)[:, None, :], axis=(1, 2)),
    )


@dataclass(frozen=True, eq=False)
class _Rectangles:
    """Probabilities of the cells (1 in the padding) and their first two derivatives in ρ (k, C, C)."""

    probability: np.ndarray
    slope: np.ndarray
    curvature: np.ndarray


def _real(padded: np.ndarray) -> np.ndarray:
    return padded[:, :-1] < _FAR


def _cells(first: np.ndarray, second: np.ndarray, rho: np.ndarray) -> _Rectangles:
    a, b, r = first[:, 1:-1, None], second[:, None, 1:-1], rho[:, None, None]
    k, rows, columns = len(rho), first.shape[1], second.shape[1]
    corner = np.zeros((3, k, rows, columns))
    corner[0, :, -1, 1:] = ndtr(second[:, 1:])
    corner[0, :, 1:, -1] = ndtr(first[:, 1:])
    corner[0, :, 1:-1, 1:-1] = distribution(a, b, r)
    height, rest = density(a, b, r), 1 - r**2
    corner[1, :, 1:-1, 1:-1] = height
    corner[2, :, 1:-1, 1:-1] = height * (r / rest + (a * b * (1 + r**2) - r * (a**2 + b**2)) / rest**2)
    probability, slope, curvature = (
        corner[..., 1:, 1:] - corner[..., :-1, 1:] - corner[..., 1:, :-1] + corner[..., :-1, :-1]
    )
    real = _real(first)[:, :, None] & _real(second)[:, None, :]
    return _Rectangles(
        np.where(real, np.maximum(probability, _TINY), 1.0), np.where(real, slope, 0.0), curvature * real
    )


def _cross(
    weighted: np.ndarray, probability: np.ndarray, first: np.ndarray, second: np.ndarray, rho: np.ndarray
) -> np.ndarray:
    """Return sums over cells of `weighted` times ∂log π/∂τ (k, 2, C − 1)."""
    spread = np.sqrt(1 - rho**2)[:, None, None]
    ratio = weighted / probability

    def side(own: np.ndarray, other: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        tau = own[:, 1:-1, None]
        height = np.exp(-(tau**2) / 2) / np.sqrt(2 * np.pi)
        slope = height * np.diff(ndtr((other[:, None, :] - rho[:, None, None] * tau) / spread), axis=2)
        return np.sum(slope * (ratio[:, :-1] - ratio[:, 1:]), axis=2)

    return np.stack([side(first, second, ratio), side(second, first, ratio.transpose(0, 2, 1))], axis=1)


def _start(counts: np.ndarray) -> np.ndarray:
    """Return Pearson correlations of the codes, stretched a little for what the categories lose."""
    total = counts.sum(axis=(1, 2))
    code = np.arange(counts.shape[1])
    rows, columns = counts.sum(axis=2) / total[:, None], counts.sum(axis=1) / total[:, None]
    x, y = rows @ code, columns @ code
    spread = np.sqrt((rows @ code**2 - x**2) * (columns @ code**2 - y**2))
    product = np.einsum("kij,i,j->k", counts, code, code) / total
    return np.clip(1.1 * (product - x * y) / spread, -0.9, 0.9)


def _fill_fourfold(counts: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Add ½ to the empty cell of a 2 × 2 table, keeping its margins.

    Brown & Benedetti (1977), https://doi.org/10.1007/BF02293810.
    """
    fourfold = (_real(first).sum(axis=1) == 2) & (_real(second).sum(axis=1) == 2)
    block = counts[:, :2, :2]
    empty = (block == 0) & fourfold[:, None, None]
    if not empty.any():
        return counts
    diagonal = (empty[:, 0, 0] | empty[:, 1, 1]).astype(float)
    other = (empty[:, 0, 1] | empty[:, 1, 0]).astype(float)
    shift = 0.5 * (diagonal - other)
    result = counts.astype(float)
    result[:, :2, :2] += shift[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return result


def check_bounds(rho: np.ndarray, names: Sequence[tuple[str, str]], where: Sequence[Remark] = ()) -> None:
    """Raise if a correlation went to its bound: the table has no cell that contradicts a perfect relation."""
    extreme = np.abs(rho) > _BOUND - 1e-6
    if extreme.any():
        pairs = [remark("pair", a=a, b=b) for (a, b), e in zip(names, extreme, strict=True) if e]
        raise CategoryError(
            remark("perfect_correlation", pairs=pairs, where=list(where)),
            "Drop one of the two, or merge sparse categories.",
        )
