"""Argparse in the reader's language: the words that are its own are in the catalogue too."""

from __future__ import annotations

import argparse
from functools import cache
from importlib.resources import files

from models.messages.yaml_text import parsed
from pipeline.wording.words import language


def translated() -> None:
    """Let argparse, which asks `gettext` for its words, ask the catalogue."""
    setattr(argparse, "_", own)  # noqa: B010
    setattr(argparse, "ngettext", lambda one, many, n: own(one if n == 1 else many))  # noqa: B010


def own(message: str) -> str:
    """A message of argparse in the reader's language; one that the catalogue does not have stays as it is."""
    return message if language() == "en" else words().get(message, message)


@cache
def words() -> dict[str, str]:
    """Argparse's messages → Chinese."""
    text = files("pipeline.wording").joinpath("argparse.zh.yaml").read_text(encoding="utf-8")
    return parsed(text)
