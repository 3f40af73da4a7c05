"""Named small-sample conventions of cluster-robust errors: what each package multiplies the sandwich by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.panel.engine.design import FloatArray
from models.panel.engine.keys import IntArray


@dataclass(frozen=True)
class Convention:
    """A small-sample convention.

    ``formula`` is the factor on the plain sandwich (N rows, k slopes, G clusters), ``reference`` the t distribution's
    degrees of freedom, ``options`` what linearmodels calls the same thing.
    """

    formula: str
    reference: str
    options: dict[str, bool]


CONVENTIONS = {
    "stata": Convention("G/(G-1) * (N-1)/(N-k)", "G-1", {"debiased": True, "group_debias": True}),
    "hc0": Convention("1", "normal", {"debiased": False, "group_debias": False}),
    "hc1": Convention("N/(N-k)", "N-k", {"debiased": True, "group_debias": False}),
    "linearmodels": Convention("N/(N-k-effects not nested in clusters)", "N-k-effects", {}),
    "classical": Convention("s2 = RSS/(N-k-effects), no clusters", "N-k-effects", {}),
    "driscoll-kraay": Convention("1 (Bartlett weights over periods)", "T-1", {"debiased": False}),
}


def cluster_factor(se_type: str, nobs: int, k: int, n_clusters: int) -> float:
    """Factor on the plain one-way sandwich for the conventions with a closed form."""
    if se_type == "stata":
        return n_clusters / (n_clusters - 1) * (nobs - 1) / (nobs - k)
    if se_type == "hc1":
        return nobs / (nobs - k)
    return 1.0


def cluster_sums(scores: FloatArray, codes: IntArray, n: int | None = None) -> FloatArray:
    """Scores x̃u (M, k) summed within clusters (G, k)."""
    n = int(codes.max()) + 1 if n is None else n
    return np.column_stack([np.bincount(codes, column, minlength=n) for column in scores.T])


def intersection(clusters: IntArray) -> IntArray:
    """Codes of the distinct combinations of cluster columns (M, c)."""
    return np.unique(clusters, axis=0, return_inverse=True)[1].reshape(-1)


def cluster_meats(clusters: IntArray) -> list[tuple[int, IntArray]]:
    """List the (sign, codes) whose one-way meats add up to the clustered meat (Cameron, Gelbach & Miller 2011).

    doi:10.1198/jbes.2010.07136
    """
    codes = [np.unique(column, return_inverse=True)[1] for column in clusters.T]
    if len(codes) == 1:
        return [(1, codes[0])]
    return [(1, codes[0]), (1, codes[1]), (-1, intersection(clusters))]


def sandwich(x: FloatArray, u: FloatArray, clusters: IntArray, se_type: str) -> FloatArray:
    r"""Cluster-robust covariance :math:`f (X'X)^{-1} (\sum_g s_g s_g') (X'X)^{-1}` of least squares on ``x`` (M, k)."""
    bread = np.linalg.inv(x.T @ x)
    meat = np.zeros_like(bread)
    for sign, codes in cluster_meats(clusters):
        sums = cluster_sums(x * u[:, None], codes)
        factor = cluster_factor(se_type, len(x), x.shape[1], len(sums))
        meat = meat + sign * factor * sums.T @ sums
    return bread @ meat @ bread
