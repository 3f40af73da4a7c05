"""Columns that a card names: that they exist, and the groups that they define."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from pipeline.cards.meaning import key_of
from pipeline.cards.parts import Group
from pipeline.core.errors import InputError, Problem, near, shown
from pipeline.reading import numbers
from pipeline.wording.texts import Worded, as_is, worded


def require_columns(path: str, frame: pd.DataFrame, wanted: Mapping[str, str | Worded]) -> None:
    """Check that columns exist.

    Parameters
    ----------
    wanted
        Column → where the card asks for it.
    """
    problems = [
        Problem(
            path,
            worded("no_column", column=column),
            worded("column_named_by", asked=asked),
            near(column, frame.columns),
            column=column,
        )
        for column, asked in wanted.items()
        if column not in frame.columns
    ]
    if problems:
        raise InputError(problems)


def group_of(
    group: Group, name: str, raw: pd.DataFrame, path: str, n: int, codes: Iterable[float | str] = ()
) -> pd.Series:
    """A card's group for every row; values that the card does not list are errors, not missing values.

    Parameters
    ----------
    codes
        Values that mean no answer, unless the card lists them among the levels.
    """
    if group.constant:
        return pd.Series([group.constant] * n, index=raw.index, dtype="str")
    none = dict.fromkeys(map(key_of, codes))
    if group.bands:
        return _band_of(group, name, raw, path, none)
    levels = none | {key_of(value): target for value, target in group.levels.items()}
    values = raw[group.column].drop_duplicates()
    keys = raw[group.column].map(dict(zip(values, map(key_of, values), strict=True)))
    unknown = ~keys.isin(list(levels)) & raw[group.column].notna()
    problems = []
    for value in keys[unknown].unique()[:5]:
        position = int(np.flatnonzero((keys == value).to_numpy())[0])
        problems.append(
            Problem(
                path,
                worded("unknown_level", name=name.replace("_", " "), value=shown(value)),
                worded("one_of", names=", ".join(key_of(value) for value in group.levels)),
                worded(
                    "near_or_list_level",
                    near=near(value, map(key_of, group.levels)),
                    name=name,
                ),
                position + 1,
                group.column,
            )
        )
    if problems:
        raise InputError(problems)
    return keys.map(levels).astype("str").where(keys.map(levels).notna())


def _band_of(group: Group, name: str, raw: pd.DataFrame, path: str, none: Iterable[str]) -> pd.Series:
    """The band in which the number of each row lies."""
    column = raw[group.column]
    column = column.mask(column.map(key_of, na_action="ignore").isin(list(none)))
    numbered = numbers.read(column, path, worded("a_number"), worded("correct_or_list_levels", name=name))
    found = pd.Series(None, index=raw.index, dtype="object")
    for band, (low, high) in group.bands.items():
        found[(numbered >= low) & (numbered <= high)] = band
    outside = np.flatnonzero((numbered.notna() & found.isna()).to_numpy())
    if len(outside):
        listed = ", ".join(f"{band} {low:g}–{high:g}" for band, (low, high) in group.bands.items())
        fix = worded("correct_or_widen_band", name=name)
        raise InputError(
            Problem(
                path,
                as_is(shown(column.iloc[at])),
                worded("number_in_band", listed=listed),
                fix,
                int(at) + 1,
                group.column,
            )
            for at in outside[:3]
        )
    return found.astype("str").where(found.notna())
