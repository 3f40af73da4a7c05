"""Inference by the normal distribution, for estimators without a finite-sample convention."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.choices import choices
from models.panel.errors import check_level
from models.statistics.distributions import normal_quantile, two_sided


def tidy_normal(
    terms: Sequence[str], params: npt.ArrayLike, se: npt.ArrayLike, level: float = choices.confidence
) -> pd.DataFrame:
    """Tabulate a row a term: term est se statistic pvalue ci_lower ci_upper, two-sided, by z = est / se.

    Parameters
    ----------
    terms, params, se : sequence
        Names, estimates and standard errors, all of one length.
    level : float
        Confidence level of the interval.
    """
    check_level(level)
    table = pd.DataFrame({"term": list(terms), "est": params, "se": se})
    with np.errstate(divide="ignore", invalid="ignore"):
        table["statistic"] = table["est"] / table["se"]
    table["pvalue"] = two_sided(table["statistic"])
    half = normal_quantile(0.5 + level / 2) * table["se"]
    return table.assign(ci_lower=table["est"] - half, ci_upper=table["est"] + half)
