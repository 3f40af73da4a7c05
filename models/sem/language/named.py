"""How messages name a parameter."""

from __future__ import annotations

from collections.abc import Sequence

from models.remarks import Remark, remark
from models.sem.language.table import Row


def parameter(row: Row, groups: Sequence[object]) -> Remark:
    """Name the parameter, with its group where there are several."""
    name = f"{row.lhs} {row.op} {row.rhs}" if row.rhs else f"{row.lhs} {row.op}"
    if len(groups) == 1:
        return remark("parameter", name=name)
    return remark("parameter_in_group", name=name, group=str(groups[row.group - 1]))
