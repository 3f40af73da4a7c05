"""What a synthesis knows of one data set, and the rows of its results that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from models import specs

CORRELATIONS = ("construct_correlations", "correlation_errors")


@dataclass(frozen=True, eq=False)
class Study:
    """One observed data set.

    Attributes
    ----------
    name
        Of the data set.
    verdicts
        One row a hypothesis and kind of test, as `evidence.verdicts` gives them.
    rows
        Its long table, or at least the rows of it that are `needed`.
    traits
        What it differs in from others (`platform_type`, `country`), as far as its card says.
    proxies
        Constructs that it measures by something else, as its card says.
    """

    name: str
    verdicts: pd.DataFrame
    rows: pd.DataFrame
    traits: Mapping[str, str] = field(default_factory=dict)
    proxies: frozenset[str] = frozenset()


def needed(rows: pd.DataFrame) -> pd.Series:
    """Which rows of a long table a synthesis reads, beside the verdicts.

    Parameters
    ----------
    rows : DataFrame
        A long table.

    Returns
    -------
    Series of bool
        A value a row.
    """
    links = pd.Series(False, index=rows.index)
    for link in specs.synthesis().links.values():
        links |= (rows["model"] == link.model) & (rows["term"] == link.term)
    links &= (rows["table"] == "slopes") & (rows["quantity"] == "std") & rows["group"].isin(["", "all"])
    return links | rows["table"].isin([*CORRELATIONS, "alike"])
