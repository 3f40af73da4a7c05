"""Two tables of the same form, cell by cell: which numbers and words are not the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.core import results

ROW = ["table", "model", "sample", "group", "term", "quantity", "hypothesis"]
VERDICT = ["hypothesis", "kind"]
VERDICT_NUMBERS = ["estimate", "standardised", "ci_lower", "ci_upper", "pvalue", "pvalue_holm", "n"]
_PLACE = "place"


@dataclass(frozen=True)
class Cell:
    """One number, word or row that two tables do not share.

    Attributes
    ----------
    table
        Table of the long table, or `verdicts`.
    key
        Column → value, what tells the row from the others; empty values left out.
    column
        The column; empty for a whole row.
    left, right
        What stands there; None where the row is missing.
    decides
        Whether the row decides a hypothesis, or is a verdict.
    line
        The row of the left table, of the right where it is missing there.
    """

    table: str
    key: dict[str, str]
    column: str
    left: float | str | None
    right: float | str | None
    decides: bool
    line: pd.Series

    @property
    def row(self) -> str:
        """The row in words."""
        return " | ".join(value for name, value in self.key.items() if name != "table")

    @property
    def difference(self) -> float:
        """How far the numbers are from one another; NaN where one is none."""
        if isinstance(self.left, float) and isinstance(self.right, float):
            return abs(self.right - self.left)
        return float("nan")


def of_rows(left: pd.DataFrame, right: pd.DataFrame) -> tuple[list[Cell], int]:
    """Cells of two long tables that are not the same, and the number of those that are."""
    return _unlike(left, right, ROW, results.NUMBERS, ["decides", "definition"])


def of_verdicts(left: pd.DataFrame, right: pd.DataFrame) -> tuple[list[Cell], int]:
    """Cells of two tables of verdicts that are not the same, and the number of those that are."""
    texts = ["verdict", *(name for name in ("reason",) if name in left and name in right)]
    before, after = (frame.assign(table="verdicts", decides=True) for frame in (left, right))
    return _unlike(before, after, ["table", *VERDICT], VERDICT_NUMBERS, texts)


def _unlike(
    left: pd.DataFrame, right: pd.DataFrame, key: Sequence[str], numbers: Sequence[str], texts: Sequence[str]
) -> tuple[list[Cell], int]:
    left, right = _indexed(left, key, texts), _indexed(right, key, texts)
    both = left.index.intersection(right.index, sort=False)
    found = [_row(left.loc[at], key, gone=False) for at in left.index.difference(both, sort=False)]
    found += [_row(right.loc[at], key, gone=True) for at in right.index.difference(both, sort=False)]
    a, b, same = left.loc[both], right.loc[both], 0
    for column in [*texts, *(name for name in numbers if name in a and name in b)]:
        equal = _equal(a[column], b[column], column in texts)
        same += int(equal.sum())
        for place in np.flatnonzero(~equal):
            line, other = a.iloc[place], b.iloc[place]
            convert = str if column in texts else float
            found.append(_cell(line, key, column, convert(line[column]), convert(other[column])))
    return found, same


def _indexed(frame: pd.DataFrame, key: Sequence[str], texts: Sequence[str]) -> pd.DataFrame:
    """The frame by its key; rows with the same key are told apart by their order."""
    names = [*key, *texts]
    frame = frame.assign(
        **{name: frame[name].astype(object).where(frame[name].notna(), "").astype(str) for name in names}
    )
    place = frame.groupby(list(key)).cumcount()
    return frame.assign(**{_PLACE: place}).set_index([*key, _PLACE], drop=False)


def _equal(left: pd.Series, right: pd.Series, words: bool) -> np.ndarray:
    if words:
        return left.to_numpy() == right.to_numpy()
    a, b = (results.rounded(side, results.PRINTED).to_numpy() for side in (left, right))
    return (a == b) | (np.isnan(a) & np.isnan(b))


def _row(line: pd.Series, key: Sequence[str], gone: bool) -> Cell:
    shown = line.get("verdict", line.get("estimate"))
    value = shown if isinstance(shown, str) else float(shown)
    return _cell(line, key, "", *((None, value) if gone else (value, None)))


def _cell(
    line: pd.Series, key: Sequence[str], column: str, left: float | str | None, right: float | str | None
) -> Cell:
    named = {name: str(line[name]) for name in key if line[name]}
    if line[_PLACE]:
        named[_PLACE] = str(line[_PLACE] + 1)
    return Cell(named["table"], named, column, left, right, str(line["decides"]) == "True", line)
