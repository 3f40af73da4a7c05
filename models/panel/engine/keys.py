"""Entity and period keys: every time column becomes integer period numbers, every entity an integer code."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.messages import shown
from models.panel.engine.calendars import FREQUENCIES, IntArray, check_counts, check_freq, read_calendar
from models.panel.errors import DuplicateKeyError, OptionError, TimeFormatError


@dataclass(frozen=True, eq=False)
class Periods:
    """Period numbers of the rows (N,), the unit that one step means, and a label for each number.

    ``freq`` is the pandas code of the unit where the times were dates, ``None`` where they were counts.
    """

    number: IntArray
    unit: str
    labels: dict[int, str]
    freq: str | None = None

    def take(self, rows: npt.NDArray[np.intp]) -> Periods:
        """Return the periods of some of the rows."""
        return replace(self, number=self.number[rows])


def period_numbers(time: pd.Series, freq: str | None = None) -> Periods:
    """Turn a time column without missing values into consecutive integers.

    Whole numbers count periods, unless ``freq`` says that they write dates (202001 with ``freq="M"``); without it
    numbers in the form of dates are refused. Dates become periods of ``freq`` or, without it, of the coarsest of year,
    quarter, month, week, day, hour in which distinct dates stay distinct.

    Raises
    ------
    TimeFormatError
        For text, true/false, fractions, numbers that write dates, and dates that are no such period.
    OptionError
        For a ``freq`` that is no period.
    """
    check_freq(freq)
    name = time.name
    if pd.api.types.is_bool_dtype(time.dtype):
        raise TimeFormatError(f"time {name!r} is true/false; expected period numbers, dates or periods")
    if pd.api.types.is_numeric_dtype(time.dtype) and not pd.api.types.is_complex_dtype(time.dtype):
        number = whole_numbers(time)
        if freq is None:
            check_counts(number, name)
            return Periods(number, "step", {int(v): str(v) for v in np.unique(number)})
        return _of(pd.Series(read_calendar(number, freq, name)))
    if isinstance(time.dtype, pd.PeriodDtype) or pd.api.types.is_datetime64_any_dtype(time.dtype):
        return _of(as_periods(time, freq or _own_freq(time)))
    raise TimeFormatError(_text_time_message(time))


def whole_numbers(time: pd.Series) -> IntArray:
    """Numbers without fractions as integers."""
    values = time.to_numpy(dtype=float)
    odd = values[~np.isfinite(values) | (values != np.round(values)) | (np.abs(values) > 2.0**53)][:3]
    if len(odd):
        raise TimeFormatError(
            f"time {time.name!r} has numbers that are no whole periods ({', '.join(map(str, odd))}); "
            "number the periods 1, 2, 3, … or use dates"
        )
    return values.astype(np.int64)


def as_periods(time: pd.Series, freq: str) -> pd.Series:
    """Dates or periods as periods of ``freq``; missing ones stay missing."""
    if not isinstance(time.dtype, pd.PeriodDtype):
        naive = time.dt.tz_localize(None) if getattr(time.dt, "tz", None) is not None else time
        return naive.dt.to_period(freq)
    own, lengths = _code(time.dtype), list(FREQUENCIES)
    single = time.dtype.freq.n == 1
    if single and pd.PeriodDtype(freq) == time.dtype:
        return time
    if not single or (own[0] in lengths and lengths.index(freq[0]) > lengths.index(own[0])):
        wanted = FREQUENCIES.get(freq[0], "unit")
        raise TimeFormatError(
            f"{time.name!r} has periods of {own!r}, of which none is a single {wanted}; "
            f"convert them, such as data[{str(time.name)!r}].dt.asfreq('M')"
        )
    return time.dt.asfreq(freq)


def _own_freq(time: pd.Series) -> str:
    if isinstance(time.dtype, pd.PeriodDtype):
        return _code(time.dtype)
    return _coarsest_frequency(time.dt.tz_localize(None) if time.dt.tz is not None else time)


def _code(period: pd.PeriodDtype) -> str:
    return str(period).removeprefix("period[").removesuffix("]")


def _of(period: pd.Series) -> Periods:
    freq = _code(period.dtype)
    number = np.asarray(period.astype("int64"), dtype=np.int64)
    return Periods(number, FREQUENCIES.get(freq.split("-")[0], freq), _labels(period, number), freq)


def _labels(period: pd.Series, number: IntArray) -> dict[int, str]:
    distinct, rows = np.unique(number, return_index=True)
    return dict(zip(distinct.tolist(), period.iloc[rows].astype(str), strict=True))


def _coarsest_frequency(time: pd.Series) -> str:
    distinct = pd.Series(time.unique())
    for freq in FREQUENCIES:
        if distinct.dt.to_period(freq).nunique() == len(distinct):
            return freq
    raise TimeFormatError(
        f"time {time.name!r} has more than one instant within an hour ({', '.join(map(str, distinct[:3]))}); "
        "aggregate to periods first, or name the period with freq="
    )


def _text_time_message(time: pd.Series) -> str:
    texts = time.astype(str)
    shapes = texts.str.replace(r"\d", "9", regex=True).str.replace(r"[A-Za-z]+", "a", regex=True)
    examples = texts.groupby(shapes.to_numpy(), sort=False).first().tolist()
    kinds = sorted({type(v).__name__ for v in time.head(10_000)})
    if len(examples) > 1:
        found = f"text in mixed formats ({', '.join(map(repr, examples[:3]))}; types {', '.join(kinds)})"
        remedy = "bring them to one format first: day and month cannot be told apart by guessing"
    else:
        found = f"text such as {shown(examples[0])}"
        remedy = f"convert it, stating the format: pd.to_datetime(data[{str(time.name)!r}], format=…)"
    return f"time {str(time.name)!r} is {found}; expected whole numbers, dates or periods; {remedy}"


def check_unique_keys(entity: pd.Series, period: IntArray, labels: dict[int, str], time: str, where: str) -> None:
    """Raise DuplicateKeyError that names the first few repeated keys with their rows."""
    keys = pd.DataFrame({"entity": entity.to_numpy(), "period": period}, index=entity.index)
    repeated = keys.duplicated(keep=False)
    if not repeated.any():
        return
    named = []
    first = keys[repeated & ~keys.duplicated()].head(3)
    for unit, number in zip(first["entity"], first["period"], strict=True):
        rows = keys.index[(keys["entity"] == unit) & (keys["period"] == number)][:4]
        named.append(f"{shown(unit)} in {labels[number]} (rows {', '.join(map(str, rows))})")
    raise DuplicateKeyError(
        f"{int(repeated.sum())} rows share an entity and period{where}: {'; '.join(named)}; "
        f"expected one row per {entity.name} and {time}: sum or average them first"
    )


def lag_positions(unit: IntArray, period: IntArray, n: int) -> IntArray:
    """Row of the same unit ``n`` periods earlier (later if negative), −1 where there is none.

    Periods count, not rows: over a gap there is no lag.
    """
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool):
        raise OptionError(f"lag and lead take a whole number of periods, not {n!r}")
    first = period.min()
    span = int(period.max() - first) + 1 + abs(int(n))
    key = unit * span + (period - first)
    order = np.argsort(key, kind="stable")
    target = (period - first) - n
    wanted = unit * span + target
    place = np.searchsorted(key[order], wanted)
    place = np.minimum(place, len(key) - 1)
    found = (key[order][place] == wanted) & (target >= 0)
    return np.where(found, order[place], -1)
