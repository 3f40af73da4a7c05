"""The form every test and diagnostic takes: a statistic with its null hypothesis, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.remarks import Remark, remark
from models.statistics.distributions import chi2_sf, f_sf, two_sided


@dataclass(frozen=True)
class Check:
    """A test. ``pvalue`` is NaN for a descriptive figure; ``remarks`` say what was found or why it does not apply.

    ``df2`` are the denominator degrees of freedom of an F test; degrees that a statistic does not have are NaN.
    """

    test: str
    statistic: float
    df: float
    pvalue: float
    null: str
    reference: str
    remarks: tuple[Remark, ...] = ()
    df2: float = np.nan

    @property
    def note(self) -> str:
        """The remarks in words."""
        return "; ".join(map(str, self.remarks))

    def row(self) -> dict[str, object]:
        """Return test, statistic, df, pvalue, null, reference, df2 and note."""
        return {name: value for name, value in vars(self).items() if name != "remarks"} | {"note": self.note}

    def tidy(self) -> pd.DataFrame:
        """One row: test statistic df pvalue null reference df2 note."""
        return pd.DataFrame([self.row()])


def not_applicable(test: str, why: Remark, null: str, reference: str) -> Check:
    """Report a check that the sample does not allow."""
    return Check(test, np.nan, np.nan, np.nan, null, reference, (remark("not_applicable", why=why),))


def chi2_check(test: str, statistic: float, df: int, null: str, reference: str, *remarks: Remark) -> Check:
    """Report a test whose statistic is χ² with `df` degrees of freedom."""
    return Check(test, statistic, float(df), float(chi2_sf(statistic, df)), null, reference, remarks)


def f_check(test: str, statistic: float, df: tuple[int, int], null: str, reference: str, *remarks: Remark) -> Check:
    """Report a test whose statistic is F with `df` degrees of freedom, those of the numerator first."""
    pvalue = f_sf(statistic, *df)
    return Check(test, statistic, float(df[0]), pvalue, null, reference, remarks, float(df[1]))


def normal_check(test: str, statistic: float, null: str, reference: str, *remarks: Remark) -> Check:
    """Report a two-sided test whose statistic is standard normal."""
    return Check(test, statistic, np.nan, float(two_sided(statistic)), null, reference, remarks)
