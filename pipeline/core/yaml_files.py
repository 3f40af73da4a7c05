"""Reading a YAML file that a person edits: plain values in UTF-8, of bounded size, no entry twice, with lines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import Worded, as_is, worded

# Far beyond any card, near enough to be read within a second.
LARGEST, DEEPEST, MOST_VALUES, MOST_DIGITS = 500_000, 30, 30_000, 18

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Written otherwise than what YAML 1.1 reads: 010 is 8 there, 1:30 is 90.
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z")
_WORDS = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAVE = worded("save_as_utf_8")

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """What a file says, and where.

    Attributes
    ----------
    value
        The values; times stay as they are written.
    lines
        Path of an entry → its line, counted from 1.
    """

    value: Any
    lines: Mapping[tuple[str, ...], int]

    def line(self, at: tuple) -> int | None:
        """Line of an entry, or of the nearest one around it that stands in the file."""
        path = tuple(map(str, at))
        return next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), None)


class _Refused(yaml.MarkedYAMLError):
    """Valid YAML that no file of the project needs."""

    def __init__(self, found: Worded, expected: Worded, fix: Worded, mark: Any) -> None:
        super().__init__(problem=str(found), problem_mark=mark)
        self.found, self.expected, self.fix = found, expected, fix


def read(path: Path) -> Document:
    """Read a YAML file.

    Raises
    ------
    InputError
        For a file that cannot be read, is not UTF-8, is no YAML, or holds what no file of the project needs: an entry
        twice, a tag, an alias to itself, more than `MOST_VALUES` values, `DEEPEST` levels, numbers without end.
    """
    said = text(path)
    try:
        known = _document(said)
    except _Refused as error:
        raise _problem(path, error.found, error.expected, error.fix, error.problem_mark) from None
    except yaml.MarkedYAMLError as error:
        said = ", ".join(filter(None, (error.problem, error.context)))
        found, fix = as_is(said) if said else worded("it_cannot_be_read"), worded("check_indentation_there")
        raise _problem(path, found, worded("valid_yaml"), fix, error.problem_mark) from None
    except yaml.YAMLError as error:
        raise _problem(
            path, as_is(str(error).splitlines()[0]), worded("valid_yaml"), worded("check_indentation")
        ) from None
    return Document(deepcopy(known.value), known.lines)


@lru_cache(maxsize=64)
def _document(said: str) -> Document:
    """What a text says; a card and its parameters are read by every stage, and are the same text each time."""
    _check_size(said)
    loader = _Loader(said)
    try:
        node = loader.get_single_node()
        lines = MappingProxyType(dict(_lines(node, ())))
        value = None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()
    return Document(value, lines)


def _problem(path: Path, found: Worded, expected: Worded, fix: Worded, mark: Any = None) -> InputError:
    return InputError(Problem(path.as_posix(), found, expected, fix, mark.line + 1 if mark else None))


def text(path: Path) -> str:
    """The text of a file in UTF-8.

    Raises
    ------
    InputError
        For a file that cannot be read, is too large, or is no text in UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        found = as_is(error.strerror.lower()) if error.strerror else worded("it_cannot_be_read")
        raise _problem(path, found, worded("file_that_can_be_read"), worded("check_name_and_right")) from None
    if len(raw) > LARGEST:
        fix = worded("keep_data_in_files")
        raise _problem(path, worded("file_of_bytes", n=len(raw)), worded("at_most_bytes", largest=LARGEST), fix)
    if raw.startswith(_UTF16) or b"\0" in raw:
        wide = raw.startswith(_UTF16) or raw.count(b"\0") > len(raw) // 4
        found = worded("utf_16_text") if wide else worded("bytes_that_are_no_text")
        raise _problem(path, found, worded("text_in_utf_8"), _SAVE)
    try:
        said = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        found = worded("character_not_utf_8", likely=_likely(raw))
        raise InputError(Problem(path.as_posix(), found, worded("text_in_utf_8"), _SAVE, row)) from None
    if odd := _FORBIDDEN.search(said):
        row = said.count("\n", 0, odd.start()) + 1
        found = worded("control_character_at", odd=ord(odd[0]))
        fix = worded("type_line_anew")
        raise InputError(Problem(path.as_posix(), found, worded("text_that_can_be_seen"), fix, row))
    return said


def _likely(raw: bytes) -> Worded | str:
    """The encoding of Chinese Windows editors, where it fits."""
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return worded("looks_like_gbk")


def _check_size(text: str) -> None:
    """Count values and levels as they are once every alias is written out, before anything is built."""
    known: dict[str, tuple[int, int]] = {}
    open_nodes: list[list] = [["", 0, 0]]  # anchor, values inside, levels inside
    events: Iterator[Any] = yaml.parse(text, Loader=_Base)
    for event in events:
        values, levels = 1, 0
        if isinstance(event, yaml.AliasEvent):
            if any(event.anchor == entry[0] for entry in open_nodes):
                found, fix = worded("anchor_inside_itself", anchor=event.anchor), worded("write_values_out")
                raise _Refused(found, worded("no_entry_within_itself"), fix, event.start_mark)
            values, levels = known.get(str(event.anchor), (1, 0))
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.tag not in (None, "!"):
                fix = worded("take_tag_away")
                raise _Refused(worded("tag_found", tag=event.tag), worded("plain_values"), fix, event.start_mark)
            if isinstance(event, yaml.CollectionStartEvent):
                open_nodes.append([event.anchor or "", 1, 0])
                if len(open_nodes) > DEEPEST:
                    raise _too_deep(event)
                continue
            if event.anchor:
                known[event.anchor] = (1, 0)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, values, levels = open_nodes.pop()
            levels += 1
            if anchor:
                known[anchor] = (values, levels)
        else:
            continue
        around = open_nodes[-1]
        around[1], around[2] = around[1] + values, max(around[2], levels)
        if len(open_nodes) + around[2] > DEEPEST:
            raise _too_deep(event)
        if around[1] > MOST_VALUES:
            fix = worded("take_repeated_aliases_away")
            raise _Refused(
                worded("too_many_values"),
                worded("at_most_values", most_values=MOST_VALUES),
                fix,
                event.start_mark,
            )


def _too_deep(event: Any) -> _Refused:
    fix = worded("check_brackets_and_indentation")
    return _Refused(worded("too_many_levels"), worded("at_most_levels", deepest=DEEPEST), fix, event.start_mark)


class _Loader(_Base):
    """Plain values, numbers as people write them."""

    def whole_number(self, node: yaml.ScalarNode) -> int:
        fix = worded("quote_name_or_code")
        if not _DECIMAL.match(node.value):
            raise _Refused(
                worded("value_for_number", value=node.value),
                worded("whole_number_as_written"),
                fix,
                node.start_mark,
            )
        digits = len(node.value.lstrip("+-"))
        if digits > MOST_DIGITS:
            raise _Refused(
                worded("number_of_digits", digits=digits),
                worded("at_most_digits", most_digits=MOST_DIGITS),
                fix,
                node.start_mark,
            )
        return int(node.value.replace("_", ""))

    def decimal_number(self, node: yaml.ScalarNode) -> float:
        value = math.nan if ":" in node.value else float(self.construct_yaml_float(node))
        if not math.isfinite(value):
            fix = worded("quote_name_or_code")
            raise _Refused(worded("value_for_number", value=node.value), worded("finite_number"), fix, node.start_mark)
        return value


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.whole_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.decimal_number)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Base.construct_yaml_str)


def _lines(node: yaml.Node | None, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The line of every entry; no entry stands twice, and names are text (`no:` is a country, not false)."""
    if node is None:
        return
    yield at, node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode) and (odd := _FORBIDDEN.search(node.value)):
        found = worded("control_character_at", odd=ord(odd[0]))
        raise _Refused(found, worded("text_that_can_be_seen"), worded("take_it_away"), node.start_mark)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                fix = worded("put_name_before_colon")
                raise _Refused(worded("name_is_a_list"), worded("name_before_colon"), fix, key.start_mark)
            if _FORBIDDEN.search(key.value):
                raise _Refused(
                    worded("control_character"), worded("text_that_can_be_seen"), worded("take_it_away"), key.start_mark
                )
            if key.value in seen:
                fix = worded("keep_one_entry")
                raise _Refused(worded("name_twice", name=key.value), worded("each_entry_once"), fix, key.start_mark)
            seen.add(key.value)
            if key.tag in _WORDS:
                key.tag = "tag:yaml.org,2002:str"
            yield from _lines(value, (*at, key.value))
            yield (*at, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*at, str(index)))
