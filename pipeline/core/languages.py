"""The language that somebody asks for is one in which there are words."""

from __future__ import annotations

import os

from pipeline.core.errors import InputError, Problem, near
from pipeline.wording.texts import as_is
from pipeline.wording.words import LANGUAGES, VARIABLE, base


def check() -> None:
    """Refuse a language that the catalogue does not have.

    Raises
    ------
    InputError
        For another value of `STICKINESS_LANG` than a language of the catalogue.
    """
    asked = os.environ.get(VARIABLE, "")
    if asked and base(asked) not in LANGUAGES:
        raise InputError(Problem(VARIABLE, as_is(repr(asked)), as_is(", ".join(LANGUAGES)), near(asked, LANGUAGES)))
