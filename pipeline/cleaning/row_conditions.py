"""Which rows of a table a `where` of the card means."""

from __future__ import annotations

import pandas as pd

from pipeline.cards.parts import Limits, Where
from pipeline.cleaning.conditions import absent, asked, text_of
from pipeline.core.errors import InputError
from pipeline.reading import numbers
from pipeline.wording.texts import worded


def written(column: pd.Series) -> pd.Series:
    """What each cell says; blank cells are missing."""
    return column.map(text_of, na_action="ignore").astype("str")


def meant(where: Where, frame: pd.DataFrame, path: str, at: str) -> pd.Series:
    """Whether each row is meant.

    Parameters
    ----------
    path, at
        Name of the table and entry of the card, for messages.

    Raises
    ------
    InputError
        For every value that is named and occurs in no row, for cells of a column with limits that are no numbers.
    """
    values = asked([(at, where)])
    texts = {column: written(frame[column]) for column in values}
    problems = [p for column in values for p in absent(column, values[column], {*texts[column].dropna()}, path)]
    if problems:
        raise InputError(problems)
    keep = pd.Series(True, index=frame.index)
    for column, condition in where.items():
        if isinstance(condition, Limits):
            fix = worded("correct_or_list_values_of_where", column=column, at=at)
            found = numbers.read(frame[column], path, worded("numbers_for", at=at), fix)
            keep &= (found > condition.above) & (found < condition.below)
        else:
            keep &= texts[column].isin(list(values[column]))
    return keep
