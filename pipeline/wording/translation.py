"""Texts that are written in English where they arise, by `worded`, in the reader's language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from pipeline.core.errors import Worded
from pipeline.wording.words import language, together

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
    """English form → Chinese form."""
    return together(files("pipeline.wording").joinpath(name) for name in CATALOGUES)
