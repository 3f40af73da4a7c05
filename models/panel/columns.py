"""What a formula's factors are in a sample: numbers or categories, and which cells are missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.panel.errors import ColumnError, FormulaError, InfiniteValueError, nearest
from models.panel.grammar import ELEMENTWISE, Expression
from models.panel.keys import IntArray, lag_positions

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_NUMBER = re.compile(r"\s*[-+]?[\d.,\s]*\d[\d.,\s]*(?:[eE][-+]?\d+)?\s*%?\s*")
_BLANKS = ("nan", "NaN", "<NA>", "NaT")
_SIGNS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power, "negative": np.negative}
_KINDS = {"string": "text", "boolean": "number", "integer": "number", "floating": "number"}
_KINDS |= {"mixed-integer-float": "number", "decimal": "number", "empty": "number"}
_KINDS |= {"datetime64": "dates", "datetime": "dates", "date": "dates", "period": "dates"}


@dataclass(frozen=True)
class Column:
    """``values`` (N,): numbers, or with ``levels`` the codes of categories; ``missing`` (N,) where there is none."""

    values: FloatArray | IntArray
    missing: BoolArray
    levels: pd.Index | None = None

    def at(self, positions: IntArray) -> Column:
        """The values at other rows (−1: missing)."""
        return Column(self.values[positions], (positions < 0) | self.missing[positions], self.levels)


@dataclass
class Columns:
    """Factors of a formula on all rows of a sample; a lag is that of the same ``unit`` (N,), by ``period`` (N,)."""

    data: pd.DataFrame
    unit: IntArray
    period: IntArray
    known: dict[Expression, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.series = {str(name): self.data.iloc[:, place] for place, name in enumerate(self.data.columns)}

    def __getitem__(self, factor: Expression) -> Column:
        """Numbers or categories of a factor.

        Raises
        ------
        FormulaError, InfiniteValueError
            Where a column has no numbers to compute with, or the arithmetic is undefined for values that are there.
        """
        if factor not in self.known:
            with np.errstate(all="ignore"):
                column = self._evaluate(factor)
            if column.levels is None:
                self._check_finite(factor, column)
            self.known[factor] = column
        return self.known[factor]

    def number(self, factor: Expression, role: str) -> Column:
        """A factor that has to be one number a row."""
        column = self[factor]
        if column.levels is not None:
            found = f"it has {len(column.levels)} categories: {_shown(column.levels)}"
            raise FormulaError(f"{role} must be one number a row, and {factor.name} is not; {found}")
        return column

    def losses(self, factor: Expression) -> dict[str, BoolArray]:
        """Rows without a value, by what is missing: a column of the same row, or the factor (its lag is not there)."""
        missing = self[factor].missing
        own = {name: missing & blank(self.series[name]) for name, shift in factor.uses() if not shift}
        return own | {factor.name: missing}

    def _evaluate(self, node: Expression) -> Column:
        if node.head == "name":
            return column_of(str(node.value), self.series[str(node.value)])
        if node.head == "number":
            return Column(np.full(len(self.data), node.value, dtype=float), np.zeros(len(self.data), dtype=bool))
        if node.head == "C":
            return self._categories(node.args[0])
        if node.head in ("lag", "lead"):
            return self._evaluate(node.args[0]).at(self._positions(node))
        parts = [self._numbers(part, node) for part in node.args]
        missing = np.logical_or.reduce([part.missing for part in parts])
        if node.head in ("I", "positive"):
            return parts[0]
        function: Any = _SIGNS.get(node.head) or ELEMENTWISE[node.head]
        return Column(function(*(part.values for part in parts)), missing)

    def _positions(self, node: Expression) -> IntArray:
        periods = int(node.value) if node.head == "lag" else -int(node.value)
        if abs(periods) > np.ptp(self.period):
            return np.full(len(self.period), -1)
        return lag_positions(self.unit, self.period, periods)

    def _numbers(self, part: Expression, node: Expression) -> Column:
        column = self._evaluate(part)
        if column.levels is not None:
            raise FormulaError(
                f"{part.text} in {node.text} holds categories ({_shown(column.levels)}), and arithmetic needs numbers"
            )
        return column

    def _categories(self, node: Expression) -> Column:
        if node.head == "name":
            return column_of(str(node.value), self.series[str(node.value)], coded=True)
        if node.head in ("lag", "lead"):
            return self._categories(node.args[0]).at(self._positions(node))
        column = self._evaluate(node)
        if column.levels is not None:
            return column
        self._check_finite(node, column)
        codes, levels = pd.factorize(np.where(column.missing, np.nan, column.values), sort=True)
        return Column(codes, column.missing, pd.Index(levels))

    def _check_finite(self, factor: Expression, column: Column) -> None:
        """Raise InfiniteValueError with the factor and its first rows."""
        wrong = ~np.isfinite(column.values) & ~column.missing
        if not wrong.any():
            return
        undefined = np.isnan(column.values[wrong]).all()
        rows = ", ".join(map(str, self.data.index[wrong][:4]))
        raise InfiniteValueError(
            f"{factor.name} is {'undefined' if undefined else 'infinite'} in {int(wrong.sum())} rows (first: {rows}); "
            "expected finite numbers: look for a division by zero or the logarithm of "
            f"{'a negative number' if undefined else 'zero'}, or make them missing"
        )


def check_columns_of(factors: tuple[Expression, ...], data: pd.DataFrame) -> None:
    """Raise unless each name in the factors is one column of the data."""
    known = [str(c) for c in data.columns]
    for name in dict.fromkeys(name for factor in factors for name, _ in factor.uses()):
        if known.count(name) > 1:
            raise ColumnError(f"{name!r} in the formula is the name of {known.count(name)} columns; expected one")
        if name in known:
            continue
        if re.fullmatch(r"(?i)(entity|time|fixed|twoway|one|two|individual)_?effects?|fe", name):
            raise FormulaError(f"{name!r} in the formula is no column; effects are given as effects='twoway'")
        raise ColumnError(f"{name!r} in the formula is not a column of the data; {nearest(name, known)}")


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
    """Number, text or dates; else what pandas calls the kind of values."""
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
    number = next((text for text in texts if _NUMBER.fullmatch(text)), None)
    if number is not None and not coded:
        raise FormulaError(
            f"{name} holds numbers as text, such as {number!r}; make them numbers first, or write C(…) if they are "
            "names of categories"
        )
    if pd.api.types.is_float_dtype(levels.dtype) and np.isinf(levels.to_numpy(dtype=float)).any():
        raise InfiniteValueError(f"{name} is infinite in some rows; infinity is no category: make it missing")


def _described(values: pd.Series, kind: str) -> str:
    types = sorted({type(v).__name__ for v in values.dropna().head(10_000)})
    return "dates" if kind == "dates" else f"values of type {' and '.join(types[:3])}"


def _shown(levels: pd.Index) -> str:
    return ", ".join(map(str, levels[:4])) + (" …" if len(levels) > 4 else "")
