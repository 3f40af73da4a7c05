"""The estimates of one data set, judged: all rows with what judging adds to them, and the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from models.evidence.judgement import verdicts
from models.evidence.links import with_links
from models.evidence.offer import Offer
from models.evidence.parameter_recovery import known_truth, recovery
from models.evidence.power_of_tests import power
from models.evidence.rules import VERDICTS
from models.evidence.threats import exposure

# Fit indices that are named in the headline.
FIT = ("cfi", "rmsea", "srmr")


def judged(
    tables: Sequence[pd.DataFrame],
    offered: Offer,
    truth: pd.DataFrame | None,
    own: Callable[[list[pd.DataFrame]], pd.DataFrame],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge what was estimated.

    Parameters
    ----------
    tables
        Rows of the long table, of each estimating stage.
    offered
        What the data offer to the tests.
    truth
        Parameters that simulated data were drawn from; None for real data.
    own
        Makes rows of the long table of what judging finds.

    Returns
    -------
    All rows, and one verdict a hypothesis and kind of data.
    """
    rows = with_links(pd.concat([table for table in tables if len(table)], ignore_index=True))
    if truth is not None:
        rows = pd.concat([rows, own([recovery(rows, truth), known_truth(truth)])], ignore_index=True)
    found = verdicts(rows, offered)
    rows = pd.concat([rows, own([offered.proxy_rows(), power(found)])], ignore_index=True)
    return pd.concat([rows, own([exposure(rows, found)])], ignore_index=True), found


def headline(rows: pd.DataFrame, found: pd.DataFrame, sizes: Mapping[str, int], main: str) -> dict[str, Any]:
    """Sample sizes, counts of verdicts, fit of the main model, and how many known parameters were recovered.

    Parameters
    ----------
    rows, found
        What `judged` gives.
    sizes
        Kind of data → its rows; a kind without any is not named.
    main
        The model whose fit is told.
    """
    kinds = [kind for kind in found["kind"].unique() if kind in sizes]
    counts = {kind: found.loc[found["kind"] == kind, "verdict"].value_counts() for kind in kinds}
    fit = rows[(rows["table"] == "fit") & (rows["model"] == main)].set_index("quantity")["estimate"]
    recovered = rows.loc[rows["table"] == "recovery", "quantity"]
    covered = {"parameters": len(recovered), "covered": int((recovered == "covered").sum())}
    return {
        "n": {kind: sizes[kind] for kind in kinds},
        "verdicts": {kind: {each: int(counts[kind].get(each, 0)) for each in VERDICTS} for kind in kinds},
        "fit": {name: fit[name] for name in FIT if name in fit.index},
    } | ({"recovery": covered} if len(recovered) else {})
