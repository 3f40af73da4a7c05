"""The form every test and diagnostic takes: a statistic with its null hypothesis, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from models.panel.engine.design import FloatArray


@dataclass(frozen=True)
class Check:
    """A test. ``pvalue`` is NaN for a descriptive figure; ``note`` says why a test does not apply.

    ``df2`` are the denominator degrees of freedom of an F test; degrees that a statistic does not have are NaN.
    """

    test: str
    statistic: float
    df: float
    pvalue: float
    null: str
    reference: str
    note: str = ""
    df2: float = np.nan

    def tidy(self) -> pd.DataFrame:
        """One row: test statistic df pvalue null reference note df2."""
        return pd.DataFrame([vars(self)])


def not_applicable(test: str, reason: str, null: str, reference: str) -> Check:
    """A check that the sample does not allow."""
    return Check(test, np.nan, np.nan, np.nan, null, reference, f"not applicable, because {reason}")


def chi2_check(test: str, statistic: float, df: int, null: str, reference: str, note: str = "") -> Check:
    return Check(test, statistic, float(df), float(stats.chi2.sf(statistic, df)), null, reference, note)


def f_check(test: str, statistic: float, df: tuple[int, int], null: str, reference: str, note: str = "") -> Check:
    pvalue = float(stats.f.sf(statistic, *df))
    return Check(test, statistic, float(df[0]), pvalue, null, reference, note, float(df[1]))


def normal_check(test: str, statistic: float, null: str, reference: str, note: str = "") -> Check:
    return Check(test, statistic, np.nan, float(2 * stats.norm.sf(abs(statistic))), null, reference, note)


def wald(params: FloatArray, cov: FloatArray) -> float:
    """Wald statistic b' V⁻¹ b."""
    return float(params @ np.linalg.solve(cov, params))
