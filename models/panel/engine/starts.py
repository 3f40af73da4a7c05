"""When treatment of an entity began, read on the scale of the time column."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.panel.engine.calendars import read_calendar
from models.panel.engine.keys import Periods, as_periods
from models.panel.errors import TimeFormatError, ValuesError
from models.remarks import remark

NEVER = "leave the start blank (missing) where treatment never comes"
# What databases and spreadsheets write for no date.
NO_DATE = pd.to_datetime(
    ["0001-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01"], format="%Y-%m-%d"
).as_unit("s")


def first_treated(data: pd.DataFrame, entity: str, start: str, periods: Periods) -> pd.Series:
    """Return the number of the first treated period of each row's entity, missing if there is none.

    A date belongs to the period that contains it. A start before the panel (always treated) or after it, by up to the
    panel's length (not yet treated), is kept. Codes of other programs for "never" (0, −1, ∞, 10000, 9999-12-31) are
    refused, as they could be periods: zero or less up to the first period, and beyond that length after the last.

    Raises
    ------
    OptionError
        For starts that change within an entity, are on another scale than time, or are such codes.
    """
    column = data[start]
    several = data.groupby(entity)[start].nunique(dropna=False)
    if (several > 1).any():
        shown = ", ".join(map(repr, several.index[several > 1][:3]))
        raise ValuesError(remark("start_changes", start=start, entity=entity, which=shown))
    known = column.notna().to_numpy()
    number = np.full(len(data), np.nan)
    if known.any():
        number[known] = _numbers(column[known], start, periods)
    first, last = int(periods.number.min()), int(periods.number.max())
    late = number > last + (last - first + 1)
    if late.any():
        shown = ", ".join(map(str, column[late].unique()[:3]))
        ends = periods.labels[last]
        raise ValuesError(remark("late_start", start=start, dates=shown, last=str(ends)))
    return pd.Series(number, index=data.index)


def _numbers(column: pd.Series, start: str, periods: Periods) -> np.ndarray:
    """Period numbers of starts that are not missing."""
    dated = isinstance(column.dtype, pd.PeriodDtype) or pd.api.types.is_datetime64_any_dtype(column.dtype)
    numeric = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    if dated and periods.freq is not None:
        return _of_dates(column, start, periods, periods.freq)
    if dated or not numeric:
        key = "start_no_period" if periods.freq is None else "start_no_date"
        raise ValuesError(remark(key, start=start, dtype=str(column.dtype)), NEVER)
    values = column.to_numpy(dtype=float)
    first = periods.number.min() if periods.freq is None else np.inf
    code = ~(np.abs(values) < 2.0**53) | ((values <= 0) & (values <= first))
    if code.any():
        shown = ", ".join(f"{v:g}" for v in np.unique(values[code])[:3])
        raise ValuesError(remark("coded_start", start=start, dates=shown))
    if (values != np.round(values)).any():
        broken = float(values[values != np.round(values)][0])
        raise ValuesError(remark("start_has_fractions", start=start, value=broken))
    if periods.freq is None:
        return values
    try:
        read = read_calendar(values, periods.freq, start)
    except TimeFormatError as error:
        raise ValuesError(remark("start_unread", start=start, freq=periods.freq), f"{error}; {NEVER}") from error
    return np.asarray(read.asi8, dtype=float)


def _of_dates(column: pd.Series, start: str, periods: Periods, freq: str) -> np.ndarray:
    moments = column.dt.to_timestamp() if isinstance(column.dtype, pd.PeriodDtype) else column
    naive = moments.dt.tz_localize(None) if moments.dt.tz is not None else moments
    try:
        number = as_periods(column, freq).astype("int64").to_numpy(dtype=float)
    except TimeFormatError as error:
        raise ValuesError(remark("start_unread", start=start, freq=freq), str(error)) from error
    nothing = naive.isin(NO_DATE).to_numpy() & (number < periods.number.min())
    if nothing.any():
        raise ValuesError(
            remark("start_stands_for_none", start=start, date=f"{naive[nothing].iloc[0]:%Y-%m-%d}"), NEVER
        )
    return number
