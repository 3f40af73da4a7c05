"""Reading a table of text: ids as they are written, blanks where the card can have meant a blank."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from pipeline.cards.card import Card
from pipeline.cards.columns import dates, keys, named_values
from pipeline.core.errors import InputError, Problem
from pipeline.reading import encodings, fields, lines, notation
from pipeline.reading.fields import Counted
from pipeline.wording.texts import worded

# What programs write for "nothing"; in a column of ids only the empty cell is one.
BLANKS = {
    "", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None",
    "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
}  # fmt: skip
WHOLE = r"(?:0|-?[1-9][0-9]{0,18})"


def read(card: Card, table: str, path: Path, form: str) -> tuple[pd.DataFrame, Counted]:
    """A csv or fixed file and what counting it found: ids and written dates are whole numbers if every one is.

    Raises
    ------
    InputError
        For everything that `fields.count` refuses, and a column that holds values and has no name.
    """
    entry = card.source.files[table]
    separator = fields.WHITESPACE if form == "fixed" else entry.separator
    counted = fields.count(path, entry, separator)
    columns = [name if name.strip() else f"Unnamed: {place}" for place, name in enumerate(counted.names or ())]
    if not columns or not counted.rows:
        return pd.DataFrame(), counted
    beyond = [f"beyond: {place}" for place in range(len(columns), counted.width)]
    ids, written, named = keys(card, table), dates(card, table), named_values(card)
    foreign = bool(entry.decimal or entry.thousands)
    several = len(separator) > 1 and separator != fields.WHITESPACE
    with encodings.opened(path, entry.encoding) as stream:
        frame = pd.read_csv(
            _parted(stream, separator) if several else stream,
            sep=fields.UNIT if several else separator,
            header=0 if entry.header else None,
            names=[*columns, *beyond],
            usecols=columns if beyond else None,
            dtype="str" if foreign else dict.fromkeys(ids | written, "str"),
            na_values={c: sorted({""} if c in ids else BLANKS - named.get(c, set())) for c in columns},
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
        )
    frame = _named(frame, counted, path)
    frame = frame.assign(**{c: _whole(frame[c], padded=c in ids) for c in frame.columns if c in ids | written})
    if foreign:
        numbered = lines.of_rows(counted.jumps, entry.first_line, len(frame))
        frame = notation.applied(card, table, frame, str(path), numbered)
    return frame, counted


def _parted(stream: TextIO, separator: str) -> io.StringIO:
    return io.StringIO(stream.read().replace(separator, fields.UNIT), newline="")


def _named(frame: pd.DataFrame, counted: Counted, path: Path) -> pd.DataFrame:
    """The columns with a name; the first may lack one (names of rows, as R writes them), others only if empty."""
    nameless = [name for place, name in enumerate(counted.names or ()) if not name.strip() and place]
    unnamed = [c for c, name in zip(frame.columns, counted.names or (), strict=True) if not name.strip()]
    if not nameless:
        return frame
    empty = [c for c in unnamed if frame[c].isna().all()]
    full = [c for c in unnamed if c not in empty and c != "Unnamed: 0"]
    if full:
        raise InputError(
            Problem(
                str(path),
                worded("values_without_name", column=int(name.split()[1]) + 1),
                worded("name_for_every_column"),
                worded("name_it_or_check_names"),
            )
            for name in full
        )
    return frame.drop(columns=empty)


def _whole(written: pd.Series, padded: bool) -> pd.Series:
    """Whole numbers where no two texts become the same number (`padded`: all of one width is enough), else the text."""
    found = written.dropna().str.strip()
    one_width = padded and found.str.len().nunique() == 1 and found.str.fullmatch("[0-9]{1,18}").all()
    if found.empty or not (one_width or found.str.fullmatch(WHOLE).all()):
        return written
    whole = pd.to_numeric(found, errors="coerce", dtype_backend="numpy_nullable")
    if not pd.api.types.is_signed_integer_dtype(whole.dtype):
        return written
    return whole.astype(np.int64) if len(found) == len(written) else whole.reindex(written.index).astype("Int64")
