"""What a sample could have found: the minimum detectable effect of every path, for everybody and by group."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from models import results
from models.measurement.planning.power import detectable_errors
from models.survey.mediation import DIRECT


def detectable(rows: pd.DataFrame, sizes: Mapping[str, int]) -> pd.DataFrame:
    r"""Smallest effect that a two-sided test at .05 would find with probability .80, given the errors of the estimates.

    Parameters
    ----------
    rows
        Rows of the results table with estimates, errors and standardised values of paths and indirect effects
        (tables `paths`, `group_paths`, `effects`; direct effects are among the paths).
    sizes
        Group (`by: level`, empty for everybody) → people.

    Returns
    -------
    Rows `detectable`: quantity `estimate` in raw units, `std_all` in standard deviations.

    Notes
    -----
    :math:`(z_{1-\alpha/2}+z_{1-\beta})\,\mathrm{se}` (Bloom 1995, doi:10.1177/0193841X9501900504). Power at the
    observed effect is not computed: it is a function of the p-value (Hoenig & Heisey 2001,
    doi:10.1198/000313001300339897).
    """
    effects = rows[
        rows["table"].isin(["paths", "effects", "group_paths"]) & ~rows["term"].astype(str).str.startswith(DIRECT)
    ]
    if effects.empty:
        return pd.DataFrame()
    keys = ["model", "group", "term"]
    effects = effects.assign(group=effects["group"].fillna("") if "group" in effects else "")
    raw = effects[effects["quantity"] == "estimate"]
    standardised = effects[effects["quantity"] == "std_all"][[*keys, "estimate"]]
    both = raw.merge(standardised, on=keys, suffixes=("", "_std"))
    both = both[both["se"] > 0]
    unit = (both["estimate_std"] / both["estimate"].where(both["estimate"] != 0)).abs()
    smallest = detectable_errors() * both["se"]
    common = both[keys].assign(table="detectable", definition="detectable", n=both["group"].map(sizes).astype(float))
    found = [
        common.assign(quantity="estimate", estimate=smallest),
        common.assign(quantity="std_all", estimate=smallest * unit),
    ]
    return results.rows(pd.concat(found, ignore_index=True))
