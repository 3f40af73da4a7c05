"""Claims with two links: which of the models that estimate both decides (rule `chain`)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import theory
from models.theory import Chain


def with_links(rows: pd.DataFrame) -> pd.DataFrame:
    """Name, in the rows of slopes, the claim that rests on both of its links (rule `chain`).

    Where the random-intercept cross-lagged model has estimated both links and fits, they are its; else those of the
    dynamic specifications, as far as they are there.
    """
    out = rows.copy()
    for hypothesis in theory.hypotheses().values():
        test = hypothesis.panel
        if not isinstance(test, Chain):
            continue
        within = _within_person(out, test)
        links = within if all(_estimated(out[link]) for link in within) and within else _dynamic(out, test)
        for link in links:
            out.loc[link, "hypothesis"] = hypothesis.id
    return out


def _estimated(rows: pd.DataFrame) -> bool:
    """Whether there is an estimate in raw units with a p-value."""
    raw = rows.loc[rows["quantity"].eq("raw"), ["estimate", "pvalue"]].to_numpy(float)
    return len(raw) > 0 and bool(np.isfinite(raw).all())


def _dynamic(rows: pd.DataFrame, test: Chain) -> list[pd.Series]:
    """Which rows are the two links in the dynamic specifications."""
    slopes = rows["table"].eq("slopes") & rows["group"].eq("all")
    return [slopes & rows["model"].eq(link.spec) & rows["term"].eq(link.term) for link in test.links]


def _within_person(rows: pd.DataFrame, test: Chain) -> list[pd.Series]:
    """Which rows are the two links in a random-intercept cross-lagged model that fits; none for a claim without one."""
    slopes = rows["table"].eq("closed_loop") & rows["note"].fillna("").eq("")
    return [slopes & rows["term"].eq(term) for term in test.within]
