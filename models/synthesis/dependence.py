"""Several effects of one data set: correlated and hierarchical effects with cluster-robust CR2 standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import stdtr, stdtrit

from models.choices import choices
from models.messages.summary import Summarised
from models.synthesis import heterogeneity


@dataclass(frozen=True, repr=False)
class DependentEffects(Summarised):
    """A mean over effects of which several come from one data set.

    Attributes
    ----------
    estimate, se, df, pvalue, ci_lower, ci_upper : float
        The mean with its CR2 standard error and Satterthwaite degrees of freedom.
    tau2 : float
        Variance between data sets.
    omega2 : float
        Variance between effects within a data set.
    k, sets : int
        Numbers of effects and of data sets.
    """

    estimate: float
    se: float
    df: float
    pvalue: float
    ci_lower: float
    ci_upper: float
    tau2: float
    omega2: float
    k: int
    sets: int


def dependent_effects(
    estimates: np.ndarray,
    variances: np.ndarray,
    sets: np.ndarray,
    *,
    rho: float = 0.6,
    level: float = choices.confidence,
) -> DependentEffects:
    r"""Pool effects that are nested in data sets.

    Working model :math:`y_{ij} = \mu + u_j + w_{ij} + e_{ij}` with sampling errors of one set correlated by `rho`; the
    standard error does not rest on it.

    Parameters
    ----------
    estimates, variances : ndarray (k,)
        Effects and their squared standard errors.
    sets : array (k,)
        The data set that each effect comes from.
    rho : float
        Correlation of sampling errors within a set that the weights assume.
    level : float
        Coverage of the interval.

    Returns
    -------
    DependentEffects
        The mean with its robust error, degrees of freedom and interval, and the variances between and within sets.

    Raises
    ------
    SynthesisError
        For fewer than three effects or two data sets, or another number of sets than of effects.

    Notes
    -----
    Pustejovsky & Tipton (2022), https://doi.org/10.1007/s11121-021-01246-3; CR2: Pustejovsky & Tipton (2018),
    https://doi.org/10.1080/07350015.2016.1247004.

    Examples
    --------
    >>> from models import synthesis
    >>> pooled = synthesis.dependent_effects(
    ...     [0.21, 0.25, 0.35, 0.12, 0.44], [0.01, 0.01, 0.01, 0.02, 0.02], ["a", "a", "b", "c", "d"]
    ... )
    >>> round(pooled.estimate, 3), round(pooled.se, 3), round(pooled.df, 1)
    (0.282, 0.052, 2.5)
    """
    y, v = heterogeneity.checked(estimates, variances, least=3)
    sets = np.asarray(sets)
    heterogeneity.check_of_each("data sets", len(sets), len(y))
    heterogeneity.check_level(level)
    order = np.argsort(sets, kind="stable")
    y, v, sets = y[order], v[order], sets[order]
    blocks = [np.flatnonzero(sets == one) for one in dict.fromkeys(sets.tolist())]
    heterogeneity.checked(np.zeros(len(blocks)), np.ones(len(blocks)), least=2)
    errors = [_errors(v[at], rho) for at in blocks]

    def deviance(log_variances: np.ndarray) -> float:
        inverses = _inverses(errors, *np.exp(log_variances))
        logdet = -sum(np.linalg.slogdet(inverse)[1] for inverse in inverses)
        weight = sum(inverse.sum() for inverse in inverses)
        mean = sum(inverse.sum(axis=0) @ y[at] for inverse, at in zip(inverses, blocks, strict=True)) / weight
        parts = zip(inverses, blocks, strict=True)
        return float(logdet + np.log(weight) + sum((y[at] - mean) @ inverse @ (y[at] - mean) for inverse, at in parts))

    start = np.log(np.full(2, max(float(np.var(y)), 1e-6) / 2))
    tight = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
    found = minimize(deviance, start, method="Nelder-Mead", options=tight, bounds=[(-35, 10), (-35, 10)])
    tau2, omega2 = (float(value) if value > 1e-12 else 0.0 for value in np.exp(found.x))
    inverses = _inverses(errors, tau2, omega2)
    weight = float(sum(inverse.sum() for inverse in inverses))
    parts = zip(inverses, blocks, strict=True)
    mean = float(sum(inverse.sum(axis=0) @ y[at] for inverse, at in parts) / weight)
    se, df = _cr2(y - mean, blocks, inverses, weight)
    reach = float(stdtrit(df, (1 + level) / 2)) * se
    pvalue = float(2 * stdtr(df, -abs(mean / se)))
    return DependentEffects(mean, se, df, pvalue, mean - reach, mean + reach, tau2, omega2, len(y), len(blocks))


def _errors(v: np.ndarray, rho: float) -> np.ndarray:
    """Covariance of the sampling errors of one set."""
    s = np.sqrt(v)
    return rho * np.outer(s, s) + (1 - rho) * np.diag(v)


def _inverses(errors: list[np.ndarray], tau2: float, omega2: float) -> list[np.ndarray]:
    return [np.linalg.inv(V + tau2 + omega2 * np.eye(len(V))) for V in errors]


def _cr2(
    residuals: np.ndarray, blocks: list[np.ndarray], inverses: list[np.ndarray], weight: float
) -> tuple[float, float]:
    """Compute the standard error of a mean by CR2 and its Satterthwaite degrees of freedom under the working model."""
    k = len(residuals)
    rows = []  # g_j: the mean's standard error is √Σ (g_j' e)²
    for inverse, at in zip(inverses, blocks, strict=True):
        Phi = np.linalg.inv(inverse)
        D = np.linalg.cholesky(Phi).T
        n = len(at)
        B = D @ (Phi - np.full((n, n), 1 / weight)) @ D.T
        values, vectors = np.linalg.eigh(B)
        kept = values > 1e-10 * values.max()
        root = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
        A = D.T @ root @ D
        row = np.zeros(k)
        row[at] = inverse.sum(axis=0) @ A / weight
        rows.append(row)
    G = np.array(rows)
    se = float(np.sqrt(np.sum((G @ residuals) ** 2)))
    Phi = np.zeros((k, k))
    for inverse, at in zip(inverses, blocks, strict=True):
        Phi[np.ix_(at, at)] = np.linalg.inv(inverse)
    # Var of (I − H) e under the working model is Φ − X M X' for weights W = Φ⁻¹.
    Omega = G @ (Phi - 1 / weight) @ G.T
    return se, float(np.trace(Omega) ** 2 / np.sum(Omega**2))
