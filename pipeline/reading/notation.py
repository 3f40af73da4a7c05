"""Numbers in the notation that a card states for a file (decimal comma, signs of thousands), written plainly."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from pipeline.cards.card import Card
from pipeline.cards.columns import read_as_numbers
from pipeline.core.errors import InputError, Problem
from pipeline.reading import numbers
from pipeline.wording.texts import as_is, worded

ALSO = {" ": " \u00a0\u202f", "'": "'’"}
_TOKEN = re.compile(r"[.,]?[0-9](?:[0-9.,'’ \u00a0\u202f]*[0-9])?")


def applied(card: Card, table: str, frame: pd.DataFrame, path: str, lines: np.ndarray) -> pd.DataFrame:
    """A table of texts in which the columns that the card reads as numbers have a decimal point and nothing else.

    Parameters
    ----------
    lines
        Line of every row, for messages.

    Raises
    ------
    InputError
        For a number that is none in the card's notation (1.234 where only a decimal comma is stated).
    """
    entry = card.source.files[table]
    decimal, thousands = entry.point, entry.thousands
    out, asked = frame.copy(), read_as_numbers(card, table)
    for name in frame.columns:
        column = frame[name]
        if name not in asked and pd.api.types.is_numeric_dtype(column):
            continue  # ids and times in whole numbers, which have one notation
        if name not in asked:
            whole = column.dropna().str.fullmatch("(?:0|-?[1-9][0-9]{0,17})").all()
            out[name] = pd.to_numeric(column) if whole and column.notna().any() else column
            continue
        written = {cell: plain(cell, decimal, thousands) for cell in column.dropna().unique()}
        bad = [cell for cell, text in written.items() if text is None]
        if bad:
            row = int(lines[(column == bad[0]).to_numpy().argmax()])
            stated = as_is(f'decimal: "{decimal}"')
            if thousands:
                stated = worded("one_and_other", one=stated, other=f'thousands: "{thousands}"')
            fix = worded("correct_value_or_signs")
            raise InputError(
                Problem(path, as_is(repr(bad[0])), worded("number_with_signs", stated=stated), fix, row, name)
            )
        texts = column.map(written, na_action="ignore")
        values, wrong = numbers.of(texts)
        out[name] = texts if wrong.any() else values
    return out


def plain(cell: Any, decimal: str, thousands: str) -> str | None:
    """A text with its numbers written plainly, nothing where one is in another notation."""
    token, sign = _token(decimal, thousands), ALSO.get(thousands, thousands)
    text, done, end = numbers.as_written(cell), [], 0
    for found in _TOKEN.finditer(text):
        if not token.fullmatch(found[0]):
            return None
        number = "".join(mark for mark in found[0] if mark not in sign).replace(decimal, ".")
        done += [text[end : found.start()], number]
        end = found.end()
    return "".join([*done, text[end:]])


@lru_cache
def _token(decimal: str, thousands: str) -> re.Pattern[str]:
    """A number without its sign."""
    point = re.escape(decimal)
    grouped = rf"[0-9]{{1,3}}(?:[{re.escape(ALSO.get(thousands, thousands))}][0-9]{{3}})+|" if thousands else ""
    return re.compile(rf"(?:{grouped}[0-9]+)?(?:{point}[0-9]+)?")
