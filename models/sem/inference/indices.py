r"""Fit indices.

CFI: Bentler (1990, https://doi.org/10.1037/0033-2909.107.2.238). TLI: Tucker & Lewis (1973,
https://doi.org/10.1007/BF02291170). RMSEA, its interval and close-fit test: Steiger & Lind (1980), Browne & Cudeck
(1992, https://doi.org/10.1177/0049124192021002005), times √G for G groups (Steiger 1998,
https://doi.org/10.1080/10705519809540115). SRMR: Bentler (1995). BIC adjusted for sample size: Sclove (1987,
https://doi.org/10.1007/BF02294360).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.choices import choices
from models.sem.model.matrices import Structure, implied
from models.sem.objective.missing import saturated_deviance
from models.sem.samples.sample import GroupSample, Sample
from models.statistics.distributions import chi2_sf, noncentral_cdf, noncentrality


@dataclass(frozen=True)
class ChiSquare:
    """A test of the model against the unrestricted one."""

    statistic: float
    df: int

    @property
    def pvalue(self) -> float:
        """Upper tail probability (NaN with no degree of freedom)."""
        return float(chi2_sf(self.statistic, self.df))


def saturated_logl(group: GroupSample, covariates: list[int]) -> float:
    """Return the log-likelihood of the unrestricted model, given the covariates (which nobody left unanswered)."""

    def joint(index: list[int]) -> float:
        if not index:
            return 0.0
        logdet = np.linalg.slogdet(group.cov[np.ix_(index, index)])[1]
        return -group.n / 2 * (len(index) * (np.log(2 * np.pi) + 1) + logdet)

    if group.complete:
        return float(joint(list(range(len(group.cov)))) - joint(covariates))
    answers = int((~np.isnan(group.data)).sum())  # type: ignore[arg-type]
    return float(-(answers * np.log(2 * np.pi) + saturated_deviance(group)) / 2 - joint(covariates))


def incremental(model: ChiSquare, baseline: ChiSquare) -> dict[str, float]:
    """Return CFI, TLI and relatives from two tests; NaN where a baseline without misfit leaves them undefined."""
    x, df, b, db = model.statistic, model.df, baseline.statistic, baseline.df
    worst = max(x - df, b - db, 0.0)
    cfi = 1.0 if worst == 0 else 1 - max(x - df, 0.0) / worst
    if df == 0:
        tli = 1.0
    elif db == 0 or b / db == 1:
        tli = np.nan
    else:
        tli = (b / db - x / df) / (b / db - 1)
    return {
        "cfi": cfi,
        "tli": tli,
        "nnfi": tli,
        "rfi": 1.0 if df == 0 else (b / db - x / df) / (b / db) if b > 0 else np.nan,
        "nfi": (b - x) / b if b > 0 else np.nan,
        "ifi": (b - x) / (b - df) if b != df else np.nan,
        "rni": 1.0 if b == db else ((b - db) - (x - df)) / (b - db),
    }


def rmsea(
    statistic: float,
    df: float,
    n: int,
    groups: int,
    centre: float | None = None,
    test: float | None = None,
    interval: float = 1.0,
) -> dict[str, float]:
    """Return RMSEA, its interval (each end a bound at `choices.confidence`), tests of RMSEA ≤ .05 and ≥ .08.

    Parameters
    ----------
    centre
        Expectation of the statistic in a true model (df unless corrected).
    test, interval
        For robust versions: the statistic that is χ² distributed, and the factor on its noncentrality.
    """
    names = ("rmsea", "rmsea_ci_lower", "rmsea_ci_upper", "rmsea_pvalue", "rmsea_notclose_pvalue")
    test = statistic if test is None else test
    if df == 0 or not np.isfinite(test):
        return dict(zip(names, (0.0, 0.0, 0.0, np.nan, np.nan), strict=True))
    if df < 0 or interval < 0:  # a scaling below zero, of answers that hardly tell their moments, corrects nothing
        return dict.fromkeys(names, np.nan)

    def index(noncentrality: float) -> float:
        return float(np.sqrt(max(noncentrality, 0.0) * groups / (n * df)))

    def at(bound: float) -> float:
        return n * df * bound**2 / groups / interval

    values = (
        index(statistic - (df if centre is None else centre)),
        index(noncentrality(test, df, choices.confidence) * interval),
        index(noncentrality(test, df, 1 - choices.confidence) * interval),
        1 - float(noncentral_cdf(test, df, at(0.05))),
        float(noncentral_cdf(test, df, at(0.08))),
    )
    return dict(zip(names, values, strict=True))


def srmr(matrices: Structure, sample: Sample, theta: np.ndarray, means: bool = True) -> float:
    """Return the root mean square of standardised residuals, means included where the model has them.

    With ordered items only covariances count, as in lavaan. Without `means` it is lavaan's ``srmr_bentler_nomean``,
    which is on one scale whether or not the model has means, as it has where answers are missing.
    """
    total = 0.0
    for cells, group in zip(matrices.groups, sample.groups, strict=True):
        state = implied(cells, theta)
        spread = np.sqrt(np.diag(group.cov))
        lower = np.tril_indices(len(spread))
        residuals = ((group.cov - state.sigma) / np.outer(spread, spread))[lower]
        if means and matrices.meanstructure and not sample.is_ordinal:
            residuals = np.concatenate([residuals, (group.mean - state.mu) / spread])
        total += group.n / sample.n * np.sqrt(np.mean(residuals**2))
    return float(total)


def information_criteria(logl: float, npar: int, n: int) -> dict[str, float]:
    """Return AIC, BIC and the BIC adjusted for sample size."""
    return {
        "aic": -2 * logl + 2 * npar,
        "bic": -2 * logl + npar * float(np.log(n)),
        "bic2": -2 * logl + npar * float(np.log((n + 2) / 24)),
    }
