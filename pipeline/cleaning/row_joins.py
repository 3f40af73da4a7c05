"""Another table's columns beside the rows of a table in memory, by a key that stands there once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from pipeline.cards.parts import Join
from pipeline.cleaning.columns import require_columns
from pipeline.cleaning.log_tables import in_words
from pipeline.core.errors import InputError, Problem, shown
from pipeline.wording.texts import worded


def joined(raw: pd.DataFrame, table: str, joins: Iterable[Join], tables: dict[str, Path], at: str) -> pd.DataFrame:
    """The rows of a table, with the columns of others; empty where a row's key is blank or not in the other table.

    Parameters
    ----------
    table, at
        Name of the table and entry of the card, for messages.

    Raises
    ------
    InputError
        For a key that is absent, of another type or has several rows in the joined table.
    """
    for join in joins:
        other, key = pd.read_parquet(tables[join.table]), join.by
        for side, of in ((raw, table), (other, join.table)):
            require_columns(str(tables[of]), side, {key: at})
        other = other[[key, *(join.columns or other.columns.drop(key))]].dropna(subset=[key])
        _check_key(key, raw, table, other, join.table, str(tables[join.table]))
        raw = raw.merge(other, on=key, how="left")
    return raw


def _check_key(key: str, raw: pd.DataFrame, table: str, other: pd.DataFrame, right: str, path: str) -> None:
    here, there = (_kind(side[key]) for side in (raw, other))
    if here != there:
        found, fix = worded("key_as_type", key=key, kind=in_words(there)), worded("write_key_alike", key=key)
        raise InputError(
            Problem(path, found, worded("type_as_in_table", kind=in_words(here), left=table), fix, column=key)
        )
    rows = other[key].value_counts()
    if len(rows) and rows.iloc[0] > 1:
        found = worded("rows_with_same_key", number=int(rows.iloc[0]), key=key, value=shown(rows.index[0]))
        fix = worded("leave_one_row_for_every_key", key=key, right=right)
        raise InputError(Problem(path, found, worded("one_row_for_every_key", key=key), fix, column=key))


def _kind(column: pd.Series) -> str:
    """What can be matched with one another, as `log_tables.kind` names it."""
    return "numbers" if pd.api.types.is_numeric_dtype(column.dtype) else "text"
