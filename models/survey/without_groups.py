"""Does one group carry the result: the main model without each group in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from models import results, sem
from models.choices import choices
from models.remarks import packed
from models.survey.equations import MAIN
from models.survey.sensitivity import effects
from models.survey.variants import Variant, variant


def leave_one_out(
    data: pd.DataFrame, scales: Mapping[str, Sequence[str]], by: str, how: Variant, min_group: int
) -> pd.DataFrame:
    """Standardised effects without each group.

    Parameters
    ----------
    by
        Column with the groups; with two groups the effects without one are those of the other, so three are needed.
    min_group
        Groups with fewer people are not left out on their own; too few to carry anything.

    Returns
    -------
    Rows `leave_one_out` of the results table: group = `by: group left out`, term, `std_all`; `failed` with its reason.
    """
    sizes = data[by].value_counts().sort_index()
    groups = [group for group, size in sizes.items() if size >= min_group]
    if len(groups) < choices.left_out_groups:
        return pd.DataFrame()
    rows = []
    for group in groups:
        name = f"{by}: {group}"
        try:
            model = variant(data[data[by] != group], scales, how)
        except sem.SemError as error:
            note = packed([error.remark])
            rows.append(pd.DataFrame([{"group": name, "quantity": "failed", "note": note}]))
            continue
        if model is None:
            return pd.DataFrame()
        rows.append(effects(model).assign(group=name, quantity="std_all"))
    return results.rows(pd.concat(rows, ignore_index=True), table="leave_one_out", model=MAIN)
