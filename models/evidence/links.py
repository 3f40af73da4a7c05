"""Claims with two links: which of the models that estimate both decides (rule `chain`)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import theory
from models.theory import Chain


def with_links(rows: pd.DataFrame) -> pd.DataFrame:
    """Name, in the rows of slopes, the claim that rests on both of its links (rule `chain`), and let them decide it.

    Where the random-intercept cross-lagged model has estimated both links and fits, they are its; else those of the
    dynamic specifications, as far as they are there. A row that names no claim decides none.

    Parameters
    ----------
    rows
        The long table; `decides` says which rows of the cross-lagged model may decide.
    """
    out = rows.copy()
    raw = out["quantity"].eq("raw")
    for hypothesis in theory.hypotheses().values():
        test = hypothesis.panel
        if not isinstance(test, Chain):
            continue
        within = _within_person(out, test)
        decide = within and all(_estimated(out[link & raw & out["decides"]]) for link in within)
        links = within if decide else _dynamic(out, test)
        for link in links:
            out.loc[link, "hypothesis"] = hypothesis.id
            out.loc[link & raw, "decides"] = True
    return out.assign(decides=out["decides"] & out["hypothesis"].ne(""))


def _estimated(rows: pd.DataFrame) -> bool:
    """Whether there are rows, each with an estimate and a p-value."""
    found = rows[["estimate", "pvalue"]].to_numpy(float)
    return len(found) > 0 and bool(np.isfinite(found).all())


def _dynamic(rows: pd.DataFrame, test: Chain) -> list[pd.Series]:
    """Which rows are the two links in the dynamic specifications."""
    slopes = rows["table"].eq("slopes") & rows["group"].eq("all")
    return [slopes & rows["model"].eq(link.spec) & rows["term"].eq(link.term) for link in test.links]


def _within_person(rows: pd.DataFrame, test: Chain) -> list[pd.Series]:
    """Which rows are the two links in the random-intercept cross-lagged model; none for a claim without one."""
    slopes = rows["table"].eq("closed_loop")
    return [slopes & rows["term"].eq(term) for term in test.within]
