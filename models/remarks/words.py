"""The words of remarks: a form in each language for every key, in `catalogue/`; no result rests on them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Formatter

import yaml


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key → the form of words in each language; `{n:count}` is the field n, of the kind count.

    Returns
    -------
    dict of str to dict of str to str
        The forms of all remarks.

    Raises
    ------
    ValueError
        For a key that stands in two files.

    Examples
    --------
    >>> from models.remarks import catalogue
    >>> catalogue()["few_pairs"]["en"]
    '{n:count} complete pairs of condition and outcome; at least {least:count} are needed'
    """
    found: dict[str, dict[str, str]] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    folder = files("models.remarks").joinpath("catalogue")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        entries = yaml.load(file.read_text(encoding="utf-8"), loader) or {}
        if twice := sorted(set(entries) & set(found)):
            raise ValueError(f"{file.name}: {twice[0]!r} stands in another file already")
        found |= entries
    return found


def fields(form: str) -> dict[str, str]:
    """Field → kind of a form of words."""
    return {field: kind or "text" for _, field, kind, _ in Formatter().parse(form) if field}
