"""The group `generation`, which hypotheses ask for, from years of birth or from ages and the year of the survey."""

from __future__ import annotations

import re

import pandas as pd

from pipeline.drafting.groups import Group
from pipeline.drafting.sheet import texts
from pipeline.wording.texts import worded

# First year of birth of Generation Z (Dimock 2019, Pew Research Center).
FIRST = 1997
OLDEST = 1900


def year(started: pd.Series | None) -> int | None:
    """The latest year in a column of times."""
    if started is None:
        return None
    found = texts(started).dropna().astype("str").str.extract(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")[0].dropna()
    return int(found.max()) if len(found) else None


def group(column: str, label: str, cells: pd.Series, asked: str, asked_in: int | None) -> Group | None:
    """The group of a question about birth or age; None where the years are not known or all are of one generation."""
    levels: dict[str, str | None] = {}
    for value in sorted(cells.unique()):
        number = int(value) if re.fullmatch(r"[0-9]{1,4}", value) else None
        born = number if asked == "birth" else asked_in - number if asked_in and number is not None else None
        if number is None or born is None or born < OLDEST:
            return None
        levels[value] = "gen_z" if born >= FIRST else "older"
    if len(set(levels.values())) < 2:
        return None
    how = worded("years_of_birth") if asked == "birth" else worded("ages_in_year", asked_in=asked_in)
    rule = worded("generation_from", how=how, first=FIRST)
    return Group("generation", column, label, levels, rule)
