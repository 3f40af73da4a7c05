"""Columns that a card names: that they exist, the dates that they hold, and the groups that they define."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.card_meaning import key_of
from pipeline.errors import InputError, Problem, near, shown


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


def group_of(group: dict, name: str, raw: pd.DataFrame, path: str, n: int) -> pd.Series:
    """A card's group for every row; values that the card does not list are errors, not missing values."""
    if "constant" in group:
        return pd.Series([group["constant"]] * n, index=raw.index, dtype="str")
    levels = {key_of(value): target for value, target in group["levels"].items()}
    values = raw[group["column"]].drop_duplicates()
    keys = raw[group["column"]].map(dict(zip(values, map(key_of, values), strict=True)))
    unknown = ~keys.isin(list(levels)) & raw[group["column"]].notna()
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
                group["column"],
            )
        )
    if problems:
        raise InputError(problems)
    return keys.map(levels).astype("str").where(keys.map(levels).notna())


def dates_of(column: pd.Series, form: str | None, path: str, asked: str) -> pd.Series:
    """Days without their time; text only by the format that the card gives in its entry `asked`."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.dt.normalize()
    if form is None:
        raise InputError(
            Problem(
                path,
                f"a column of type {column.dtype}",
                "dates",
                f"give {asked} on the card (a strptime pattern)",
                column=str(column.name),
            )
        )
    dates = pd.to_datetime(column, format=form.replace("%-", "%"), errors="coerce")
    bad = dates.isna() & column.notna()
    if bad.any():
        position = int(np.flatnonzero(bad.to_numpy())[0])
        raise InputError(
            Problem(
                path,
                shown(column.iloc[position]),
                f"a date in the form {form!r}",
                f"correct the value, or {asked} of the card",
                position + 1,
                str(column.name),
            )
        )
    return dates.dt.normalize()
