"""Which line of the source file a row of a raw table was, so that messages name what the user can look up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.cards.card import Card
from pipeline.cards.parts import File
from pipeline.core.errors import InputError, Problem

MOST_JUMPS = 100_000


def of_rows(jumps: Iterable[Iterable[int]], begin: int, rows: int) -> np.ndarray:
    """Line of every row, 0 where it is not known.

    Parameters
    ----------
    jumps
        (row, line) wherever a line does not follow from the row before; line 0: unknown from there on.
    begin
        Line of the first row unless a jump says otherwise.
    """
    starts = np.array([(1, begin), *jumps])
    numbers = np.arange(1, rows + 1)
    row, line = starts[np.searchsorted(starts[:, 0], numbers, side="right") - 1].T
    return np.where(line > 0, line + numbers - row, 0)


def jumps_of(lines: np.ndarray, begin: int) -> list[list[int]]:
    """Where the lines of rows do not follow one another, as `of_rows` takes it."""
    known = lines[: int(np.argmax(lines == 0))] if (lines == 0).any() else lines
    at = np.flatnonzero(np.diff(known, prepend=begin - 1) != 1)
    found = [[int(row) + 1, int(known[row])] for row in at[:MOST_JUMPS]]
    cut = [[int(at[MOST_JUMPS]) + 1, 0]] if len(at) > MOST_JUMPS else []
    return found + (cut or ([[len(known) + 1, 0]] if len(known) < len(lines) else []))


def in_source(card: Card, raw: Path, error: InputError) -> InputError:
    """An error about raw tables as one about the files that they come from."""
    sources = json.loads((raw / "provenance.json").read_text(encoding="utf-8"))["files"]
    return InputError(_moved(card, raw, sources, problem) for problem in error.problems)


def _moved(card: Card, raw: Path, sources: dict[str, Any], problem: Problem) -> Problem:
    path = Path(str(problem.file))
    entries = card.source.files
    if path.parent != raw or path.stem not in entries:
        return problem
    table, row = path.stem, problem.row
    for below in _below(card, table):
        if row is not None and row > sources[table]["rows"]:
            row, table = row - sources[table]["rows"], below
    named = replace(problem, file=sources[table]["file"])
    if row is None:
        return named
    return replace(named, row=line_of(entries[table], sources[table], row))


def _below(card: Card, table: str) -> tuple[str, ...]:
    """The tables that the card puts below one."""
    stacks = [(part.table, part.stack) for part in (card.survey, card.panel) if part is not None]
    return next((stack for first, stack in stacks if first == table), ())


def line_of(entry: File, source: dict[str, Any], row: int) -> int | None:
    """Line of a row, by a file's entry on the card and in the provenance."""
    line, start = entry.first_line, 1
    for at, jump in source.get("lines", ()):
        if at > row:
            break
        line, start = jump, at
    return line + row - start if line else None
