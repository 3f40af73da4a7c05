"""Dates and times, as every door reads them: by the card's form, in one zone, in years that can be."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.core.errors import InputError, Problem, shown
from pipeline.reading import numbers
from pipeline.wording.texts import Worded, as_is, either, worded

# Form of the card → unit of its numbers, and how many are a second.
UNIX = {"unix": "s", "unix_ms": "ms"}
ASKED = {
    "unix": worded("seconds_since_1970"),
    "unix_ms": worded("milliseconds_since_1970"),
}
PER_SECOND = {"unix": 1, "unix_ms": 1000}
# What lies outside is a mistake of reading: seconds since 1970 where 1990 and 2101 begin, and years of dates.
EARLIEST, LATEST = 631_152_000, 4_133_980_800
YEARS = (1900, 2100)
# Days since 1899-12-30, by which Excel counts: 1990 to 2100.
SERIAL = (32_000, 74_000)
SHOWN = 3

Form = str | Sequence[str]


def read(column: pd.Series, form: Form, path: str, asked: str, zone: str = "UTC", endless: bool = False) -> pd.Series:
    """Times without a zone; text only by the form that the card gives.

    A time with a zone of its own is put on the clock of `zone`; one without stays as it is.

    Parameters
    ----------
    form
        Strptime patterns, unix or unix_ms; empty where times are native.
    asked
        Entry of the card that gives the form, for messages.
    endless
        A year beyond 2100 stands for "never" and stays.

    Raises
    ------
    InputError
        For values in no such form and dates that cannot be, each with its row.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        found = _local(column, zone)
    elif not form:
        held = worded("column_of_type", dtype=column.dtype)
        if column.notna().any():
            held = worded("held_such_as", held=held, one=shown(column.dropna().iloc[0]))
        fix = worded("give_time_form", asked=asked)
        raise InputError(Problem(path, held, worded("dates_or_times"), fix, column=str(column.name)))
    else:
        forms = [form] if isinstance(form, str) else form
        found = _parsed(column, forms[0], zone, path)
        for other in forms[1:]:
            found = found.fillna(_parsed(column, other, zone, path))
    blank = (column.isna() | (column.astype(object).map(str, na_action="ignore").str.strip() == "")).to_numpy(
        dtype=bool
    )
    years = found.dt.year
    beyond = (years < YEARS[0]) | ((years > YEARS[1]) & (not endless))
    wrong = np.flatnonzero((found.isna().to_numpy() & ~blank) | beyond.to_numpy(dtype=bool))
    if len(wrong):
        raise InputError(_unreadable(column, int(at), form, path, asked) for at in wrong[:SHOWN])
    return found


def _unreadable(column: pd.Series, at: int, form: Form, path: str, asked: str) -> Problem:
    forms = [form] if isinstance(form, str) else form
    value = column.iloc[at]
    expected = expected_in(forms) if form else worded("date_of_years", first=YEARS[0], last=YEARS[1])
    return Problem(path, as_is(shown(value)), expected, remedy(value, forms, asked), at + 1, str(column.name))


def expected_in(forms: Sequence[str]) -> Worded:
    """What a message asks for."""
    if forms[0] in UNIX:
        return ASKED[forms[0]]
    return worded("date_in_form", forms=either(forms), first=YEARS[0], last=YEARS[1])


def remedy(value: object, forms: Sequence[str], asked: str) -> Worded:
    """What to do about a time that is none in the card's form."""
    values, wrong = numbers.of(pd.Series([value], dtype=object))
    number = values[0]
    if forms and forms[0] in UNIX and not wrong[0] and np.isfinite(number):
        if SERIAL[0] <= number <= SERIAL[1]:
            return worded("excel_day_numbers")
        if forms[0] == "unix" and EARLIEST * 1000 <= number < LATEST * 1000:
            return worded("say_unix_ms")
        if forms[0] == "unix_ms" and EARLIEST <= number < LATEST:
            return worded("say_unix")
        return worded("correct_value_or_divide")
    return worded("correct_value_or_entry", asked=asked)


def _parsed(column: pd.Series, form: str, zone: str, path: str) -> pd.Series:
    """Times in a form, missing where they have another one."""
    if form in UNIX:
        values, wrong = numbers.of(column)
        seconds = values.mask(wrong) / PER_SECOND[form]
        kept = seconds.where((seconds >= EARLIEST) & (seconds < LATEST))
        return pd.to_datetime(kept, unit="s").astype("datetime64[us]")
    texts, name = column.astype(object).map(lambda cell: str(cell).strip(), na_action="ignore"), str(column.name)
    zoned = "%z" in form or "%Z" in form
    try:
        found = pd.to_datetime(texts, format=form.replace("%-", "%"), errors="coerce", utc=zoned)
    except (ValueError, re.error) as error:
        fix = worded("write_parts_of_time")
        raise InputError(
            Problem(
                path,
                worded("form_does_not_fit", form=form, error=error),
                worded("strptime_pattern"),
                fix,
                column=name,
            )
        ) from None
    return _local(found, zone)


def _local(column: pd.Series, zone: str) -> pd.Series:
    if column.dt.tz is not None:
        column = column.dt.tz_convert(zone).dt.tz_localize(None)
    return column.astype("datetime64[us]")
