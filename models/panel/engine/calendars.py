"""Whole numbers that write dates, such as 202001: they jump where the calendar does not, so they count nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.panel.errors import OptionError, TimeFormatError

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FREQUENCIES = {"Y": "year", "Q": "quarter", "M": "month", "W": "week", "D": "day", "h": "hour"}
YEARS = 1800, 2199
LARGEST = 99_999_999
# Day 0 of counts of days, in days since 1970: Unix, Stata, Excel, Matlab, Python.
DAY_ZERO = {"1970-01-01": 0, "1960-01-01": -3653, "1899-12-30": -25569, "year 0": -719529, "year 1": -719163}


def _is_year(v: IntArray) -> BoolArray:
    return (v >= YEARS[0]) & (v <= YEARS[1])


def _within(v: IntArray, low: int, high: int) -> BoolArray:
    return (v >= low) & (v <= high)


def _is_day(year: IntArray, month: IntArray, day: IntArray) -> BoolArray:
    """Whether there is such a day; a month's length is that from its first to the next month's."""
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    return _within(month, 1, 12) & (day >= 1) & (day <= length)


def _year_last(v: IntArray) -> BoolArray:
    """Of 122019, 12020, 31122019, 1012020: the year is last."""
    front, year = v // 10_000, v % 10_000
    days = _is_day(year, front % 100, front // 100) | _is_day(year, front // 100, front % 100)
    several = len(np.unique(front)) > 1
    return _is_year(year) & (_within(front, 1, 12) | days) & several


def _short_months(v: IntArray) -> BoolArray:
    """Of 1911, 1912, 2001, 2002: January follows December, over a gap of 89."""
    turns = (v[:-1] % 100 == 12) & (np.diff(v) == 89)
    return _within(v, 1, 9912) & _within(v % 100, 1, 12) & bool(turns.any())


FORMS: dict[str, Callable[[IntArray], BoolArray]] = {
    "YYYYMMDD": lambda v: _is_year(v // 10_000) & _is_day(v // 10_000, v // 100 % 100, v % 100),
    "YYYYDDD": lambda v: _is_year(v // 1000) & _within(v % 1000, 1, 366),
    "YYYYMM": lambda v: _is_year(v // 100) & _within(v % 100, 1, 12),
    "YYYYWW": lambda v: _is_year(v // 100) & _within(v % 100, 0, 53),
    "YYYYQ": lambda v: _is_year(v // 10) & _within(v % 10, 1, 4),
    "YYMMDD": lambda v: _within(v, 100_101, 991_231) & _is_day(2000 + v // 10_000, v // 100 % 100, v % 100),
    "DDMMYYYY or MMYYYY": _year_last,
    "YYMM": _short_months,
}
# Which forms are read as which periods; 6 digits could be a month's or a quarter's, so quarters are YYYYQ.
READ_AS = {
    "YYYYMMDD": "YQMWD",
    "YYYYDDD": "YQMWD",
    "YYYYMM": "M",
    "YYYYWW": "W",
    "YYYYQ": "Q",
}
DIGITS = {8: ("YYYYMMDD",), 7: ("YYYYDDD",), 6: ("YYYYMM", "YYYYWW"), 5: ("YYYYQ",)}


def calendar_form(values: npt.ArrayLike) -> str:
    """Tell the form in which whole numbers write dates ("YYYYMM" …), or nothing if they may count periods.

    Numbers without gaps that do not all fit a form are a count; with gaps, nine in ten that fit are a calendar with
    errors. A single number has no steps and is left alone.
    """
    v = np.unique(np.asarray(values, dtype=np.int64))
    if len(v) < 2:
        return ""
    if np.abs(v).max() > LARGEST:
        return "seconds, or dates with hours"
    gaps = v[-1] - v[0] + 1 > len(v)
    if gaps and len(v) > 2 and (days := _days_apart(v)):
        return days
    for form, fits in FORMS.items():
        share = float(fits(v).mean())
        if share == 1 or (gaps and share >= 0.9):
            return form
    return ""


def _days_apart(v: IntArray) -> str:
    """Whether the numbers count days of which all are firsts, or all are lasts, of months."""
    for origin, offset in DAY_ZERO.items():
        if v[0] < 1000 or not _within(v + offset, -62_000, 84_000).all():  # 1800 to 2199
            continue
        days = pd.DatetimeIndex((v + offset).astype("datetime64[D]").astype("datetime64[s]"))
        if days.is_month_start.all() or days.is_month_end.all():
            return f"days since {origin} that are a month or more apart"
    return ""


def check_counts(values: npt.ArrayLike, name: object) -> None:
    """Raise TimeFormatError if whole numbers are dates: from one to the next is not always one step."""
    form = calendar_form(values)
    if not form:
        return
    shown = ", ".join(map(str, np.unique(np.asarray(values, dtype=np.int64))[:3].tolist()))
    options = " or ".join(f"freq={f!r}" for f in READ_AS.get(form, ""))
    named = f"name the period ({options}), or " if options else ""
    raise TimeFormatError(
        f"{str(name)!r} has whole numbers in the form of dates, {form} ({shown}, …), which are no consecutive periods; "
        f"{named}make them dates with pd.to_datetime(…, format=…); if they count periods, subtract the first"
    )


def read_calendar(values: npt.ArrayLike, freq: str, name: object) -> pd.PeriodIndex:
    """Read periods off whole numbers (N,) that write dates: YYYYMM with "M", ISO weeks YYYYWW with "W", YYYYQ with "Q".

    Raises
    ------
    TimeFormatError
        For numbers that have another form, or no such date.
    """
    distinct, place = np.unique(np.asarray(values, dtype=np.int64), return_inverse=True)
    length = freq.split("-")[0]
    if length == "Y" and _is_year(distinct).all():
        return pd.PeriodIndex.from_ordinals(distinct - 1970, freq=freq).take(place)
    digits = {len(str(v)) for v in distinct.tolist()}
    forms = [f for f in DIGITS.get(digits.pop(), ()) if length in READ_AS[f]] if len(digits) == 1 else []
    if not forms:
        known = ["YYYY", *(f for f, read in READ_AS.items() if length in read)][0 if length == "Y" else 1 :]
        raise TimeFormatError(
            f"{str(name)!r} has numbers such as {distinct[0]} and {distinct[-1]}; with freq={freq!r} expected numbers "
            f"of the form {' or '.join(known) or 'of none (give dates)'}; for numbers that count periods leave freq out"
        )
    dates = _dates(distinct, forms[0])
    if dates.isna().any():
        wrong = ", ".join(map(str, distinct[dates.isna()][:3].tolist()))
        raise TimeFormatError(f"{str(name)!r}: {wrong} is no date of the form {forms[0]}; correct it")
    return pd.PeriodIndex(dates.dt.to_period(freq)).take(place)


def _dates(v: IntArray, form: str) -> pd.Series:
    text = pd.Series(v).astype(str)
    if form == "YYYYQ":
        in_year = _within(v % 10, 1, 4)
        text, pattern = pd.Series(v // 10 * 100 + v % 10 * 3 - 2).astype(str).where(in_year), "%Y%m"
    elif form == "YYYYWW":
        text, pattern = text + "1", "%G%V%u"
    else:
        pattern = {"YYYYMMDD": "%Y%m%d", "YYYYDDD": "%Y%j", "YYYYMM": "%Y%m"}[form]
    return pd.to_datetime(text, format=pattern, errors="coerce").where(_is_year(v // 10 ** (len(str(v[0])) - 4)))


def check_freq(freq: str | None) -> None:
    """Raise OptionError unless ``freq`` is the length of one period."""
    if freq is None:
        return
    try:
        single = freq.split("-")[0] in FREQUENCIES and pd.PeriodDtype(freq).freq.n == 1
    except (ValueError, TypeError, AttributeError):
        single = False
    if not single:
        known = ", ".join(f"{code} ({unit})" for code, unit in FREQUENCIES.items())
        raise OptionError(f"freq={freq!r} is no period; one of {known}")
