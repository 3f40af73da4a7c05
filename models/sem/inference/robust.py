r"""Standard errors and tests that hold when answers are not normal or respondents not independent.

Huber–White sandwich: White (1982, https://doi.org/10.2307/1912526); the test of Yuan & Bentler (2000,
https://doi.org/10.1111/0081-1750.00078) in the form of Mplus (Asparouhov & Muthén 2005). Satorra & Bentler (1994): mean
scaled test and sandwich; scaled and shifted test: Asparouhov & Muthén (2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.inference.scores import casewise_scores, cluster_sums, meat
from models.sem.inference.unrestricted import moment_spaces
from models.sem.model.linear_algebra import blocks, restrict, solved
from models.sem.model.linear_algebra import inverse as inverse_of
from models.sem.model.matrices import implied
from models.sem.solving.estimate import Task
from models.statistics.distributions import chi2_sf


@dataclass(frozen=True)
class ScaledTest:
    """A corrected test: ``statistic = uncorrected / scaling + shift``.

    Attributes
    ----------
    mean_scaling
        The factor that corrects the mean alone, tr(UΓ) / df; the robust indices use it.
    shifted
        Whether the variance is corrected as well.
    """

    statistic: float
    df: int
    scaling: float
    shift: float
    mean_scaling: float
    shifted: bool
    scaling_h0: float = np.nan
    scaling_h1: float = np.nan

    @property
    def pvalue(self) -> float:
        """Upper tail probability (NaN with no degree of freedom)."""
        return float(chi2_sf(self.statistic, self.df))


def bread(information: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return Z (Z'HZ)⁻¹ Z': the inverse information within the constraints (q, q)."""
    reduced = restrict(information, basis)
    scale = 1 / np.sqrt(np.abs(np.diag(reduced)))
    equilibrated, inverse = reduced * np.outer(scale, scale), np.zeros_like(reduced)
    for part in blocks(reduced):
        inside = np.ix_(part, part)
        inverse[inside] = np.linalg.inv(equilibrated[inside])
    inverse *= np.outer(scale, scale)
    return restrict((inverse + inverse.T) / 2, basis.T)


def sandwich(task: Task, theta: np.ndarray, inverse: np.ndarray, about_sample: bool) -> np.ndarray:
    """Return the robust unit covariance matrix of the parameters (q, q); `inverse` is the bread."""
    return inverse @ meat(task, casewise_scores(task, theta, about_sample)) @ inverse


def yuan_bentler(
    task: Task, theta: np.ndarray, inverse: np.ndarray, statistic: float, df: int, npar: int
) -> ScaledTest:
    """Return the test scaled by (p₁c₁ − p₀c₀) / df, where pc is the trace of meat times bread."""
    h0 = float(np.sum(inverse * meat(task, casewise_scores(task, theta))))
    h1, size = unrestricted_trace(task, theta)
    scaling = (h1 - h0) / df if df > 0 else np.nan
    return ScaledTest(statistic / scaling, df, scaling, 0.0, scaling, False, h0 / npar, h1 / size)


def unrestricted_trace(task: Task, theta: np.ndarray) -> tuple[float, int]:
    """Return the trace of meat times bread of the unrestricted model, and its number of moments.

    With complete and independent answers and no fixed covariates it is Mardia's kurtosis (1970,
    https://doi.org/10.1093/biomet/57.3.519): half the mean fourth power of the Mahalanobis distance, ± p / 2.
    """
    p, means = len(task.sample.names), task.structure.meanstructure
    independent = all(group.clusters is None for group in task.sample.groups)
    if task.sample.kind == "complete" and independent and not task.fixed_covariates:
        trace = 0.0
        for group in task.sample.groups:
            y = group.data - group.mean
            distance = np.sum(y @ inverse_of(group.cov) * y, axis=1)
            trace += float(np.mean(distance**2) + (p if means else -p)) / 2
        return trace, len(task.sample.groups) * (p * (p + 1) // 2 + (p if means else 0))
    trace, size = 0.0, 0
    for space in moment_spaces(task, theta):
        if space.group.clusters is None:
            trace += float(np.sum(space.root().T * space.moved()))
        else:
            scores = cluster_sums(space.scores(), space.group.clusters, int(space.group.clusters.max()) + 1)
            trace += float(np.sum(scores.T * solved(space.saturated(), scores.T))) / space.group.n
        size += int(space.keep.sum())
    return trace, size


def satorra_bentler(
    task: Task, theta: np.ndarray, basis: np.ndarray, statistic: float, df: int, shifted: bool
) -> ScaledTest:
    """Return the test scaled by tr(UΓ) / df, or scaled and shifted to the mean and variance of χ².

    With A the weight of the moments, U = A − A∆(∆'A∆)⁻¹∆'A; the traces are taken without building U.
    """
    if df == 0:
        return ScaledTest(np.nan, 0, np.nan, 0.0, np.nan, shifted)
    inverse = bread(task.objective.hessian(theta, exact=False), basis)
    middle = meat(task, casewise_scores(task, theta, about_sample=True))
    change = inverse @ middle
    trace = sum(_weighted_trace(task, theta)) - float(np.trace(change))
    mean_scaling = trace / df
    if not shifted:
        return ScaledTest(statistic / mean_scaling, df, mean_scaling, 0.0, mean_scaling, False)
    outer, second = np.zeros_like(inverse), 0.0
    for cells, space in zip(task.structure.groups, moment_spaces(task, theta), strict=True):
        A = space.information(space.group.mean, implied(cells, theta).sigma, exact=False)
        z = space.deviations()
        gamma = z.T @ z / len(z)
        product, AD = A @ gamma, A @ space.own
        outer[space.block] += space.weight * AD.T @ gamma @ product @ AD
        second += float(np.sum(product * product.T))
    square = second - 2 * float(np.sum(inverse * outer.T)) + float(np.sum(change * change.T))
    a = np.sqrt(df / square)
    shift = df - a * trace
    return ScaledTest(a * statistic + shift, df, 1 / a, shift, mean_scaling, True)


def _weighted_trace(task: Task, theta: np.ndarray) -> list[float]:
    """Return tr(AΓ) of each group from quadratic forms: tr(A (yy')⊗(yy')) is half the squared distance squared."""
    result = []
    for cells, group in zip(task.structure.groups, task.sample.groups, strict=True):
        W = inverse_of(implied(cells, theta).sigma)
        y, x = group.data - group.mean, np.zeros(1)
        yW = y @ W
        spread = np.sum(yW * y, axis=1) ** 2
        centre = group.cov
        if task.fixed_covariates:
            x = group.explained(task.fixed_covariates)
            spread = spread - 2 * np.sum(yW * x, axis=1) ** 2 + np.sum(x @ W * x, axis=1) ** 2
            centre = centre - x.T @ x / len(x)
        trace = float(np.mean(spread) - np.sum((W @ centre) * (centre @ W))) / 2
        if task.structure.meanstructure:
            trace += float(np.mean(np.sum((y - x) @ W * (y - x), axis=1)))
        result.append(trace)
    return result
