r"""Scaled and robust versions of CFI, TLI and RMSEA.

Scaled indices put the scaled test into the usual formula. Robust ones estimate the index that normal theory would
have in the population: Brosseau-Liard, Savalei & Li (2012, https://doi.org/10.1080/00273171.2012.715252),
Brosseau-Liard & Savalei (2014, https://doi.org/10.1080/00273171.2014.933697), the interval of RMSEA by Li & Bentler
(2006). With missing answers they refer to complete data: Zhang & Savalei (2022, https://doi.org/10.1037/met0000445).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.inference.indices import ChiSquare, incremental, rmsea
from models.sem.inference.robust import ScaledTest


@dataclass(frozen=True)
class Corrected:
    """A statistic with its mean correction: `statistic` − `scaling`·df estimates the noncentrality.

    `scaled` and `interval_scaling` give the interval of the RMSEA.
    """

    statistic: float
    df: int
    scaling: float
    scaled: float
    interval_scaling: float


def from_test(statistic: float, test: ScaledTest) -> Corrected:
    """Return the correction that a scaled test implies for complete answers."""
    return Corrected(statistic, test.df, test.mean_scaling, test.statistic, test.scaling)


def scaled_indices(model: ScaledTest, baseline: ScaledTest, statistic: float, n: int, groups: int) -> dict[str, float]:
    """Return the ``_scaled`` indices; `statistic` is the uncorrected one."""
    result: dict[str, float] = {
        "chisq_scaled": model.statistic,
        "df_scaled": model.df,
        "pvalue_scaled": model.pvalue,
        "chisq_scaling_factor": model.scaling,
        "baseline_chisq_scaled": baseline.statistic,
        "baseline_df_scaled": baseline.df,
        "baseline_pvalue_scaled": baseline.pvalue,
        "baseline_chisq_scaling_factor": baseline.scaling,
    }
    if not np.isnan(model.scaling_h0):
        result |= {"scaling_factor_h0": model.scaling_h0, "scaling_factor_h1": model.scaling_h1}
    indices = incremental(ChiSquare(model.statistic, model.df), ChiSquare(baseline.statistic, baseline.df))
    result |= {f"{name}_scaled": value for name, value in indices.items()}
    x, df = (model.statistic, float(model.df)) if model.shifted else (statistic, model.df * model.scaling)
    result |= {f"{name}_scaled": value for name, value in rmsea(x, df, n, groups).items()}
    return result


def robust_indices(model: Corrected, baseline: Corrected, n: int, groups: int) -> dict[str, float]:
    """Return the ``_robust`` indices."""
    x, b = model.statistic, baseline.statistic
    df, db = model.scaling * model.df, baseline.scaling * baseline.df
    worst = max(x - df, b - db, 0.0)
    cfi = 1.0 if worst == 0 else 1 - max(x - df, 0.0) / worst
    tli = 1.0 if model.df == 0 else 1 - (x - df) / model.df / ((b - db) / baseline.df)
    rni = 1.0 if b == db else 1 - (x - df) / (b - db)
    result = {"cfi_robust": cfi, "tli_robust": tli, "nnfi_robust": tli, "rni_robust": rni}
    indices = rmsea(x, model.df, n, groups, df, model.scaled, model.interval_scaling)
    return result | {f"{name}_robust": value for name, value in indices.items()}
