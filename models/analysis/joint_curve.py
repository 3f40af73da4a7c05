"""Rows of a multiverse: every combination of choices with its type, and what all of them say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models import results
from models.choices import choices
from models.specs import Universe
from models.specs.multiverse import TYPES
from models.statistics.distributions import normal_quantile
from models.statistics.joint_inference import Joint, joint

SIGNS = {"+": 1, "-": -1}
# Which types are counted together: those that are as good as the main analysis, those that may be, and all.
SETS = {"equivalent": TYPES[:1], "not_worse": TYPES[:2], "all": TYPES}


@dataclass(frozen=True, eq=False)
class Drawn:
    """One combination of choices: its rows, and effects in draws in which they are zero.

    Attributes
    ----------
    universe
        The combination.
    rows
        Each effect with its numbers (`term`, `quantity` std_all), or why there is none.
    null, null_z
        Term → effect (B,) in the draws, and over its standard error; NaN where a refit failed.
    """

    universe: Universe
    rows: pd.DataFrame
    null: dict[str, np.ndarray]
    null_z: dict[str, np.ndarray]


def joint_rows(drawn: Sequence[Drawn], signs: Mapping[str, int], model: str) -> pd.DataFrame:
    """Rows `multiverse` and `multiverse_joint` of the results table.

    Parameters
    ----------
    drawn
        Every combination, all with the same draws.
    signs
        Term → predicted direction; the terms that are tested.
    model
        The specification.

    Returns
    -------
    DataFrame
        `multiverse`: of each combination (group) `std_all` of its effects, or `failed`; `type`, its place in `TYPES`;
        `familywise`, |z| of each tested effect with the p-value over all combinations. `multiverse_joint`: of each set
        of types (group) and tested effect (term) `median`, `share`, `stouffer` with their p-values, `analyses`,
        `draws`.
    """
    shown = [one.rows.assign(table="multiverse") for one in drawn if len(one.rows)]
    kinds = [
        {
            "table": "multiverse",
            "group": one.universe.name,
            "quantity": "type",
            "estimate": TYPES.index(one.universe.type),
        }
        for one in drawn
    ]
    tested: list[dict] = []
    for term, sign in signs.items():
        for name, types in SETS.items():
            there = [one for one in drawn if one.universe.type in types and term in one.null_z]
            found = _joint(there, term, sign)
            if found is not None:
                tested += _summary(found, name, term)
            if found is not None and name == "equivalent" and there[0] is drawn[0]:
                tested.append(_if_zero(drawn[0].null_z[term], term, sign))
            if found is not None and name == "all":
                tested += _familywise(found, there, term)
    rows = [*shown, pd.DataFrame(kinds), pd.DataFrame(tested)]
    return results.rows(pd.concat([part for part in rows if len(part)], ignore_index=True), model=model)


def _joint(there: Sequence[Drawn], term: str, sign: int) -> Joint | None:
    if not there:
        return None
    found = [one.rows[one.rows["term"] == term].iloc[0] for one in there]
    null = np.column_stack([one.null[term] for one in there])
    null_z = np.column_stack([one.null_z[term] for one in there])
    return joint(
        np.array([row["estimate"] for row in found], dtype=float),
        np.array([row["statistic"] for row in found], dtype=float),
        null,
        null_z,
        sign,
    )


def _if_zero(null_z: np.ndarray, term: str, sign: int) -> dict:
    """How often the main analysis would be significant in the predicted direction if the effect were zero."""
    known = null_z[np.isfinite(null_z)]
    share = float((sign * known > normal_quantile(1 - choices.alpha / 2)).mean())
    common = {"table": "multiverse_joint", "group": "equivalent", "term": term, "n": 1}
    return common | {"quantity": "main_if_zero", "estimate": share}


def _summary(found: Joint, name: str, term: str) -> list[dict]:
    common = {"table": "multiverse_joint", "group": name, "term": term, "n": found.analyses}
    return [
        common | {"quantity": "median", "estimate": found.median, "pvalue": found.median_p},
        common | {"quantity": "share", "estimate": found.share, "pvalue": found.share_p},
        common | {"quantity": "stouffer", "estimate": found.stouffer, "pvalue": found.stouffer_p},
        common | {"quantity": "draws", "estimate": found.draws},
    ]


def _familywise(found: Joint, there: Sequence[Drawn], term: str) -> list[dict]:
    return [
        {"table": "multiverse", "group": one.universe.name, "term": term, "quantity": "familywise", "pvalue": p}
        for one, p in zip(there, found.familywise, strict=True)
    ]
