"""Indirect, direct and total effects of the mechanisms, with percentile and BCa intervals from a bootstrap."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from models import sem
from models.structure.equations import Structural, hypothesis_of

DIRECT = "direct_"


def effect_rows(
    model: Structural, draws: int, seed: int, progress: Callable[[str, int, int], None] | None = None
) -> pd.DataFrame:
    """Refit a model to resamples of its respondents and give the intervals of its effects.

    Effects are the defined parameters of the specification (indirect and total) and the direct paths that they are set
    against, those with a label `direct_…`. Each group of a multi-group model is resampled on its own, whole clusters
    where the model has them; missing answers stay missing in the resamples.

    Parameters
    ----------
    draws : number of resamples.
    progress : told what is done, how many refits are finished, and of how many.

    Returns
    -------
    Rows `effects` of the results table, four an effect: `estimate` and `std_all` with BCa intervals (the former with
    the p-value that belongs to it, and the robust standard error of the estimate), `percentile` and
    `percentile_std_all`. Rows `bootstrap`: resamples drawn, without a minimum (left out), and inadmissible (kept).
    None where the model defines no effect.

    Raises
    ------
    models.sem.SemError
        When too few refits have a minimum; the message says how many failed.
    """
    frame = model.fit.tidy()
    chosen = np.flatnonzero((frame["op"] == ":=") | frame["label"].str.startswith(DIRECT))
    if not (frame["op"] == ":=").any():
        return pd.DataFrame()
    found = sem.bootstrap(model.fit, draws, seed, progress=progress)
    hypotheses = hypothesis_of(model.spec)
    ends = {(q, kind): found.limits(q, interval=kind) for q in ("est", "std_all") for kind in ("bca", "percentile")}
    pvalues = found.pvalues()
    rows: list[dict] = []
    for at in chosen:
        row = frame.iloc[at]
        common = {"table": "effects", "term": row["label"]}
        tested = {"hypothesis": hypotheses.get(row["label"], "")}
        decisive = tested | {"se": row["se"], "pvalue": pvalues[at]}
        for quantity, value, kind, more in (
            ("estimate", "est", "bca", decisive),
            ("std_all", "std_all", "bca", tested),
            ("percentile", "est", "percentile", {}),
            ("percentile_std_all", "std_all", "percentile", {}),
        ):
            lower, upper = (end[at] for end in ends[value, kind])
            limits = {"ci_lower": lower, "ci_upper": upper, "definition": kind}
            rows.append(common | {"quantity": quantity, "estimate": row[value]} | limits | more)
    counts = {"draws": found.requested, "failed": found.failed, "inadmissible": found.inadmissible}
    rows += [
        {"table": "bootstrap", "term": name, "quantity": "count", "estimate": count, "definition": "bootstrap"}
        for name, count in counts.items()
    ]
    return pd.DataFrame(rows).assign(model=model.spec, n=model.fit.n)
