"""Declared entries as frozen objects: a dataclass is the form, its fields the names and the kinds of values."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from models.messages.misspelt import near_names
from models.messages.values import shown
from models.remarks import Remark, remark

QUOTED = remark("quoted_text")
LANGUAGES = ("en", "zh")
Text = dict[str, str]
# A DOI begins with 10. and the number of who gave it (ISO 26324).
Doi = NewType("Doi", str)
_DOI = re.compile(r"10\.\d{4,9}(\.\d+)*/\S+")
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a declaration.

    Attributes
    ----------
    file : str
        The file, from the folder `models` on.
    at : tuple of str or int
        Path of keys in a YAML file, or the line of a text, counted from 1.
    found, expected : Remark
        What is there, what should be.
    near : tuple of str
        The known names that may have been meant, the nearest first.
    """

    file: str
    at: Place
    found: Remark
    expected: Remark
    near: tuple[str, ...] = ()


class DeclarationError(ValueError):
    """A declaration that cannot be read; carries every finding."""

    def __init__(self, findings: Collection[Finding]) -> None:
        self.findings = tuple(findings)
        said = (f"{f.file}, {' → '.join(map(str, f.at))}: found {f.found}, expected {f.expected}" for f in findings)
        super().__init__("\n".join(said))


def as_said(text: object) -> Remark:
    """Say a value, or the message of another program, as it is."""
    return remark("as_said", text=str(text))


def unknown(file: str, at: Place, word: object, known: Collection[str], what: Remark) -> Finding:
    """Make the finding of a name that is not one of the known."""
    expected = remark("listed", what=what, names=list(known)) if 0 < len(known) <= 12 else what
    return Finding(file, at, as_said(shown(word)), expected, tuple(near_names(word, known)))


def names_of(form: Any) -> MappingProxyType[str, Any]:
    """Name in the file → kind of value; a name that Python keeps for itself ends in `_` in the dataclass."""
    return _names(form)


@cache
def _names(form: Any) -> MappingProxyType[str, Any]:
    hints = get_type_hints(form)
    return MappingProxyType({field.name.rstrip("_"): hints[field.name] for field in fields(form)})


@cache
def _attributes(form: Any) -> dict[str, str]:
    return {field.name.rstrip("_"): field.name for field in fields(form)}


def named_entries(file: str, value: object) -> Iterator[Finding]:
    """Find what keeps a file from being entries, each by a name."""
    if not isinstance(value, dict) or not value:
        yield Finding(file, (), remark("no_entries"), remark("entries_by_name"))
        return
    for name in value:
        if not isinstance(name, str) or not name.strip():
            yield Finding(file, (str(name),), remark("the_name", name=shown(name)), QUOTED)


def required_of(form: Any) -> tuple[str, ...]:
    """Names of a form that have no default."""
    return _required(form)


@cache
def _required(form: Any) -> tuple[str, ...]:
    return tuple(f.name.rstrip("_") for f in fields(form) if f.default is MISSING and f.default_factory is MISSING)


def findings(file: str, kind: Any, value: object, at: Place = ()) -> Iterator[Finding]:
    """Find what keeps a value from being of a kind: `Literal`, a dataclass, a tuple, text or a number."""
    if kind is str:
        if not isinstance(value, str) or not value.strip():
            yield Finding(file, at, as_said(shown(value)), QUOTED)
        return
    if is_dataclass(kind):
        yield from entry(file, names_of(kind), required_of(kind), value, at)
        return
    origin, parts = get_origin(kind), get_args(kind)
    if kind == Text:
        yield from entry(file, dict.fromkeys(LANGUAGES, str), LANGUAGES, value, at)
    elif origin is Literal:
        if value not in parts or isinstance(value, bool):
            yield unknown(file, at, value, [str(one) for one in parts], remark("one_of"))
    elif origin is tuple:
        yield from _several(file, parts[0], value, at)
    elif origin is dict:
        if not isinstance(value, dict) or not value:
            yield Finding(file, at, as_said(shown(value)), remark("entries_by_name"))
            return
        for name, inside in value.items():
            yield from findings(file, parts[1], inside, (*at, str(name)))
    elif type(None) in parts:
        yield from findings(file, parts[0], value, at)
    elif kind is Doi:
        if not isinstance(value, str) or not _DOI.fullmatch(value):
            yield Finding(file, at, as_said(shown(value)), remark("a_doi"))
    elif (
        isinstance(value, bool)
        or not isinstance(value, int if kind is int else int | float)
        or not 0 < value < math.inf
    ):
        yield Finding(
            file, at, as_said(shown(value)), remark("whole_above_zero") if kind is int else remark("above_zero")
        )


def _several(file: str, kind: Any, value: object, at: Place) -> Iterator[Finding]:
    if not isinstance(value, list) or not value:
        yield Finding(file, at, as_said(shown(value)), remark("a_list"))
        return
    for place, one in enumerate(value):
        yield from findings(file, kind, one, (*at, place))
        if one in value[:place]:
            yield Finding(file, (*at, place), remark("twice", name=shown(one)), remark("each_once"))


def entry(
    file: str, known: Mapping[str, Any], required: Collection[str], value: object, at: Place
) -> Iterator[Finding]:
    """Find what is wrong with a mapping: a name that nobody reads, one that is missing, a value of another kind."""
    if not isinstance(value, dict):
        yield Finding(file, at, as_said(shown(value)), remark("entries_listed", names=", ".join(known)))
        return
    for name, inside in value.items():
        if name not in known:
            yield unknown(file, (*at, name), name, list(known), remark("name_that_is_read"))
        else:
            yield from findings(file, known[name], inside, (*at, name))
    for name in required:
        if name not in value:
            yield Finding(
                file,
                at,
                remark("no_entry", name=repr(name)),
                remark("an_entry", name=repr(name)),
                tuple(near_names(name, set(value) - {*known})),
            )
    if "doi" in value and "source" in known and "source" not in value and "source" not in required:
        yield Finding(file, (*at, "doi"), remark("no_entry", name=repr("source")), remark("source_of_doi"))


def made(kind: Any, value: Any) -> Any:
    """Make a value of a kind, of what `findings` finds nothing wrong with."""
    if kind is str:
        return value
    if is_dataclass(kind):
        form: Any = kind
        names, kinds = _attributes(form), _names(form)
        return form(**{names[name]: made(kinds[name], inside) for name, inside in value.items()})
    origin, parts = get_origin(kind), get_args(kind)
    if origin is tuple:
        return tuple(made(parts[0], one) for one in value)
    if origin is dict:
        return {key: made(parts[1], one) for key, one in value.items()}
    if origin in (Union, UnionType):
        return made(next(part for part in parts if _is_for(part, value)), value)
    return value


def _is_for(kind: Any, value: object) -> bool:
    """Whether a kind is for lists, for entries or for single values, as the value is."""
    of_lists, of_entries = get_origin(kind) is tuple, get_origin(kind) is dict or is_dataclass(kind)
    return (of_lists, of_entries) == (isinstance(value, list), isinstance(value, dict))
