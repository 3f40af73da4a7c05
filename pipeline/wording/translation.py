"""Texts that are written in English where they arise, by `worded`, in the reader's language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from pipeline.core.errors import Worded
from pipeline.wording.words import language

CATALOGUES = ("problems.zh.yaml", "drafts.zh.yaml", "running.zh.yaml")


def translated(text: str) -> str:
    """A text in the reader's language, as far as the catalogue has its English form; another stays as it is."""
    if language() == "en":
        return text
    if not isinstance(text, Worded):
        return forms().get(text, text)
    values = {name: translated(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return forms().get(text.form, text.form).format(**values)


@cache
def forms() -> dict[str, str]:
    """English form → Chinese form.

    Raises
    ------
    ValueError
        For a form that stands in two files.
    """
    found: dict[str, str] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for name in CATALOGUES:
        entries = yaml.load(files("pipeline.wording").joinpath(name).read_text(encoding="utf-8"), loader)
        if twice := sorted(set(entries) & set(found)):
            raise ValueError(f"{name}: {twice[0]!r} stands in another file already")
        found |= entries
    return found
