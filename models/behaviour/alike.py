"""Whether a cause and an outcome of a log are nearly one number, so that a slope between them may be arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import results
from models.choices import choices
from models.panel.language.editing import shifted
from models.remarks import packed, remark
from models.specs import PanelSpec


def alike(name: str, spec: PanelSpec, data: pd.DataFrame, terms: list[str]) -> pd.DataFrame:
    """Correlation of the outcome and each cause in the same period, between the changes of users.

    Parameters
    ----------
    terms
        Of the specification as it was estimated, as `lag(value)`.

    Returns
    -------
    Rows `alike` of the results table (quantity `correlation`), and a remark of each pair that reaches
    `choices.synthesis_proxy_correlation`.

    Notes
    -----
    Means of periods are removed first, then those of users. Departments shopped in and shopping trips, say, count the
    same trips: what moves one moves the other by how they are counted, and no lag undoes it where habits last.
    """
    rows = []
    for term in terms:
        cause = (shifted(term) or ("", ""))[1]
        if cause not in data or spec.outcome not in data or cause == spec.outcome:
            continue
        pair = data[["entity", "time", spec.outcome, cause]].dropna()
        values = pair[[spec.outcome, cause]]
        values = values - values.groupby(pair["time"]).transform("mean")
        values = values - values.groupby(pair["entity"]).transform("mean")
        if len(pair) < 3 or (values.std() < 1e-12).any():
            continue
        r = float(np.corrcoef(values.to_numpy().T)[0, 1])
        rows.append({"table": "alike", "term": term, "quantity": "correlation", "estimate": r, "n": len(pair)})
        if abs(r) >= choices.synthesis_proxy_correlation:
            said = packed([remark("alike", outcome=spec.outcome, cause=cause, r=r)])
            rows.append({"table": "remarks", "term": term, "quantity": "alike", "note": said})
    return results.rows(rows, model=name, group="all")
