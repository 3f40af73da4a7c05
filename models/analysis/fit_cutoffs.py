"""How good the fit of a model is beside what this model could show on this sample: dynamic cut-offs and T-size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models import results, sem
from models.choices import choices
from models.remarks import Remark, packed, remark

Level = tuple[sem.Omitted, ...]


def cutoffs(fit: sem.Fit, seed: int, levels: Sequence[Level] | None = None) -> sem.DynamicCutoffs:
    """The cut-offs of a model by the declared choices; `levels` say what it could leave out, if not cross-loadings."""
    return sem.dynamic_cutoffs(
        fit, choices.fit_draws, seed, levels, choices.fit_levels, choices.fit_omitted_correlation
    )


def cutoff_rows(fit: sem.Fit, found: sem.DynamicCutoffs, omitted: Sequence[Remark] | None = None) -> pd.DataFrame:
    """Rows `fit_cutoffs` of the results table: cut-offs of every level, what it leaves out, T-size, and the verdict.

    Parameters
    ----------
    omitted
        What each level leaves out beside what those below it do, if not single relations.
    """
    omitted = omitted or [_left_out(level, found.levels[k - 1] if k else ()) for k, level in enumerate(found.levels)]
    bound = sem.t_size(fit, choices.alpha)
    rows: list[dict] = [
        {"term": "t_size", "quantity": index, "estimate": value, "definition": "t_size"}
        for index, value in (("cfi", bound.cfi), ("rmsea", bound.rmsea))
        if np.isfinite(value)
    ]
    for k in range(1, len(found.levels) + 1):
        own = found.table[found.table["level"] == k]
        rows += [
            {"term": f"level_{k}", "quantity": row.index_, "estimate": row.cutoff, "definition": "dynamic_cutoff"}
            | {"note": _said_of(row.error)}
            for row in own.rename(columns={"index": "index_"}).itertuples()
        ]
        rows.append({"term": f"level_{k}", "quantity": "omitted", "note": packed([omitted[k - 1]])})
    reached = found.misfit(fit.fit_indices())
    verdict = {
        "term": "misfit",
        "quantity": "misfit",
        "estimate": reached,
        "note": packed([verdict_of(found, reached)]),
    }
    return results.rows([*rows, verdict], table="fit_cutoffs", n=fit.n)


def verdict_of(found: sem.DynamicCutoffs, reached: float) -> Remark:
    """How far the misfit has come, in words."""
    if not found.levels:
        return remark("fit_without_levels")
    if np.isnan(reached):
        return remark("fit_unknown")
    if reached == len(found.levels):
        return remark("fit_as_bad", level=int(reached))
    return remark("fit_better", level=int(reached) + 1)


def _left_out(level: Level, before: Level) -> Remark:
    relations = [
        remark("relation_of_size", term=f"{one.lhs} {one.op} {one.rhs}", size=one.size) for one in level[len(before) :]
    ]
    return remark("left_out_relations", relations=relations)


def _said_of(error: float) -> str:
    if np.isnan(error):
        return packed([remark("cutoff_none")])
    return packed([remark("cutoff_one_in_ten")] if error > choices.fit_error else [])
