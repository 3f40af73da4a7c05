"""Does the result rest on how gaps and doubtful answers are treated: the same model, other treatments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.structure.equations import Structural

COLUMNS = {"est": "estimate", "se": "se", "z": "statistic", "pvalue": "pvalue"}


def effects(model: Structural) -> pd.DataFrame:
    """Paths and defined effects of a fitted model, one row each, with Wald errors.

    Returns
    -------
    Columns `term estimate se statistic pvalue ci_lower ci_upper n`.
    """
    tidy = model.fit.tidy()
    tidy = tidy[tidy["op"].isin(["~", ":="])]
    term = (tidy["lhs"] + " ~ " + tidy["rhs"]).where(tidy["op"] == "~", tidy["lhs"])
    found = tidy.rename(columns=COLUMNS).assign(term=term, n=model.fit.n)
    return found[["term", *COLUMNS.values(), "ci_lower", "ci_upper", "n"]].reset_index(drop=True)


def largest_shift(main: pd.DataFrame, other: pd.DataFrame) -> float:
    """Largest difference of an estimate between two treatments, in standard errors of the main one."""
    both = main.merge(other, on="term", suffixes=("", "_other"))
    return float(np.nanmax(((both["estimate_other"] - both["estimate"]) / both["se"]).abs()))
