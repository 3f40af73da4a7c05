r"""Fit measures.

CFI: Bentler (1990, https://doi.org/10.1037/0033-2909.107.2.238). TLI: Tucker & Lewis (1973,
https://doi.org/10.1007/BF02291170). RMSEA, its interval and close-fit test: Steiger & Lind (1980), Browne & Cudeck (1992,
https://doi.org/10.1177/0049124192021002005), times √G for G groups (Steiger 1998,
https://doi.org/10.1080/10705519809540115). SRMR: Bentler (1995). BIC adjusted for sample size: Sclove (1987,
https://doi.org/10.1007/BF02294360).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from models.sem.matrices import Structure, implied
from models.sem.sample import GroupSample, Sample


@dataclass(frozen=True)
class ChiSquare:
    """A test of the model against the unrestricted one."""

    statistic: float
    df: int

    @property
    def pvalue(self) -> float:
        """Upper tail probability (NaN with no degree of freedom)."""
        return float(chi2.sf(self.statistic, self.df)) if self.df > 0 else np.nan


def moment_count(sample: Sample, means: bool, n_covariates: int) -> int:
    """Return the number of sample moments that the model explains; fixed covariates' own moments do not count."""

    def count(p: int) -> int:
        return p * (p + 1) // 2 + (p if means else 0)

    return len(sample.groups) * (count(len(sample.names)) - count(n_covariates))


def saturated_logl(group: GroupSample, covariates: list[int]) -> float:
    """Return the log-likelihood of the unrestricted model, given the covariates (which nobody left unanswered)."""

    def joint(index: list[int]) -> float:
        if not index:
            return 0.0
        logdet = np.linalg.slogdet(group.cov[np.ix_(index, index)])[1]
        return -group.n / 2 * (len(index) * (np.log(2 * np.pi) + 1) + logdet)

    if group.complete:
        return float(joint(list(range(len(group.cov)))) - joint(covariates))
    from models.sem.missing import saturated_deviance

    answers = int((~np.isnan(group.data)).sum())  # type: ignore[arg-type]
    return float(-(answers * np.log(2 * np.pi) + saturated_deviance(group)) / 2 - joint(covariates))


def incremental(model: ChiSquare, baseline: ChiSquare) -> dict[str, float]:
    """Return CFI, TLI and relatives from two tests."""
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
        "rfi": 1.0 if df == 0 else (b / db - x / df) / (b / db),
        "nfi": (b - x) / b,
        "ifi": (b - x) / (b - df),
        "rni": 1.0 if b == db else ((b - db) - (x - df)) / (b - db),
    }


def rmsea(model: ChiSquare, n: int, groups: int, scale: float = 1.0) -> dict[str, float]:
    """Return RMSEA, its 90 % interval and the test of RMSEA ≤ .05.

    Parameters
    ----------
    scale
        Correction of the statistic for the robust version: the noncentrality is ``statistic * scale - df * scale``.
    """
    x, df = model.statistic, model.df
    if df == 0:
        return {"rmsea": 0.0, "rmsea_ci_lower": 0.0, "rmsea_ci_upper": 0.0, "rmsea_pvalue": np.nan}

    def index(noncentrality: float) -> float:
        return float(np.sqrt(max(noncentrality, 0.0) * scale / (n * df)) * np.sqrt(groups))

    def bound(probability: float) -> float:
        if chi2.cdf(x, df) < probability:
            return 0.0
        upper = max(x, 1.0) * 4 + 50
        return float(brentq(lambda nc: ncx2.cdf(x, df, nc) - probability, 1e-12, upper, xtol=1e-10))

    close = n * df * 0.05**2 / groups / scale
    return {
        "rmsea": index(x - df),
        "rmsea_ci_lower": index(bound(0.95)),
        "rmsea_ci_upper": index(bound(0.05)),
        "rmsea_pvalue": float(ncx2.sf(x, df, close)),
    }


def srmr(matrices: Structure, sample: Sample, theta: np.ndarray) -> float:
    """Return the root mean square of standardised residuals, means included where the model has them."""
    total = 0.0
    for cells, group in zip(matrices.groups, sample.groups, strict=True):
        state = implied(cells, theta)
        spread = np.sqrt(np.diag(group.cov))
        lower = np.tril_indices(len(spread))
        residuals = ((group.cov - state.sigma) / np.outer(spread, spread))[lower]
        if matrices.meanstructure:
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
