"""The texts of the pipeline by key, in each language: `catalogue/`, `{name}` is a field."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml


def form(key: str) -> dict[str, str]:
    """The text under a key in each language.

    Raises
    ------
    KeyError
        For a key that the catalogue does not have.
    """
    return catalogue().get(key) or rooms()[key]


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key → the text in each language: what the command line says at each start."""
    return together(files("pipeline.wording").joinpath("catalogue").iterdir())


@cache
def rooms() -> dict[str, dict[str, str]]:
    """Key → the text in each language: what the rooms say of input, runs and drafts, read when something is said."""
    return together(files("pipeline.wording").joinpath("catalogue", "rooms").iterdir())


def together(parts: Iterable[Traversable]) -> dict[str, Any]:
    """The entries of several YAML files.

    Raises
    ------
    ValueError
        For a key that stands in two files.
    """
    found: dict[str, Any] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for file in sorted((part for part in parts if part.is_file()), key=lambda file: file.name):
        entries = yaml.load(file.read_text(encoding="utf-8"), loader)
        if twice := sorted(set(entries) & set(found)):
            raise ValueError(f"{file.name}: {twice[0]!r} stands in another file already")
        found |= entries
    return found
