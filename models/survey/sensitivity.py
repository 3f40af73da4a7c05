"""Does the result rest on a choice of the analyst: the same effects under another one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.survey.equations import Structural

NUMBERS = ["estimate", "se", "statistic", "pvalue", "ci_lower", "ci_upper"]


def effects(model: Structural) -> pd.DataFrame:
    """Standardised paths and defined effects of a fitted model, one row each, with delta-method errors.

    Standardised, because ordered categories have no unit in common with answers taken as numbers. Paths from controls
    are not among them.

    Returns
    -------
    Columns `term estimate se statistic pvalue ci_lower ci_upper n`.
    """
    tidy = model.fit.standardised_solution()
    tidy = tidy[(tidy["op"] == ":=") | ((tidy["op"] == "~") & tidy["rhs"].isin(model.built.latents))]
    term = (tidy["lhs"] + " ~ " + tidy["rhs"]).where(tidy["op"] == "~", tidy["lhs"])
    found = tidy.rename(columns={"est": "estimate"}).assign(term=term, n=model.fit.n)
    return found[["term", *NUMBERS, "n"]].reset_index(drop=True)


def largest_shift(main: pd.DataFrame, other: pd.DataFrame) -> float:
    """Largest difference of an estimate between two choices, in standard errors of the main one."""
    both = main.merge(other, on="term", suffixes=("", "_other"))
    return float(np.nanmax(((both["estimate_other"] - both["estimate"]) / both["se"]).abs()))
