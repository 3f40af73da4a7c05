"""Texts of the command line by key, in the language that `STICKINESS_LANG` or the system names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from pipeline.core.errors import InputError, Problem, near

VARIABLE = "STICKINESS_LANG"
LANGUAGES = ("en", "zh")
SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")


def language() -> str:
    """The language of messages: what `STICKINESS_LANG` says, else the system's, else English."""
    named = next(filter(None, map(os.environ.get, (VARIABLE, *SYSTEM))), "")
    return "zh" if _base(named) == "zh" else "en"


def check() -> None:
    """Refuse a language that the catalogue does not have.

    Raises
    ------
    InputError
        For another value of `STICKINESS_LANG` than a language of the catalogue.
    """
    asked = os.environ.get(VARIABLE, "")
    if asked and _base(asked) not in LANGUAGES:
        raise InputError(Problem(VARIABLE, repr(asked), ", ".join(LANGUAGES), near(asked, LANGUAGES)))


def _base(name: str) -> str:
    """The language of a locale: zh of zh_CN.UTF-8."""
    return re.split("[-_.@]", name.strip().lower())[0]


def said(key: str, /, **values: Any) -> str:
    """The text under a key with its fields filled in.

    Raises
    ------
    KeyError
        For a key that the catalogue does not have, or a field without a value.
    """
    return catalogue()[key][language()].format(**values).rstrip("\n")


def listed(names: Iterable[str]) -> str:
    """Names one after another."""
    return said("comma").join(names)


def typed(name: str) -> str:
    """A name as somebody types it into a command."""
    return f'"{name}"' if " " in name else name


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key → the text in each language."""
    return together(files("pipeline.wording").joinpath("catalogue").iterdir())


def together(parts: Iterable[Traversable]) -> dict[str, Any]:
    """The entries of several YAML files.

    Raises
    ------
    ValueError
        For a key that stands in two files.
    """
    found: dict[str, Any] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for file in sorted(parts, key=lambda file: file.name):
        entries = yaml.load(file.read_text(encoding="utf-8"), loader)
        if twice := sorted(set(entries) & set(found)):
            raise ValueError(f"{file.name}: {twice[0]!r} stands in another file already")
        found |= entries
    return found
