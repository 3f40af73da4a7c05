"""All that several data sets say together, in its order."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from models import results
from models.across.explained import explained
from models.across.families import families
from models.across.gaps import gaps
from models.across.means import means
from models.across.path_model import path_model
from models.across.studies import Study
from models.across.what_enters import effects
from models.choices import choices
from models.statistics.distributions import normal_quantile


def analyses(studies: Sequence[Study]) -> list[pd.DataFrame]:
    """The effects of the data sets, their means, checks of them, and a path model on the correlations of surveys.

    Parameters
    ----------
    studies : sequence of Study
        Observed data sets; simulated ones say nothing about the world and are refused by who asks.

    Returns
    -------
    list of DataFrame
        Rows of the long table, families `synthesis_…`.
    """
    found = effects(studies)
    return [_listed(found), means(found), families(found), explained(found), path_model(studies), gaps(studies)]


def _listed(found: pd.DataFrame) -> pd.DataFrame:
    reach = normal_quantile(0.5 + choices.confidence / 2) * found["se"].astype(float)
    estimate = found["estimate"].astype(float)
    listed = pd.DataFrame(
        {
            "table": "synthesis_effects",
            "model": found["model"],
            "sample": found["kind"],
            "group": found["data_set"],
            "term": found["of"],
            "quantity": found["pooled"].astype(bool).map({True: "std", False: "apart"}),
            "hypothesis": found["hypothesis"],
            "estimate": estimate,
            "se": found["se"],
            "ci_lower": estimate - reach,
            "ci_upper": estimate + reach,
            "n": found["n"],
        }
    )
    return results.rows(listed)
