"""Columns → numbers: the one place that decides what an answer is worth, for every model and index.

Numbers, booleans (0 and 1) and text that is a plain number are read as what they say, a categorical by the values of
its categories, ordered or not. An ordered categorical of labels has an order but no numbers: only a model of ordered
items takes it. Dates, durations, complex numbers and anything else are refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from models.remarks import remark
from models.sem.errors import CategoryError, NonNumericError

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)+")
_LARGEST = 1e75
_REFUSED = {
    "M": "dates; subtract a date and divide by pd.Timedelta(days=1) for a number of days",
    "m": "durations; divide by a unit such as pd.Timedelta(seconds=1)",
    "c": "complex numbers; take their real part, if that is meant",
}


def numbers(column: pd.Series, name: str, ordered: bool = False) -> np.ndarray:
    """Return a column as floats (n,), missing as NaN.

    Parameters
    ----------
    ordered
        Whether only the order of the answers counts; then labels of an ordered categorical become 1, 2, …

    Raises
    ------
    NonNumericError
        If an answer is no finite number; the message names the column, the first such row and the remedy.
    CategoryError
        If only the order counts and the declared order of number categories is not that of the numbers.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        values = _categories(column.cat.remove_unused_categories(), name, ordered)
    elif isinstance(dtype, pd.SparseDtype):
        return numbers(column.sparse.to_dense(), name, ordered)
    elif isinstance(dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        raise NonNumericError(f"Column '{name}' holds {dtype}; the model needs numbers. Recode it to numbers.")
    elif dtype.kind in _REFUSED:
        raise NonNumericError(f"Column '{name}' holds {_REFUSED[dtype.kind]}. The model needs numbers.")
    elif isinstance(dtype, np.dtype) and dtype.kind in "iufb":
        values = column.to_numpy(dtype=float)
    elif dtype.kind in "iufb":
        values = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        values = _each(column, name)
    size = np.fmax.reduce(np.abs(values), initial=0.0)
    if np.isinf(size):
        row = column.index[int(np.isinf(values).argmax())]
        raise NonNumericError(
            remark("infinite_value", column=name, row=str(row)), "Recode it to a number or to missing (NaN)."
        )
    if size > _LARGEST or 0 < size < 1 / _LARGEST:
        raise NonNumericError(remark("extreme_size", column=name, size=float(size)), "Change its unit.")
    return values


def _categories(column: pd.Series, name: str, ordered: bool) -> np.ndarray:
    categories = column.cat.categories.to_series(index=range(len(column.cat.categories)))
    codes = column.cat.codes.to_numpy()
    try:
        worth = numbers(categories, name)
    except NonNumericError:
        if column.cat.ordered and ordered:
            return np.where(codes < 0, np.nan, codes + 1.0)
        first = column.index[int((codes >= 0).argmax())]
        kind = "ordered" if column.cat.ordered else "unordered"
        remedy = (
            "name it in ordered= for a model of ordered items, or recode the labels to numbers (column.cat.codes + 1 "
            "if their steps are equal)"
            if column.cat.ordered
            else "recode the labels to numbers, or declare their order"
        )
        raise NonNumericError(
            f"Column '{name}' is an {kind} category of labels, the first {column[first]!r} in row {first}; "
            f"the model needs numbers: {remedy}."
        ) from None
    if ordered and column.cat.ordered and (np.diff(worth) <= 0).any():
        raise CategoryError(
            remark("order_not_of_numbers", column=name, categories=[str(one) for one in categories]),
            "Declare them in increasing order, or use labels.",
        )
    return np.where(codes < 0, np.nan, np.append(worth, np.nan)[codes])


def _each(column: pd.Series, name: str) -> np.ndarray:
    """Read a column of objects or text answer by answer."""
    answers = column.to_numpy(dtype=object)
    values = np.empty(len(answers))
    wrong = []
    for i, answer in enumerate(answers):
        number = _one(answer)
        values[i] = np.nan if number is None else number
        if number is None:
            wrong.append(i)
    if wrong:
        found, row = answers[wrong[0]], column.index[wrong[0]]
        raise NonNumericError(
            f"Column '{name}' holds {found!r} in row {row} ({len(wrong)} such answers); the model "
            f"needs numbers. {_remedy(found)}"
        )
    return values


def _one(answer: Any) -> float | None:
    """Return the number that an answer is, NaN if it is missing, None if it is no number."""
    if isinstance(answer, str):
        text = answer.strip()
        return float(text) if _NUMBER.fullmatch(text) else None
    if answer is None or answer is pd.NA or answer is pd.NaT:
        return np.nan
    if isinstance(answer, (bool, np.bool_, Real, Decimal)) and not isinstance(answer, np.timedelta64):
        try:
            return float(answer)
        except (ArithmeticError, ValueError):
            return None
    return None


def _remedy(answer: Any) -> str:
    text = answer.strip() if isinstance(answer, str) else None
    if text == "":
        return "Recode empty text to missing (NaN)."
    if text is not None and _COMMA.fullmatch(text):
        return "Read the file with its decimal (and thousands) sign, so that 1,5 becomes 1.5."
    return "Recode the answers to numbers, or to missing (NaN)."
