"""The form that every Wald test takes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class WaldTest:
    """A Wald test: chi-squared ``statistic`` with ``df`` degrees of freedom, of ``null`` over ``groups``.

    Notes
    -----
    Wald (1943), https://doi.org/10.1090/S0002-9947-1943-0012401-3.
    """

    statistic: float
    df: int
    pvalue: float
    null: str = ""
    groups: tuple[str, ...] = ()

    def tidy(self) -> pd.DataFrame:
        """One row: null statistic df pvalue n_groups."""
        row = {"null": self.null, "statistic": self.statistic, "df": self.df, "pvalue": self.pvalue}
        return pd.DataFrame([row | {"n_groups": len(self.groups)}])
