"""What a table of text holds, counted before anything is read from it: names, fields a row, the line of every row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TextIO

from pipeline.cards.parts import File
from pipeline.core.errors import InputError, Problem
from pipeline.reading import encodings, lines
from pipeline.wording.texts import worded

BLOCK = 1 << 22
LONGEST_LINE = 1 << 24
MOST_COLUMNS = 10_000
SHOWN = 3
SEPARATORS = {",": ",", ";": ";", "\t": r"\t", "|": "|"}
WHITESPACE = r"\s+"
# Stands for a separator of several characters; no text is written with it.
UNIT = "\x1f"


@dataclass
class Counted:
    """Names and rows of a table of text.

    Attributes
    ----------
    names
        Of the columns, from the file or the card; unknown before the first line.
    width
        Fields of the longest row; what lies beyond the names is empty everywhere.
    trailing
        Rows that end with a separator more than there are names.
    jumps
        (row, line) wherever a row's line does not follow from the row before; line 0: not kept any more.
    """

    path: Path
    names: list[str] | None = None
    width: int = 0
    rows: int = 0
    trailing: int = 0
    jumps: list[tuple[int, int]] = field(default_factory=list)
    sizes: Counter[int] = field(default_factory=Counter)
    wrong: list[tuple[int, int]] = field(default_factory=list)
    _next: int = 1

    def named(self, names: list[str]) -> None:
        """Take the names of the columns."""
        self.names, self.width = names, len(names)

    def many(self, rows: int, line: int) -> None:
        """Count rows that follow one another from `line` on, each with a field a name."""
        self._at(line)
        self.rows += rows
        self._next = line + rows
        self.sizes[self.width_of_names] += rows

    @property
    def width_of_names(self) -> int:
        return len(self.names or ())

    def row(self, fields: list[str], line: int) -> None:
        """Count one row."""
        if self.names is None:
            self.named(fields)
            return
        self._at(line)
        self.rows += 1
        self._next = line + 1
        n, names = len(fields), self.width_of_names
        self.sizes[n] += 1
        if n == names:
            return
        if n > names and not any(text.strip() for text in fields[names:]):
            self.trailing += 1
            self.width = max(self.width, n)
        elif len(self.wrong) < SHOWN:
            self.wrong.append((line, n))

    def _at(self, line: int) -> None:
        if line != self._next and len(self.jumps) <= lines.MOST_JUMPS:
            self.jumps.append((self.rows + 1, line if len(self.jumps) < lines.MOST_JUMPS else 0))


def count(path: Path, entry: File, separator: str) -> Counted:
    """Count the fields of every row.

    Parameters
    ----------
    entry
        The file's entry on the card (encoding, header, columns).
    separator
        A character, several of them, or `WHITESPACE`.

    Raises
    ------
    InputError
        For rows with more or fewer fields than names, a quote that is left open, names that are repeated or too many,
        a NUL character, a separator that is not the file's.
    """
    counted, columns = Counted(path, _next=entry.first_line), list(entry.columns)
    if not entry.header and columns:
        counted.named(columns)
        _check_names(path, columns, columns, 1)
    with encodings.opened(path, entry.encoding) as stream:
        blocks, before = _blocks(stream, path, separator), 0
        sign = " " if separator == WHITESPACE else separator if len(separator) == 1 else UNIT
        for block in blocks:
            if counted.names is None:
                left = iter(block)
                number, names = next(_records(left, sign, path, before), (0, None))
                if names is None:
                    before += len(block)
                    continue
                counted.named(columns or names)
                _check_names(path, columns or names, names, number)
                rows = list(left)
                before, block = before + len(block) - len(rows), rows
            if any('"' in line for line in block) and not _regular(block, sign, counted.width_of_names):
                for number, record in _records(chain(block, chain.from_iterable(blocks)), sign, path, before):
                    counted.row(record, number)
                break
            _whole(block, sign, before, counted)
            before += len(block)
    if counted.wrong:
        raise _uneven(counted, separator, entry)
    return counted


def _blocks(stream: TextIO, path: Path, separator: str) -> Iterator[list[str]]:
    """Lines of a text, some megabytes at a time."""
    rest, before = "", 0
    while text := stream.read(BLOCK):
        text = rest + text
        if (at := text.find("\0")) >= 0:
            meant = encodings.looks_utf_16(path)
            fix = worded("say_encoding_on_card", meant=meant) if meant else worded("get_damaged_file_again")
            row = before + text.count("\n", 0, at) + 1
            raise InputError(Problem(str(path), worded("nul_character"), worded("text"), fix, row))
        cut = max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
        if len(text) - cut > LONGEST_LINE:
            found = worded("line_of_more_than_characters", longest_line=LONGEST_LINE)
            raise InputError(Problem(str(path), found, worded("row_a_line"), worded("check_what_file_is"), before + 1))
        rest, whole = text[cut:], _split(text[:cut], separator, path)
        before += len(whole)
        yield whole
    yield _split(rest, separator, path)


def _split(text: str, separator: str, path: Path) -> list[str]:
    if separator == WHITESPACE:
        return [" ".join(line.split()) + "\n" for line in io.StringIO(text, newline="")]
    if len(separator) > 1:
        if UNIT in text:
            raise InputError(
                Problem(
                    str(path), worded("control_character_as", unit=UNIT), worded("text"), worded("take_it_out_of_file")
                )
            )
        text = text.replace(separator, UNIT)
    return list(io.StringIO(text, newline=""))


def _regular(block: list[str], sign: str, names: int) -> bool:
    """Whether each of some lines with quotes is a row with a field a name."""
    try:
        sizes = list(map(len, csv.reader(block, delimiter=sign, skipinitialspace=True, strict=True)))
    except csv.Error:
        return False
    return len(sizes) == len(block) and set(sizes) == {names} and names > 1


def _whole(block: list[str], sign: str, before: int, counted: Counted) -> None:
    """Count the rows of lines that are rows: regular ones where there are quotes."""
    names = counted.width_of_names
    quoted = any('"' in line for line in block)
    if quoted or (names > 1 and {line.count(sign) for line in block} == {names - 1}):
        counted.many(len(block), before + 1)
        return
    for number, line in enumerate(block, start=before + 1):
        if line.strip() or sign in line.strip("\r\n "):
            counted.row(line.strip("\r\n").split(sign), number)


def _records(text: Iterator[str], sign: str, path: Path, before: int) -> Iterator[tuple[int, list[str]]]:
    """Rows of quoted fields, each with the line on which it begins; blank lines are none."""
    reader = csv.reader(text, delimiter=sign, skipinitialspace=True, strict=True)
    begins = before + 1
    try:
        for fields in reader:
            if len(fields) > 1 or "".join(fields).strip():
                yield begins, fields
            begins = before + reader.line_num + 1
    except csv.Error as error:
        found = worded("quote_does_not_end", error=error)
        fix = worded("close_quote")
        expected = worded("quotes_around_whole_fields")
        raise InputError(Problem(str(path), found, expected, fix, begins)) from None


def _check_names(path: Path, names: list[str], written: list[str], line: int) -> None:
    if len(names) > MOST_COLUMNS:
        found, fix = (
            worded("so_many_columns", n=len(names)),
            worded("turn_table_or_keep_columns"),
        )
        raise InputError(Problem(str(path), found, worded("at_most_columns", most_columns=MOST_COLUMNS), fix, line))
    others = [sign for sign in SEPARATORS if sign in written[0]] if len(written) == 1 and len(names) == 1 else []
    if others:
        sign = max(others, key=written[0].count)
        found, fix = (
            worded("one_column_named", written=written[0][:80]),
            worded("say_separator_on_card", other=SEPARATORS[sign]),
        )
        raise InputError(Problem(str(path), found, worded("columns_by_separator"), fix, line))
    problems = []
    for name, times in Counter(name.strip() for name in names if name.strip()).items():
        if times > 1:
            fix = worded("own_name_for_each_column")
            problems.append(
                Problem(
                    str(path),
                    worded("columns_named", times=times, name=name),
                    worded("each_name_once"),
                    fix,
                    line,
                )
            )
    for name in names:
        if any(mark < " " and mark not in "\t\r\n" or mark == "\x7f" for mark in name):
            fix = worded("write_name_anew")
            problems.append(
                Problem(str(path), worded("control_character_in", name=name), worded("name_of_letters"), fix, line)
            )
    if problems:
        raise InputError(problems)


def _uneven(counted: Counted, separator: str, entry: File) -> InputError:
    """Rows with more or fewer fields than names: what may be behind it."""
    path, names = counted.path, counted.width_of_names
    expected = worded("field_for_each_name", names=names)
    if counted.sizes == {names + 1: counted.rows}:
        found = worded("one_field_more", rows=counted.rows)
        fix = worded("name_for_row_names")
        return InputError(Problem(str(path), found, expected, fix, counted.wrong[0][0]))
    other = _better(path, entry, separator)
    fix = worded("say_separator_on_card", other=SEPARATORS[other]) if other else worded("check_separator_and_quotes")
    problems = [
        Problem(str(path), worded("fields_in_row", n=n) if n != 1 else worded("field_in_row"), expected, fix, line)
        for line, n in counted.wrong
    ]
    return InputError(problems)


def _better(path: Path, entry: File, separator: str) -> str:
    """A separator that parts the first lines into the same number of fields."""
    with encodings.opened(path, entry.encoding) as stream:
        head = [line for line, _ in zip(stream, range(20), strict=False) if line.strip()]
    for sign in SEPARATORS:
        sizes = {line.count(sign) for line in head}
        if sign != separator and len(sizes) == 1 and sizes != {0}:
            return sign
    return ""
