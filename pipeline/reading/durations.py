"""How long a respondent took, as survey platforms export it, in seconds."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from pipeline.core.errors import InputError, Problem, shown
from pipeline.reading import numbers
from pipeline.wording.texts import as_is, worded

_PER_UNIT = {"seconds": 1.0, "minutes": 60.0}
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]+)?)"
_CLOCK = re.compile(r"(?:([0-9]{1,9}):)?([0-9]{1,2}):([0-9]{1,2}(?:\.[0-9]+)?)")
_WORDS = re.compile(
    rf"(?:{_NUMBER}\s*(?:小时|h(?:ours?|rs?)?))?\s*(?:{_NUMBER}\s*(?:分钟?|m(?:in(?:ute)?s?)?))?\s*"
    rf"(?:{_NUMBER}\s*(?:秒钟?|s(?:ec(?:ond)?s?)?))?",
    re.IGNORECASE,
)


def seconds(durations: pd.Series, unit: str, path: str) -> pd.Series:
    """Read durations: plain numbers in `unit`, or texts that carry their unit (``185秒``, ``3分5秒``, ``00:03:05``).

    Parameters
    ----------
    durations
        Raw column; blank is missing.
    unit
        "seconds" or "minutes".
    path
        Name of the table for messages.

    Raises
    ------
    InputError
        For negative and unreadable durations, each with its row.
    """
    texts = durations.astype(object).map(numbers.as_written, na_action="ignore").fillna("").astype(str)
    read = np.array([np.nan if text == "" else _read(text, _PER_UNIT[unit]) for text in texts])
    wrong = np.flatnonzero((np.isnan(read) & (texts != "").to_numpy()) | (read < 0))
    if len(wrong):
        raise InputError(
            Problem(
                path,
                as_is(shown(durations.iloc[position])),
                worded("form_of_duration", unit=worded(f"time_unit_{unit}")),
                numbers.remedy(durations.iloc[position]) or worded("correct_duration_or_column"),
                int(position) + 1,
                str(durations.name),
            )
            for position in wrong[:3]
        )
    return pd.Series(read, index=durations.index, dtype=float)


def _read(text: str, per_unit: float) -> float:
    """Seconds of one text; NaN where it is none."""
    if re.fullmatch(numbers.NUMBER, text):
        number = float(text) * per_unit
        return number if np.isfinite(number) else np.nan
    clock = _CLOCK.fullmatch(text)
    match = clock or _WORDS.fullmatch(text)
    if match is None:
        return np.nan
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    if clock and (rest >= 60 or (clock[1] and minutes >= 60)):
        return np.nan
    return 3600 * hours + 60 * minutes + rest
