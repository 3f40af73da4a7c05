"""Factors, inverses and solutions of symmetric matrices; None where they are not positive definite."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_solve

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
    scale = 1 / np.sqrt(np.abs(np.diag(matrix)))
    try:
        result = np.linalg.inv(matrix * np.outer(scale, scale)) * np.outer(scale, scale)
    except np.linalg.LinAlgError as error:
        raise ConvergenceError(
            remark("implied_singular"),
            "Free the residual variances (auto=True does), or give starting values with start().",
        ) from error
    return (result + result.T) / 2


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """Solve with a positive definite matrix, equilibrated; None if it is not positive definite."""
    diagonal = np.diag(matrix)
    if not (diagonal > 0).all():
        return None
    scale = 1 / np.sqrt(diagonal)
    factor = cholesky(matrix * np.outer(scale, scale))
    if factor is None or np.diag(factor).min(initial=1.0) < 1e-7:
        return None
    scale = scale if right.ndim == 1 else scale[:, None]
    return cho_solve((factor, True), right * scale, check_finite=False) * scale
