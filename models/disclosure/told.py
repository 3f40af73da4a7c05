"""Remarks that name a small number of people, replaced by one that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.remarks import Remark, packed, remark, unpacked

# Remarks whose n counts people.
_TOLD = (
    "few_answers_to_impute", "few_complete_for_scale", "few_complete_rows", "few_pairs", "few_respondents", "few_rows",
    "few_rows_for_items", "group_of_size", "leave_early", "more_rows_needed", "small_group_left_out",
    "small_group_merged",
)  # fmt: skip


def told(cell: str, least: int) -> str:
    """The remarks of a cell, those replaced that name a small number of people."""
    return packed(_replaced(unpacked(cell), least)) if cell else cell


def _replaced(said: Iterable[Remark], least: int) -> list[Remark]:
    found = []
    for one in said:
        if one.key in _TOLD and 0 < one.values["n"] < least:
            found.append(remark("small_cell", least=least))
            continue
        inner = {name: _inside(value, least) for name, value in one.values.items()}
        found.append(Remark(one.key, inner))
    return found


def _inside(value: Any, least: int) -> Any:
    if isinstance(value, Remark):
        return _replaced([value], least)[0]
    if isinstance(value, list | tuple) and value and isinstance(value[0], Remark):
        return _replaced(value, least)
    return value
