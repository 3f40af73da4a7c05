"""Columns that a card names: that they exist, and the groups that they define."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.cards.meaning import key_of
from pipeline.cards.parts import Group
from pipeline.core.errors import InputError, Problem, near, shown


def require_columns(path: str, frame: pd.DataFrame, wanted: dict[str, str]) -> None:
    """Check that columns exist.

    Parameters
    ----------
    wanted : column → where the card asks for it.
    """
    problems = [
        Problem(
            path, f"no column {column!r}", f"the column that {asked} names", near(column, frame.columns), column=column
        )
        for column, asked in wanted.items()
        if column not in frame.columns
    ]
    if problems:
        raise InputError(problems)


def group_of(group: Group, name: str, raw: pd.DataFrame, path: str, n: int) -> pd.Series:
    """A card's group for every row; values that the card does not list are errors, not missing values."""
    if group.constant:
        return pd.Series([group.constant] * n, index=raw.index, dtype="str")
    levels = {key_of(value): target for value, target in group.levels.items()}
    values = raw[group.column].drop_duplicates()
    keys = raw[group.column].map(dict(zip(values, map(key_of, values), strict=True)))
    unknown = ~keys.isin(list(levels)) & raw[group.column].notna()
    problems = []
    for value in keys[unknown].unique()[:5]:
        position = int(np.flatnonzero((keys == value).to_numpy())[0])
        problems.append(
            Problem(
                path,
                f"unknown {name.replace('_', ' ')} {shown(value)}",
                "one of " + ", ".join(levels),
                f"{near(value, levels)} otherwise list it under groups.{name}.levels of the card",
                position + 1,
                group.column,
            )
        )
    if problems:
        raise InputError(problems)
    return keys.map(levels).astype("str").where(keys.map(levels).notna())
