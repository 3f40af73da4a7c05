"""Numbers, as every door reads them: digits with a decimal point; what could be read in two ways is never guessed."""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from pipeline.core.errors import InputError, Problem, shown
from pipeline.wording.texts import Worded, as_is, worded

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
# Digits and signs that only look different.
ALIKE = dict(zip("−－﹣＋．０１２３４５６７８９", "---+.0123456789", strict=True))
SHOWN = 3

_TABLE = str.maketrans(ALIKE)
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}([,.' ’\u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*(?:([.,])[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")


def of(column: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """A column as floats, blanks as missing, and which cells are neither blank nor a finite number."""
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        values = column.astype("Float64").astype(float) if _nullable(column) else column.astype(float)
        return values, np.isinf(values.to_numpy())
    texts = column.astype(object).map(as_written, na_action="ignore")
    blank = (texts.isna() | (texts == "")).to_numpy()
    number = texts.astype("str").str.fullmatch(NUMBER).fillna(False).to_numpy(dtype=bool) & ~blank
    values = pd.to_numeric(texts.where(number), errors="coerce").astype(float)
    return values, ~blank & (~number | np.isinf(values.to_numpy()))


def as_written(cell: object) -> str:
    """A cell as text in which digits and signs are those of ASCII."""
    return str(cell).translate(_TABLE).strip()


def read(column: pd.Series, path: str, expected: Worded, fix: Worded, name: str | None = None) -> pd.Series:
    """A column as floats, blanks as missing.

    Parameters
    ----------
    expected, fix
        For the message; what is written with signs of thousands or currency gets a fix of its own.
    name
        The column's name for the message.

    Raises
    ------
    InputError
        For cells that are no finite number, each with its row.
    """
    values, wrong = of(column)
    name = name or str(column.name)
    if wrong.any():
        raise InputError(
            Problem(
                path,
                as_is(shown(column.iloc[at])),
                expected,
                remedy(column.iloc[at]) or fix,
                int(at) + 1,
                name or str(column.name),
            )
            for at in np.flatnonzero(wrong)[:SHOWN]
        )
    return values


def remedy(cell: object) -> Worded | None:
    """What to do about a text that is a number in another notation; None for other texts."""
    text = as_written(cell)
    found = _THOUSANDS.fullmatch(text)
    if found:
        sign, decimal = found.groups()
        one = text.replace(sign, "").replace(",", ".")
        if decimal or text.count(sign) > 1 or sign not in ",.":
            marks = as_is(f'thousands: "{sign}"')
            if decimal == ",":
                marks = worded("one_and_other", one=marks, other='decimal: ","')
            return worded("say_signs_or_write", one=one, marks=marks)
        other = text.replace(sign, ".")
        return worded(
            "thousands_or_decimal",
            one=one,
            other=other,
            sign=sign,
        )
    if _COMMA.fullmatch(text):
        return worded("decimal_comma", text=text.replace(",", "."))
    if re.fullmatch(r".*[0-9]\s*[%％‰]", text):
        return worded("number_without_percent")
    if re.search("[0-9]", text) and re.search(r"[^\W\d_]{1,3}|[$€£¥￥]", text) and len(text) < 30:
        return worded("numbers_without_units")
    return None


def of_engine(text: Any) -> Any:
    """The same in an engine: text of an Ibis table as floats; missing where it is blank or no number."""
    plain = reduce(lambda t, pair: t.replace(*pair), ALIKE.items(), text).strip()
    return plain.re_search(f"^{NUMBER}$").ifelse(plain.try_cast("float64"), None)


def _nullable(column: pd.Series) -> bool:
    return pd.api.types.is_extension_array_dtype(column.dtype)
