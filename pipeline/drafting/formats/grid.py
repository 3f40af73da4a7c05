"""Cells of a text file: encoding, separator and sign of decimals found by looking."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.core.errors import InputError, Problem
from pipeline.reading import compressed, encodings
from pipeline.wording.texts import Worded, as_is, worded

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 200
# In the right Chinese character set so many of the letters lie in its everyday part.
EVERYDAY = 0.8


def read(path: Path) -> tuple[pd.DataFrame, dict[str, Any], list[Worded]]:
    """All rows of a text file as text, with how it was read as a card says it, and sentences on what was guessed.

    Raises
    ------
    InputError
        When no encoding or no separator fits.
    """
    with compressed.opened(path) as raw:
        start = raw.read(encodings.SAMPLE)
    if not start.strip():
        raise InputError(Problem(str(path), worded("nothing_in_file"), worded("table"), worded("export_it_again")))
    encoding = encoding_of(start, path)
    codec = {"utf-8": "utf-8-sig", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be"}.get(encoding, encoding)
    lines = start.decode(codec, errors="ignore").splitlines()[:LOOKED_AT]
    separator = _separator(lines)
    entry: dict[str, Any] = {}
    said = []
    if encoding != "utf-8":
        entry["encoding"] = encoding
        said.append(worded("encoding_of_everyday_text", encoding=encoding))
    if separator != ",":
        entry["separator"] = separator
        said.append(worded("separator_by_lines", separator=separator))
    with compressed.opened(path) as raw:
        stream = io.TextIOWrapper(raw, encoding=codec, newline="")
        try:
            width = max(len(row) for row in _rows(lines, separator))
            cells = pd.read_csv(
                stream, sep=separator, header=None, names=range(width), dtype="str", keep_default_na=False,
                skipinitialspace=True, engine="python" if separator == r"\s+" else "c",
            )  # fmt: skip
        except (pd.errors.ParserError, UnicodeError) as error:
            fix = worded("mend_line_or_save_as_csv")
            raise InputError(
                Problem(str(path), as_is(str(error).strip()), worded("rows_of_equal_length"), fix)
            ) from None
    return cells, entry, said


def encoding_of(start: bytes, path: Path) -> str:
    """Encoding of a text by its mark, else UTF-8 where it is, else the one in which its letters are everyday ones."""
    mark = next((name for begins, name in encodings.MARKS.items() if start.startswith(begins)), "")
    if mark:
        return mark.removesuffix("-sig")
    if start.count(0) > len(start) / 4:
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    for cut in range(4):
        try:
            start[: len(start) - cut].decode("utf-8")
            return "utf-8"
        except UnicodeError:
            continue
    shares = {
        "gb18030": _everyday(start, "gb18030", "gb2312", 0xB0, 0xD7),
        "big5": _everyday(start, "big5", "big5", 0xA4, 0xC6),
    }
    best = max(shares, key=lambda name: shares[name])
    if shares[best] >= EVERYDAY:
        return best
    if b"\0" in start:
        found = worded("bytes_that_are_no_text")
        raise InputError(Problem(str(path), found, worded("table_in_known_format"), worded("save_in_known_format")))
    return "cp1252"


def _everyday(start: bytes, encoding: str, narrow: str, first: int, last: int) -> float:
    letters = [mark for mark in start.decode(encoding, errors="replace") if mark >= "\u3400" and mark < "\uff00"]
    lead = [mark.encode(narrow, errors="ignore")[:1] for mark in letters]
    wrong = start.decode(encoding, errors="replace").count("\ufffd")
    return sum(bool(byte) and first <= byte[0] <= last for byte in lead) / max(len(letters) + wrong, 1)


def _rows(lines: list[str], separator: str) -> list[list[str]]:
    if separator == r"\s+":
        return [line.split() for line in lines if line.strip()]
    return [row for row in csv.reader((line + "\n" for line in lines), delimiter=separator) if any(row)]


def _separator(lines: list[str]) -> str:
    def fit(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in _rows(lines, separator)] or [1]
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)

    best = max(SEPARATORS, key=fit)
    if fit(best)[0] >= 0.8:
        return best
    return r"\s+" if fit(r"\s+")[0] >= 0.95 else ","


def notation(frame: pd.DataFrame) -> dict[str, str]:
    """Signs of decimals and thousands, where columns of numbers are written with others than a point."""
    comma = grouped_point = grouped_comma = 0
    for name in frame.columns:
        found = frame[name].dropna().head(500)
        if found.empty or not found.str.fullmatch(r"[+-]?[0-9][0-9.,' ]*").all():
            continue
        if (
            found.str.fullmatch(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]+)?").all()
            and found.str.contains(",").any()
        ):
            lengths = found.str.extract(r",([0-9]+)$")[0].dropna().str.len()
            comma += bool((lengths != 3).any())
            grouped_point += bool(found.str.contains(".", regex=False).any())
        elif found.str.contains(",").any() and found.str.fullmatch(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?").all():
            grouped_comma += 1
    if comma:
        return {"decimal": ","} | ({"thousands": "."} if grouped_point else {})
    return {"thousands": ","} if grouped_comma else {}
