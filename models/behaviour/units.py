"""Measures in standard deviations: of their own platform type, or in units that all platform types share."""

from __future__ import annotations

import numpy as np
import pandas as pd

ALL = "all"


def standardised(data: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Columns in standard deviations within their platform type, so that slopes compare (a copy)."""
    out = data.copy()
    groups = out["platform_type"] if "platform_type" in out else pd.Series(ALL, index=out.index)
    for column in columns:
        by = out[column].groupby(groups, observed=True)
        sd = by.transform("std")
        out[column] = (out[column] - by.transform("mean")) / sd.where(sd > 0)
    return out


def in_common_units(data: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Columns over one deviation for all platform types, that within them, so that equal slopes stay equal (a copy).

    Where spread differs between groups, slopes in each group's own deviations differ although the effects do not.
    """
    out = data.copy()
    groups = out["platform_type"] if "platform_type" in out else pd.Series(ALL, index=out.index)
    for column in columns:
        by = out[column].groupby(groups, observed=True)
        sd = pooled(by.count(), by.std())
        out[column] = (out[column] - out[column].mean()) / (sd if sd > 0 else np.nan)
    return out


def pooled(n: pd.Series, sd: pd.Series) -> float:
    """One standard deviation within groups of `n` rows and deviations `sd`; groups of one row have none."""
    counted = sd.notna()
    freedom = (n[counted] - 1).to_numpy(float)
    return float(np.sqrt((freedom * sd[counted] ** 2).sum() / freedom.sum())) if freedom.sum() > 0 else np.nan
