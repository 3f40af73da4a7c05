"""Dates and times, as every door reads them: by the card's form, in one zone, in years that can be."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.core.errors import InputError, Problem, shown, worded
from pipeline.reading import numbers

# Form of the card → unit of its numbers, and how many are a second.
UNIX = {"unix": "s", "unix_ms": "ms"}
ASKED = {
    "unix": "seconds since 1970, in the years 1990 to 2100",
    "unix_ms": "milliseconds since 1970, in the years 1990 to 2100",
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
    form : strptime patterns, unix or unix_ms; empty where times are native.
    asked : entry of the card that gives the form, for messages.
    endless : a year beyond 2100 stands for "never" and stays.

    Raises
    ------
    InputError
        For values in no such form and dates that cannot be, each with its row.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        found = _local(column, zone)
    elif not form:
        expected = "dates or times"
        fix = worded("give {asked} on the card (a strptime pattern); guessing would mix up day and month", asked=asked)
        found = worded("a column of type {dtype}", dtype=column.dtype)
        if column.notna().any():
            found += f", such as {shown(column.dropna().iloc[0])}"
        raise InputError(Problem(path, found, expected, fix, column=str(column.name)))
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
    expected = (
        expected_in(forms) if form else worded("a date of the years {first} to {last}", first=YEARS[0], last=YEARS[1])
    )
    return Problem(path, shown(value), expected, remedy(value, forms, asked), at + 1, str(column.name))


def expected_in(forms: Sequence[str]) -> str:
    """What a message asks for."""
    if forms[0] in UNIX:
        return ASKED[forms[0]]
    listed = repr(forms[0])
    for form in forms[1:]:
        listed = worded("{one} or {other!r}", one=listed, other=form)
    return worded(
        "a date in the form {forms}, of the years {first} to {last}", forms=listed, first=YEARS[0], last=YEARS[1]
    )


def remedy(value: object, forms: Sequence[str], asked: str) -> str:
    """What to do about a time that is none in the card's form."""
    values, wrong = numbers.of(pd.Series([value], dtype=object))
    number = values[0]
    if forms and forms[0] in UNIX and not wrong[0] and np.isfinite(number):
        if SERIAL[0] <= number <= SERIAL[1]:
            return "this looks like Excel's day numbers: format the column as a date (yyyy-mm-dd) and save it again"
        if forms[0] == "unix" and EARLIEST * 1000 <= number < LATEST * 1000:
            return "say format: unix_ms on the card"
        if forms[0] == "unix_ms" and EARLIEST <= number < LATEST:
            return "say format: unix on the card"
        return "correct the value or leave it blank, or divide smaller units"
    return worded("correct the value, or {asked} of the card", asked=asked)


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
        fix = "write the parts of the time with %Y %m %d %H %M %S"
        raise InputError(
            Problem(
                path,
                worded("the form {form_!r}: {error}", form_=form, error=error),
                "a strptime pattern",
                fix,
                column=name,
            )
        ) from None
    return _local(found, zone)


def _local(column: pd.Series, zone: str) -> pd.Series:
    if column.dt.tz is not None:
        column = column.dt.tz_convert(zone).dt.tz_localize(None)
    return column.astype("datetime64[us]")
