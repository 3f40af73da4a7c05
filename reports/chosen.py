"""Values of the choices in the texts of the report, so that no sentence states another value than was computed with."""

from __future__ import annotations

import re

from models.choices import choices

_FIELD = re.compile(r"\{choice\.(\w+)(%?)\}")


def written(value: float) -> str:
    """A value as the report prints it: 30, .05, .90, .001."""
    if not 0 < value < 1:
        return f"{value:g}"
    decimals = f"{value:.10f}".rstrip("0").partition(".")[2]
    return f".{decimals:0<2}"


def filled(text: str) -> str:
    """A text with `{choice.alpha}` as .05 and `{choice.flag_missing%}` as 15%."""
    return _FIELD.sub(_value, text)


def _value(match: re.Match[str]) -> str:
    value = getattr(choices, match[1])
    return f"{100 * value:g}%" if match[2] else written(value)
