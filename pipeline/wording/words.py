"""Texts of the command line in the language that `STICKINESS_LANG` or the system names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from pipeline.wording.texts import Worded, worded

VARIABLE = "STICKINESS_LANG"
LANGUAGES = ("en", "zh")
SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")


def language() -> str:
    """The language of messages: what `STICKINESS_LANG` says, else the system's, else English."""
    named = next(filter(None, map(os.environ.get, (VARIABLE, *SYSTEM))), "")
    return "zh" if base(named) == "zh" else "en"


def base(name: str) -> str:
    """The language of a locale: zh of zh_CN.UTF-8."""
    return re.split("[-_.@]", name.strip().lower())[0]


def said(key: str, /, **values: Any) -> str:
    """The text under a key with its fields filled in.

    Raises
    ------
    KeyError
        For a key that the catalogue does not have, or a field without a value.
    """
    return worded(key, **values).told(language()).rstrip("\n")


def translated(text: Worded | str) -> str:
    """A text in the reader's language; a plain one stays as it is."""
    return text.told(language()) if isinstance(text, Worded) else text


def listed(names: Iterable[str]) -> str:
    """Names one after another."""
    return said("comma").join(names)


def typed(name: str) -> str:
    """A name as somebody types it into a command."""
    return f'"{name}"' if " " in name else name
