"""A column of the data as numbers or as categories, and which of its cells are missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.panel.engine.keys import IntArray
from models.panel.errors import FormulaError, InfiniteValueError
from models.remarks import remark

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_NUMBER = re.compile(r"(?=\D*\d)[-+−]?[\d.,\s]+(?:[eE][-+]?\d+)?%?")
_BLANKS = ("nan", "NaN", "<NA>", "NaT")
_KINDS = {"string": "text", "boolean": "number", "integer": "number", "floating": "number"}
_KINDS |= {"mixed-integer-float": "number", "decimal": "number", "empty": "number"}
_KINDS |= {"datetime64": "dates", "datetime": "dates", "date": "dates", "period": "dates"}


@dataclass(frozen=True, eq=False)
class Column:
    """``values`` (N,): numbers, or with ``levels`` the codes of categories; ``missing`` (N,) where there is none."""

    values: FloatArray | IntArray
    missing: BoolArray
    levels: pd.Index | None = None

    def at(self, positions: IntArray) -> Column:
        """Return the values at other rows (−1: missing)."""
        return Column(self.values[positions], (positions < 0) | self.missing[positions], self.levels)


def blank(series: pd.Series) -> BoolArray:
    """Which cells (N,) have nothing in them."""
    return np.asarray(series.isna(), dtype=bool)


def column_of(name: str, series: pd.Series, coded: bool = False) -> Column:
    """Numbers, or the categories of text, of a category or (``coded``) of anything that can be sorted.

    Raises
    ------
    FormulaError
        For dates, complex numbers, nested or mixed values, and for numbers in text unless ``coded``.
    """
    missing = blank(series)
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = np.asarray(series.cat.codes, dtype=np.int64)
        levels = series.cat.categories
        _check_words(name, levels[np.unique(codes[codes >= 0])], coded=True)
        return Column(codes, codes < 0, levels)
    values = series.astype(object).where(~missing, None) if _boxed(series.dtype) else series
    kind = _kind(values)
    if kind == "number" and not coded:
        numbers = _float(values, missing)
        return Column(numbers, missing | np.isnan(numbers))
    if kind not in ("number", "text", "dates") or (kind == "dates" and not coded):
        raise FormulaError(f"{name} holds {_described(values, kind)}; expected numbers, true and false, or categories")
    codes, levels = _factorized(name, values)
    _check_words(name, levels, coded)
    return Column(codes, codes < 0, levels)


def _boxed(dtype: Any) -> bool:
    """Whether cells are best seen as Python objects: text and everything of Arrow that is no number."""
    arrow = isinstance(dtype, pd.ArrowDtype) and dtype.kind not in "biuf"
    return arrow or pd.api.types.is_object_dtype(dtype) or isinstance(dtype, pd.StringDtype)


def _kind(values: pd.Series) -> str:
    """Call a kind of values number, text or dates; any other what pandas calls it."""
    if pd.api.types.is_complex_dtype(values.dtype):
        return "complex"
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "number"
    found = pd.api.types.infer_dtype(values, skipna=True)
    return _KINDS.get(found, found)


def _float(values: pd.Series, missing: BoolArray) -> FloatArray:
    if isinstance(values.dtype, np.dtype) and values.dtype != object:
        return np.asarray(values, dtype=np.float64)
    numbers = np.full(len(values), np.nan)
    try:
        numbers[~missing] = np.asarray(values[~missing], dtype=np.float64)
    except OverflowError:
        numbers[~missing] = [float(str(v)) for v in values[~missing]]
    return numbers


def _factorized(name: str, values: pd.Series) -> tuple[IntArray, pd.Index]:
    try:
        codes, levels = pd.factorize(values, sort=True)
    except TypeError as error:
        raise FormulaError(f"{name} holds values that cannot be sorted: {error}") from error
    return np.asarray(codes, dtype=np.int64), pd.Index(levels)


def _check_words(name: str, levels: pd.Index, coded: bool) -> None:
    """Raise for levels that are no names: blanks, infinity and, unless meant as categories, numbers in text."""
    texts = [level for level in levels if isinstance(level, str)]
    empty = [text for text in texts if not text.strip() or text.strip() in _BLANKS]
    if empty:
        raise FormulaError(f"{name} has the text {empty[0]!r} in some rows; make it missing, or give it a name")
    number = next((text for text in texts if _NUMBER.fullmatch(text.strip())), None)
    if number is not None and not coded:
        raise FormulaError(
            f"{name} holds numbers as text, such as {number!r}; make them numbers first, or write C({name}) if "
            "they are names of categories"
        )
    if pd.api.types.is_float_dtype(levels.dtype) and np.isinf(levels.to_numpy(dtype=float)).any():
        raise InfiniteValueError(remark("infinite_category", name=name))


def _described(values: pd.Series, kind: str) -> str:
    types = sorted({type(v).__name__ for v in values.dropna().head(10_000)})
    return "dates" if kind == "dates" else f"values of type {' and '.join(types[:3])}"


def shown(levels: pd.Index) -> str:
    """List the first four categories, as messages list them."""
    return ", ".join(map(str, levels[:4])) + (" …" if len(levels) > 4 else "")
