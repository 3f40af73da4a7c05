"""Which rows of a survey's tables are its respondents, before anything is asked of their answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.cards.card import Card
from pipeline.cards.parts import Survey, present
from pipeline.core.errors import InputError, Problem, shown
from pipeline.wording.texts import worded

# A row of means is told by so many of its cells at least, each equal to the mean above it but for rounding.
FEWEST_MEANS = 3
ROUNDED = 0.0051


def stacked(card: Card, raw: dict[str, Path]) -> pd.DataFrame:
    """The survey's table, with those of `stack` below it; a column that one lacks is empty there."""
    tables = [pd.read_parquet(raw[table]) for table in present(card.survey).tables]
    return pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]


def identified(survey: Survey, raw: pd.DataFrame, path: str, keep: pd.Series) -> pd.Series:
    """The respondents' ids, or the numbers of their rows.

    Raises
    ------
    InputError
        When two rows that stay have the same id.
    """
    if not survey.respondent:
        return pd.Series(range(1, len(raw) + 1), index=raw.index)
    ids = raw[survey.respondent]
    again = ids[keep].duplicated()
    if again.any():
        at = again.idxmax()
        raise InputError(
            Problem(
                path,
                worded("respondent_twice", at=shown(ids[at])),
                worded("one_row_respondent"),
                worded("remove_repeated_respondent"),
                int(raw.index.get_loc(at)) + 1,
                survey.respondent,
            )
        )
    return ids


def refuse_means(answers: pd.DataFrame, path: str) -> None:
    """Refuse a last row that holds the means of the rows above it, as spreadsheets have below their tables.

    Parameters
    ----------
    answers
        (rows, items) floats as they stand in the file; rows without any answer are looked past.

    Raises
    ------
    InputError
        Naming the row.
    """
    answered = np.flatnonzero(answers.notna().any(axis=1).to_numpy())
    if len(answered) < 3:
        return
    above, last = answers.iloc[answered[:-1]], answers.iloc[answered[-1]]
    broken = last.notna() & (last % 1 != 0)
    equal = (last - above.mean()).abs() < ROUNDED
    if broken.sum() >= FEWEST_MEANS and equal[last.notna()].all():
        found = worded("row_of_means", n=len(above))
        fix = worded("remove_row_of_means")
        raise InputError(Problem(path, found, worded("a_respondent"), fix, int(answered[-1]) + 1))
