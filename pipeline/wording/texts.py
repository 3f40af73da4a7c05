"""Texts that are said where somebody reads them: a key with values, worded in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from models.remarks import Plain, Remark, Stated
from pipeline.wording.forms import form

# What somebody wrote in English, in Chinese or in both; or without saying in which language.
Text = str | dict[str, str]


def in_language(text: str | Mapping[str, str], language: str) -> str:
    """A text in a language, or in the one that it stands in."""
    return text if isinstance(text, str) else text.get(language) or next(iter(text.values()))


@dataclass(frozen=True)
class Worded:
    """A text as data.

    Attributes
    ----------
    key
        Entry of the catalogue.
    values
        Field → value, which may be such a text itself, a remark, or a text in both
        languages (`en`, `zh`).
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.told("en")

    def __hash__(self) -> int:
        return hash(self.key)

    def told(self, language: str) -> str:
        """The text in a language.

        Raises
        ------
        KeyError
            For a key that the catalogue does not have, or a field without a value.
        """
        values = {name: _told(value, language) for name, value in self.values.items()}
        return form(self.key)[language].format(**values)


def worded(key: str, /, **values: Any) -> Worded:
    """A text by its key and the values of its fields."""
    return Worded(key, {name: _kept(value) for name, value in values.items()})


def as_is(text: object) -> Worded:
    """What has no translation: a value of the input, a command, the message of another program."""
    return worded("as_is", text=text)


def in_both(entry: Mapping[str, Any]) -> Worded:
    """What an entry of a schema is, which says it in both languages itself."""
    return as_is({"en": (text := entry["description"]), "zh": entry.get("zh", text)})


def either(names: Iterable[object]) -> Worded:
    """Names of which one is meant: 'a' or 'b'."""
    first, *others = names
    return reduce(lambda one, other: worded("one_or_other", one=one, other=other), others, as_is(repr(first)))


def _kept(value: Any) -> Any:
    """A value that can be sent to another process: of an error what it says."""
    if isinstance(value, Stated):
        return {"en": str(value), "zh": value.remark.worded(Plain("zh"))}
    return str(value) if isinstance(value, Exception) else value


def _told(value: Any, language: str) -> Any:
    if isinstance(value, Worded):
        return value.told(language)
    if isinstance(value, Mapping):
        return in_language(value, language)
    return value.worded(Plain(language)) if isinstance(value, Remark) else value
