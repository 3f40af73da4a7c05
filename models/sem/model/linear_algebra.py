"""Factors, inverses and solutions of symmetric matrices; None where they are not positive definite."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv

from models.remarks import remark
from models.sem.errors import ConvergenceError


def cholesky(matrix: np.ndarray) -> np.ndarray | None:
    """Return the lower Cholesky factor, or None if the matrix is not positive definite."""
    if not np.isfinite(matrix).all():
        return None
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Invert a symmetric matrix, equilibrated so that the units of its variables do not matter.

    Raises
    ------
    ConvergenceError
        If the matrix is singular, as that of a model whose items have no residual variances.
    """
    scale = 1 / np.sqrt(np.abs(matrix.diagonal()))
    both = scale[:, None] * scale
    try:
        result = np.linalg.inv(matrix * both) * both
    except np.linalg.LinAlgError as error:
        raise ConvergenceError(
            remark("implied_singular"),
            "Free the residual variances (auto=True does), or give starting values with start().",
        ) from error
    return (result + result.T) / 2


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """Solve with a positive definite matrix, equilibrated; None if it is not positive definite."""
    diagonal = matrix.diagonal()
    if not (diagonal > 0).all():
        return None
    if not len(diagonal):
        return right
    scale = 1 / np.sqrt(diagonal)
    across = scale if right.ndim == 1 else scale[:, None]
    factor, result, fails = dposv(matrix * scale[:, None] * scale, right * across)
    if fails or not factor.diagonal().min() >= 1e-7 or not np.isfinite(result).all():
        return None
    return result * across
