"""A file's text in the encoding that its card states; what cannot be that encoding is refused with a proposal."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipeline.core.errors import InputError, Problem
from pipeline.reading import compressed
from pipeline.wording.texts import Worded, worded

SAMPLE = 1 << 20
TRIED = ("utf-8", "gb18030", "big5", "cp1252")
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# So many bytes beyond ASCII that are UTF-8 throughout are hardly anything else.
SURELY = 8


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """The text of a file, line ends as they are, without a byte order mark.

    Raises
    ------
    InputError
        For bytes that the encoding does not know, and for another encoding that the text surely has.
    """
    stated = codecs.lookup(encoding).name
    start = _start(path)
    meant = _other(start, stated)
    if meant:
        raise _refused(path, encoding, worded("bytes_of_another_encoding"), meant)
    marked = next((name for mark, name in MARKS.items() if start.startswith(mark)), stated)
    with compressed.opened(path) as raw:
        try:
            with io.TextIOWrapper(raw, encoding=marked, newline="") as text:
                yield text
        except UnicodeError as error:
            reason = getattr(error, "reason", str(error))
            raise _refused(
                path,
                encoding,
                worded("bytes_not_of_encoding", encoding=encoding, reason=reason),
                proposed(start, stated),
            ) from None


def proposed(start: bytes, stated: str) -> str:
    """The first encoding that the beginning of a file can have, or none."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start[:SAMPLE].count(0) > len(start) / 4:
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    return next((name for name in TRIED if name != stated and _readable(start, name)), "")


def looks_utf_16(path: Path) -> str:
    """utf-16-le or utf-16-be where every second byte of a text is nothing."""
    found = proposed(_start(path), "utf-8")
    return found if found.startswith("utf-16") else ""


def _start(path: Path) -> bytes:
    with compressed.opened(path) as raw:
        return raw.read(SAMPLE)


def _other(start: bytes, stated: str) -> str:
    """The encoding that a mark or the bytes themselves show, where the card states one that reads them as nonsense."""
    mark = next((name for mark, name in MARKS.items() if start.startswith(mark)), "")
    if mark == "utf-16":
        return "" if stated.startswith("utf-16") else mark
    if stated.startswith(("utf", "ascii")):
        return ""
    beyond = sum(byte > 127 for byte in start)
    return "utf-8" if mark or (beyond >= SURELY and _readable(start, "utf-8")) else ""


def _readable(start: bytes, encoding: str) -> bool:
    """Whether text decodes, a character cut off at its end aside, into characters that text has."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeError:
        return False
    return not any(mark < " " and mark not in "\t\r\n\f\v" or "\x7f" <= mark < "\xa0" for mark in text[:SAMPLE])


def _refused(path: Path, encoding: str, found: Worded, meant: str) -> InputError:
    fix = worded("say_encoding_on_card", meant=meant) if meant else worded("name_or_save_encoding")
    return InputError(
        Problem(
            str(path),
            found,
            worded("text_as_card_says", encoding=encoding),
            fix,
            _line(path, encoding),
        )
    )


def _line(path: Path, encoding: str) -> int | None:
    """The first line that is not in an encoding whose line ends are those of ASCII."""
    if "16" in encoding or "32" in encoding:
        return None
    with compressed.opened(path) as raw:
        for number, line in enumerate(raw, start=1):
            try:
                line.decode(encoding)
            except UnicodeError:
                return number
    return None
