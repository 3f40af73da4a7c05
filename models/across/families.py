"""Several effects of one data set: the mean over the hypotheses of a family."""

from __future__ import annotations

import pandas as pd

from models import results, synthesis
from models.choices import choices

EFFECTS, SETS = 3, 2


def families(effects: pd.DataFrame) -> pd.DataFrame:
    """Means over the hypotheses of a family with errors that are robust to their dependence, a kind of data each.

    Parameters
    ----------
    effects : DataFrame
        What `effects` gives.

    Returns
    -------
    Rows `synthesis_families` of every family with two hypotheses or more, of which three effects and two data sets
    are at hand; effects of one data set are weighted as correlated by `choices.synthesis_rho`.
    """
    rows = []
    several = effects[effects["pooled"].astype(bool) & (effects["family"] != "")]
    for (kind, family), part in several.groupby(["kind", "family"], sort=False):
        if part["of"].nunique() < 2 or len(part) < EFFECTS or part["data_set"].nunique() < SETS:
            continue
        y, v = part["estimate"].to_numpy(float), part["se"].to_numpy(float) ** 2
        found = synthesis.dependent_effects(y, v, part["data_set"].to_numpy(), rho=choices.synthesis_rho)
        numbers = {"estimate": found.estimate, "se": found.se, "df": found.df, "pvalue": found.pvalue}
        interval = {"ci_lower": found.ci_lower, "ci_upper": found.ci_upper}
        entries: list[dict] = [
            {"quantity": "mean"} | numbers | interval,
            {"quantity": "between", "estimate": found.tau2, "n": found.sets},
            {"quantity": "inside", "estimate": found.omega2},
        ]
        rows += [{"n": found.k} | entry | {"sample": kind, "term": family} for entry in entries]
    return results.rows(rows, table="synthesis_families")
