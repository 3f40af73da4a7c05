"""Factors, inverses and solutions of symmetric matrices; None where they are not positive definite."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from models.remarks import remark
from models.sem.errors import ConvergenceError

# Parameters from which on it pays to look for blocks.
_LARGE = 200
# Share of entries other than zero below which it pays to pass over the others.
_FEW = 0.05


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


def power(matrix: np.ndarray, exponent: float) -> np.ndarray:
    """Raise a symmetric positive definite matrix to a power."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """Solve with a positive definite matrix, equilibrated; None if it is not positive definite."""
    parts = blocks(matrix) if len(matrix) >= _LARGE else []
    if len(parts) < 2:
        return _solve(matrix, right)
    result = np.empty_like(right)
    for part in parts:
        solution = _solve(matrix[np.ix_(part, part)], right[part])
        if solution is None:
            return None
        result[part] = solution
    return result


def solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve with a symmetric matrix that is positive definite but for rounding."""
    result = _solve(matrix, right)
    return np.linalg.solve(matrix, right) if result is None else result


def _solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray | None:
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


def no_flat_direction(matrix: np.ndarray, share: float) -> bool:
    """Return whether surely every eigenvalue is above a share of the largest one (and of 1): a factorisation tells.

    The largest row sum bounds the eigenvalues; False where the bound does not decide.
    """
    largest = max(float(np.abs(matrix).sum(axis=1).max(initial=0.0)), 1.0)
    shifted = matrix.copy()
    shifted.flat[:: len(matrix) + 1] -= share * largest
    return cholesky(shifted) is not None


def blocks(*matrices: np.ndarray) -> list[np.ndarray]:
    """Return the places that large symmetric matrices connect: groups without a common parameter are apart."""
    size = len(matrices[0])
    if size < _LARGE:
        return [np.arange(size)]
    n, label = connected_components(sum(csr_array(matrix != 0) for matrix in matrices), directed=False)
    return [np.flatnonzero(label == k) for k in range(n)]


def restrict(matrix: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Return K' M K for a symmetric M, cheaply where K is the identity or has few entries."""
    if is_identity(K):
        return matrix
    q = len(K)
    if q < 100 or np.count_nonzero(K) > 2 * q:
        return K.T @ matrix @ K
    few = csr_array(K.T)
    return few @ (few @ matrix).T


def thinned(matrix: np.ndarray) -> np.ndarray | csr_array:
    """Return the matrix, as a sparse one where few of its entries are not zero."""
    return csr_array(matrix) if np.count_nonzero(matrix) < _FEW * matrix.size else matrix


def is_identity(K: np.ndarray) -> bool:
    """Return whether nothing restricts θ = K φ."""
    q, r = K.shape
    return q == r and np.count_nonzero(K) == q and bool((K.diagonal() == 1).all())


def between(left: np.ndarray, matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return L' M R, cheaply where L and R have few entries."""
    if len(matrix) < 100 or not (one_a_row(left) and one_a_row(right)):
        return left.T @ matrix @ right
    return csr_array(left.T) @ (csr_array(right.T) @ matrix.T).T


def in_parameters(rows: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Return C K⁺, restrictions C of φ as restrictions of θ = K φ."""
    if one_a_row(K):
        return (csr_array(K) @ (rows / np.einsum("ij,ij->j", K, K)).T).T
    return rows @ np.linalg.solve(K.T @ K, K.T)


def one_a_row(K: np.ndarray) -> bool:
    """Return whether every parameter θ = K φ follows from one φ at most, as equal labels have it."""
    return bool(np.count_nonzero(K, axis=1).max(initial=0) <= 1)
