"""Between-set variance τ² of a meta-regression by restricted maximum likelihood, its interval, Cochran's Q."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from models.remarks import remark
from models.synthesis.errors import SynthesisError


@dataclass(frozen=True, eq=False)
class Weighted:
    """Least squares with weights 1 / (v + τ²).

    Attributes
    ----------
    coefficients : ndarray (p,)
    covariance : ndarray (p, p)
        (X'WX)⁻¹.
    projected : ndarray (k,)
        Py with P = W − WX(X'WX)⁻¹X'W.
    trace : float
        Trace of P.
    q : float
        Weighted residual sum of squares y'Py.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    projected: np.ndarray
    trace: float
    q: float


def weighted(y: np.ndarray, v: np.ndarray, X: np.ndarray, tau2: float) -> Weighted:
    """Weighted least squares at a given τ²."""
    w = 1 / (v + tau2)
    XW = X.T * w
    covariance = np.linalg.inv(XW @ X)
    coefficients = covariance @ (XW @ y)
    residuals = y - X @ coefficients
    trace = float(w.sum() - np.sum(covariance * (XW @ XW.T)))
    return Weighted(coefficients, covariance, w * residuals, trace, float(w @ residuals**2))


def restricted_likelihood(y: np.ndarray, v: np.ndarray, X: np.ndarray) -> float:
    r"""τ² by restricted maximum likelihood, at least zero.

    Root of the score :math:`y'PPy - \mathrm{tr}(P)`; of several maxima the highest (Viechtbauer 2005,
    https://doi.org/10.3102/10769986030003261).
    """

    def score(tau2: float) -> float:
        at = weighted(y, v, X, tau2)
        return float(at.projected @ at.projected - at.trace)

    def likelihood(tau2: float) -> float:
        at = weighted(y, v, X, tau2)
        return float(-0.5 * (np.sum(np.log(v + tau2)) - np.linalg.slogdet(at.covariance)[1] + at.q))

    top = 10 * float(np.var(y, ddof=1) + np.max(v)) if len(y) > 1 else 1.0
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-6, top, 60)])
    scores = np.array([score(tau2) for tau2 in grid])
    turns = np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    maxima = [brentq(score, grid[at], grid[at + 1], xtol=1e-15, rtol=1e-14) for at in turns]
    return max([0.0, *maxima] if scores[0] <= 0 else maxima, key=likelihood)


def q_profile(y: np.ndarray, v: np.ndarray, X: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of τ² whose ends put the generalised Q at the quantiles of its χ² distribution.

    Viechtbauer (2007), https://doi.org/10.1002/sim.2514.
    """
    df = len(y) - X.shape[1]
    tails = (1 - level) / 2, (1 + level) / 2
    lower, upper = (_at(y, v, X, float(chdtri(df, tail))) for tail in tails)
    return lower, upper


def _at(y: np.ndarray, v: np.ndarray, X: np.ndarray, quantile: float) -> float:
    if weighted(y, v, X, 0.0).q <= quantile:
        return 0.0
    top = float(np.var(y) + np.max(v))
    while weighted(y, v, X, top).q > quantile:
        top *= 2
    return brentq(lambda tau2: weighted(y, v, X, tau2).q - quantile, 0.0, top, xtol=1e-15, rtol=1e-14)


def cochran(y: np.ndarray, v: np.ndarray, X: np.ndarray) -> tuple[float, int, float]:
    """Cochran's Q of homogeneity: statistic, degrees of freedom, p-value (Cochran 1954)."""
    df = len(y) - X.shape[1]
    q = weighted(y, v, X, 0.0).q
    return q, df, float(chdtrc(df, q)) if df else 1.0


def typical_variance(v: np.ndarray, X: np.ndarray) -> float:
    """Return the sampling variance I² compares τ² with (Higgins & Thompson 2002, https://doi.org/10.1002/sim.1186)."""
    at = weighted(np.zeros(len(v)), v, X, 0.0)
    return float((len(v) - X.shape[1]) / at.trace)


def check_level(level: float) -> None:
    """Raise SynthesisError unless the coverage of an interval is a share."""
    if not 0 < level < 1:
        raise SynthesisError(f"level={level!r}: expected a share between 0 and 1, such as 0.95")


def check_of_each(what: str, number: int, effects: int) -> None:
    """Raise SynthesisError unless there is one of what is named for each effect."""
    if number != effects:
        raise SynthesisError(f"there are {number} {what} for {effects} effects; expected one for each")


def checked(estimates: np.ndarray, variances: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Effects and their sampling variances as vectors.

    Raises
    ------
    SynthesisError
        For unequal lengths, fewer than `least` effects, effects that are no numbers or variances that are not positive.
    """
    y, v = np.asarray(estimates, float), np.asarray(variances, float)
    if y.shape != v.shape or y.ndim != 1:
        raise SynthesisError(remark("unequal_lengths", estimates=y.size, variances=v.size))
    if len(y) < least:
        raise SynthesisError(remark("too_few_effects", n=len(y), least=least))
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise SynthesisError(remark("no_effect_or_variance"))
    return y, v
