"""Values of the choices in the texts of the report, so that no sentence states another value than was computed with."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.choices import choices, named

_WORD = re.compile(r"\{chosen\.(\w+)\}")
_FIELD = re.compile(r"\{(choice|level)\.(\w+)(%?)\}")


def written(value: float | str) -> str:
    """A value as the report prints it: 30, 1,000,000, .05, .90, .001; a word as it is declared."""
    if isinstance(value, str):
        return value
    if value == int(value):
        return f"{int(value):,}"
    if not 0 < value < 1:
        return f"{value:g}"
    decimals = f"{value:.10f}".rstrip("0").partition(".")[2]
    return f".{decimals:0<2}"


def filled(text: str) -> str:
    """A text with `{choice.alpha}` as .05, `{choice.flag_missing%}` as 15% and `{level.equivalence%}` as 90%."""
    return _FIELD.sub(_value, text)


def worded(text: str, words: Mapping[str, str]) -> str:
    """A text with `{chosen.measurement_missing}` as what the words of a language have for the chosen one."""
    return _WORD.sub(lambda match: word(match[1], words), text)


def word(name: str, words: Mapping[str, str]) -> str:
    """What a choice that is a word says, in the words of a language."""
    return words[f"chosen.{name}.{named([name])[name]}"]


def levels() -> dict[str, float]:
    """What follows from the chosen levels: those of other intervals and tests, and where an interval ends."""
    upper = 0.5 + choices.confidence / 2
    rmsea, equivalence = 2 * choices.confidence - 1, 1 - 2 * choices.alpha
    found = {"rmsea": rmsea, "equivalence": equivalence, "lower": 1 - upper, "upper": upper}
    return found | {"fit": 1 - choices.fit_error, "one_sided": choices.alpha / 2}


def _value(match: re.Match[str]) -> str:
    value = named([match[2]])[match[2]] if match[1] == "choice" else levels()[match[2]]
    return f"{100 * float(value):g}%" if match[3] else written(value)
