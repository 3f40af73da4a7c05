"""Which rows of a table of cells are its head: names, wordings below or above them, titles to be passed over."""

from __future__ import annotations

import re

import pandas as pd

from pipeline.drafting.sheet import Sheet
from pipeline.wording.texts import Worded, worded

NUMBER = r"[+-]?[0-9.,]*[0-9](?:[eE][+-]?[0-9]+)?"
_NUMERIC = re.compile(NUMBER)


def apart(cells: pd.DataFrame) -> tuple[Sheet, bool]:
    """A table of cells as a sheet, and whether it is plain: one row of names on top, or none."""
    filled = cells != ""
    cells = cells.loc[:, filled.any()] if filled.any().any() else cells
    rows = [[str(cell).strip() for cell in row] for row in cells.head(12).itertuples(index=False)]
    title = 0
    while title + 1 < len(rows) and len(rows[0]) > 2 and sum(map(bool, rows[title])) <= 1:
        title += 1
    head = rows[title]
    if not _is_head(head):
        names = [f"column_{place + 1}" for place in range(len(head))]
        return _sheet(cells.iloc[title:], names, {}, {}, title), title == 0
    below = rows[title + 1] if len(rows) > title + 1 else []
    blank = sum(not name for name in head)
    if blank and below and _is_head(below) and all(a or b for a, b in zip(head, below, strict=True)):
        stems, last = [], ""
        for name, sub in zip(head, below, strict=True):
            last = name or last
            stems.append(last if sub else "")
        names = [sub or name for name, sub in zip(head, below, strict=True)]
        names = [f"{s} {n}" if names.count(n) > 1 and s else n for s, n in zip(stems, names, strict=True)]
        stem = {n: s for n, s in zip(names, stems, strict=True) if s and s != n and stems.count(s) > 1}
        said = worded("head_with_stems")
        return _sheet(cells.iloc[title + 2 :], names, {}, stem, title, said), False
    if len(rows) > title + 3 and _wordings(below, rows[title + 2 :]):
        wording = dict(zip(head, below, strict=True))
        said = worded("head_with_wordings")
        return _sheet(cells.iloc[title + 2 :], head, wording, {}, title, said), False
    return _sheet(cells.iloc[title + 1 :], head, {}, {}, title), title == 0 and _single(head) == head


def headless(sheet: Sheet) -> bool:
    """Whether the names were made here."""
    return all(re.fullmatch(r"column_[0-9]+", str(name)) for name in sheet.frame.columns)


def _is_head(row: list[str]) -> bool:
    named = [name for name in row if name]
    return bool(named) and not any(_NUMERIC.fullmatch(name) for name in named)


def _wordings(row: list[str], data: list[list[str]]) -> bool:
    """Words in a row below the names, in columns that hold numbers further down."""
    numeric = [all(_NUMERIC.fullmatch(line[i]) or not line[i] for line in data) for i in range(len(row))]
    worded = [bool(cell) and not _NUMERIC.fullmatch(cell) for cell in row]
    both = sum(n and w for n, w in zip(numeric, worded, strict=True))
    return both >= 2 and both >= sum(numeric) * 0.8


def _sheet(
    body: pd.DataFrame, names: list[str], wording: dict[str, str], stem: dict[str, str], title: int, *said: Worded
) -> Sheet:
    body = body.reset_index(drop=True)
    body.columns = pd.Index(_single(names))
    body = body.map(lambda cell: str(cell).strip()) if len(body) < 20_000 else body
    body = body.where(body != "")
    if title:
        said = (*said, worded("rows_above_names", title=title))
    return Sheet(body, wording=wording, stem=stem, said=tuple(said))


def _single(names: list[str]) -> list[str]:
    """Each name once; a second one gets a number, an empty one its place."""
    found: list[str] = []
    for place, name in enumerate(names):
        name = name or f"column_{place + 1}"
        found.append(name if name not in found else f"{name} ({place + 1})")
    return found
