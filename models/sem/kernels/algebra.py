"""Dense linear algebra of the kernels: small symmetric matrices, nothing allocated."""

from __future__ import annotations

import numpy as np

from models.sem.kernels.numba_options import compiled

_PIVOT = 1e-14
FLAT = 1e-8


@compiled
def invert(C, R, T, W, p):  # type: ignore[no-untyped-def]
    """Fill W[:p, :p] with the inverse of C[:p, :p] by Cholesky; return log|C|, ∞ if it is not positive definite."""
    logdet = 0.0
    for i in range(p):
        for j in range(i):
            x = C[i, j]
            for k in range(j):
                x -= R[i, k] * R[j, k]
            R[i, j] = x / R[j, j]
        x = C[i, i]
        for k in range(i):
            x -= R[i, k] * R[i, k]
        if not x > 0 or not np.isfinite(x):
            return np.inf
        R[i, i] = np.sqrt(x)
        logdet += np.log(x)
    for i in range(p):
        for j in range(p):
            T[i, j] = W[i, j] = 0.0
    for i in range(p):
        for k in range(i):
            x = R[i, k]
            for j in range(k + 1):
                T[i, j] -= x * T[k, j]
        for j in range(i):
            T[i, j] /= R[i, i]
        T[i, i] = 1 / R[i, i]
    for k in range(p):
        for i in range(k + 1):
            x = T[k, i]
            for j in range(i + 1):
                W[i, j] += x * T[k, j]
    for i in range(p):
        for j in range(i):
            W[j, i] = W[i, j]
    return logdet


@compiled
def semidefinite(M, first, last, R):  # type: ignore[no-untyped-def]
    """Return whether a block of M is positive semidefinite as a correlation matrix; variances ≤ 0 are left out."""
    for i in range(first, last):
        x = M[i, i] * (1 + FLAT)
        for j in range(first, i):
            y = M[i, j]
            for k in range(first, j):
                y -= R[i, k] * R[j, k]
            R[i, j] = y / R[j, j]
            x -= R[i, j] * R[i, j]
        if M[i, i] > 0 and not x > 0:
            return False
        R[i, i] = np.sqrt(x) if M[i, i] > 0 else np.inf
    return True


@compiled
def assign(x, y):  # type: ignore[no-untyped-def]
    """Copy y into x."""
    for k in range(len(x)):
        x[k] = y[k]


@compiled
def clear(M):  # type: ignore[no-untyped-def]
    """Fill M with zeros."""
    for i in range(M.shape[0]):
        for j in range(M.shape[1]):
            M[i, j] = 0.0


@compiled
def multiply(X, Y, out):  # type: ignore[no-untyped-def]
    """Fill out = X Y."""
    clear(out)
    for i in range(X.shape[0]):
        for k in range(X.shape[1]):
            x = X[i, k]
            for j in range(Y.shape[1]):
                out[i, j] += x * Y[k, j]


@compiled
def border(X, B, XB, out):  # type: ignore[no-untyped-def]
    """Fill out = [I B]' X [I B]."""
    p, nb = B.shape
    multiply(X, B, XB)
    clear(out)
    for i in range(p):
        for j in range(p):
            out[i, j] = X[i, j]
        for k in range(nb):
            out[i, p + k] = out[p + k, i] = XB[i, k]
            x = B[i, k]
            for j in range(nb):
                out[p + k, p + j] += x * XB[i, j]


@compiled
def eliminate(M, r, n, diagonal):  # type: ignore[no-untyped-def]
    """Factor the first r columns of the lower triangle of M (n, n) in place; the rest becomes the Schur complement."""
    for i in range(n):
        for j in range(min(i, r)):
            x = M[i, j]
            for k in range(j):
                x -= M[i, k] * M[j, k]
            M[i, j] = x / M[j, j]
        if i < r:
            x = M[i, i]
            for k in range(i):
                x -= M[i, k] * M[i, k]
            if not x > _PIVOT * diagonal[i]:
                return False
            M[i, i] = np.sqrt(x)
        else:
            for j in range(r, i + 1):
                x = M[i, j]
                for k in range(r):
                    x -= M[i, k] * M[j, k]
                M[i, j] = x
    return True
