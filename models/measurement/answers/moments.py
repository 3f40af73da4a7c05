"""Mean and covariance of answers with gaps, and how far each respondent lies from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_RIDGE = 1e-10
_EPSILON = np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class NormalMoments:
    """Maximum-likelihood moments of a multivariate normal.

    Attributes
    ----------
    mean : array (p,)
    covariance : array (p, p)
        Divisor n.
    iterations : int
        EM steps; 0 when nothing is missing.
    """

    mean: np.ndarray
    covariance: np.ndarray
    iterations: int


def patterns(x: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (rows, answered columns) for every pattern of missing answers with at least one answer."""
    shapes, member = np.unique(np.isfinite(x), axis=0, return_inverse=True)
    for k, shape in enumerate(shapes):
        if shape.any():
            yield np.flatnonzero(member.ravel() == k), np.flatnonzero(shape)


def normal_moments(x: np.ndarray, tolerance: float = 1e-8, max_iterations: int = 2000) -> NormalMoments:
    r"""Estimate mean and covariance from all answers, missing at random allowed, by EM.

    Parameters
    ----------
    x : array (n, p)
        NaN where missing; every column needs at least one answer.
    tolerance : float
        Largest change of a standardised moment at which EM stops.

    Notes
    -----
    With :math:`K=\Sigma^{-1}`, missing answers are expected at :math:`\mu_h-K_{hh}^{-1}K_{ho}(x_o-\mu_o)` with
    covariance :math:`K_{hh}^{-1}`: one large inverse a step and one small a pattern.

    References
    ----------
    Little & Rubin (2019), Statistical Analysis with Missing Data, 3rd ed., §11.2, doi:10.1002/9781119482260.
    """
    x = x[np.isfinite(x).any(axis=1)]
    n, p = x.shape
    mean, sd = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    sd = np.where(sd > 0, sd, 1.0)
    z = (x - mean) / sd
    if np.isfinite(z).all():
        return NormalMoments(mean, np.cov(x, rowvar=False, bias=True).reshape(p, p), 0)
    groups = [(rows, np.setdiff1d(np.arange(p), seen)) for rows, seen in patterns(z)]
    filled = np.where(np.isfinite(z), z, 0.0)
    mu, sigma = np.zeros(p), np.eye(p)
    for iteration in range(1, max_iterations + 1):  # noqa: B007
        precision = np.linalg.inv(sigma + _RIDGE * np.eye(p))
        uncertainty = np.zeros((p, p))
        for rows, hidden in groups:
            if len(hidden):
                remaining = np.linalg.inv(precision[np.ix_(hidden, hidden)])
                filled[np.ix_(rows, hidden)] = mu[hidden]
                pull = (filled[rows] - mu) @ precision[:, hidden]
                filled[np.ix_(rows, hidden)] -= pull @ remaining
                uncertainty[np.ix_(hidden, hidden)] += len(rows) * remaining
        total, cross = filled.sum(axis=0), filled.T @ filled + uncertainty
        new_mu = total / n
        new_sigma = cross / n - np.outer(new_mu, new_mu)
        change = max(np.abs(new_mu - mu).max(), np.abs(new_sigma - sigma).max())
        mu, sigma = new_mu, (new_sigma + new_sigma.T) / 2
        if change < tolerance:
            break
    return NormalMoments(mean + sd * mu, sigma * np.outer(sd, sd), iteration)


def mahalanobis(x: np.ndarray, moments: NormalMoments) -> tuple[np.ndarray, np.ndarray]:
    r"""Squared Mahalanobis distance of each row's answered part.

    Returns
    -------
    distance : array (n,)
        :math:`(x-\mu)'\Sigma^{-1}(x-\mu)` over the answered items; NaN for an empty row.
    answered : array (n,)
        Number of answers, the degrees of freedom of the distance.
    """
    distance = np.full(len(x), np.nan)
    for rows, seen in patterns(x):
        sigma = moments.covariance[np.ix_(seen, seen)]
        difference = x[np.ix_(rows, seen)] - moments.mean[seen]
        distance[rows] = (
            difference @ np.linalg.pinv(sigma, rcond=len(seen) * _EPSILON, hermitian=True) * difference
        ).sum(axis=1)
    return distance, np.isfinite(x).sum(axis=1)
