"""Groups large enough to compare: small ones merged or left out by rule, and the reason kept."""

from dataclasses import dataclass
from typing import get_args

import pandas as pd

from models.choices import choices
from models.measurement.errors import ScaleError, check_choice
from models.measurement.options import Small
from models.measurement.scales.scales import check_columns
from models.remarks import Remark, Remarks, remark


@dataclass(frozen=True, eq=False)
class Groups:
    """Who is compared with whom.

    Attributes
    ----------
    labels : Series
        Group of each row that takes part, as text, the reference group's rows first.
    table : DataFrame
        One row a group found: ``group n used_as note``; `used_as` is empty where a group is left out.
    obstacle : Remark, optional
        Why groups cannot be compared; None when they can.
    """

    labels: pd.Series
    table: pd.DataFrame
    obstacle: Remark | None


def groups(
    data: pd.DataFrame,
    column: str,
    min_size: int,
    small: Small = choices.small_groups,
    merged: str = "other",
    reference: str | None = None,
) -> Groups:
    """Apply the rule for small groups.

    Parameters
    ----------
    data : DataFrame
    column : str
        Column with the groups; rows without one are left out.
    min_size : int
        Smallest group that is analysed on its own.
    small : {"merge", "drop"}
        Put all smaller groups into one group named `merged`, or leave them out. A merged group that is still too small
        is left out.
    reference : str, optional
        Group to compare the others with; by default the largest.
    """
    check_columns(data, [column], role="grouping")
    check_choice("rule for small groups", small, get_args(Small))
    known = data[column].dropna().astype(str)
    size = known.value_counts(sort=False)
    too_small = list(size.index[size < min_size])
    rest = int(size[too_small].sum())
    merge = small == "merge" and rest >= min_size and len(too_small) > 1
    rows = []
    for name, n in size.items():
        row = {"group": name, "n": int(n), "used_as": name, "note": Remarks()}
        if name in too_small:
            row["used_as"] = merged if merge else ""
            key = "small_group_merged" if merge else "small_group_left_out"
            row["note"] = Remarks.of(remark(key, n=int(n), least=min_size))
        rows.append(row)
    without = int(data[column].isna().sum())
    if without:
        rows.append({"group": "", "n": without, "used_as": "", "note": Remarks.of(remark("no_group_given"))})
    table = pd.DataFrame(rows, columns=["group", "n", "used_as", "note"])
    labels = known.map(dict(zip(table["group"], table["used_as"], strict=True)))
    labels = labels[labels != ""]
    kept = labels.value_counts(sort=False)
    if reference is not None and str(reference) not in kept.index:
        raise ScaleError(f"reference group '{reference}' is not among the groups analysed: {', '.join(kept.index)}")
    obstacle = remark("few_large_groups", by=column, least=min_size) if len(kept) < 2 else None
    first = str(reference) if reference is not None else (str(kept.idxmax()) if len(kept) else "")
    order = labels.ne(first).sort_values(kind="stable").index
    return Groups(labels.loc[order], table, obstacle)
