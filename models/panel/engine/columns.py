"""What a formula's factors are in a sample: numbers or categories, and which cells are missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.messages import near_or_all
from models.panel.engine.cells import BoolArray, Column, blank, column_of, shown
from models.panel.engine.keys import IntArray, lag_positions
from models.panel.errors import ColumnError, FormulaError, InfiniteValueError
from models.panel.language.grammar import ELEMENTWISE, Expression
from models.remarks import remark

_SIGNS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power, "negative": np.negative}


@dataclass(eq=False)
class Columns:
    """Factors of a formula on all rows of a sample; a lag is that of the same ``unit`` (N,), by ``period`` (N,)."""

    data: pd.DataFrame
    unit: IntArray
    period: IntArray
    known: dict[Expression, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the columns by their names as text."""
        self._places = {str(name): place for place, name in enumerate(self.data.columns)}

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
        """Return a factor that has to be one number a row."""
        column = self[factor]
        if column.levels is not None:
            found = f"it has {len(column.levels)} categories: {shown(column.levels)}"
            raise FormulaError(f"{role} must be one number a row, and {factor.name} is not; {found}")
        return column

    def _series(self, name: str) -> pd.Series:
        return self.data.iloc[:, self._places[name]]

    def losses(self, factor: Expression) -> dict[str, BoolArray]:
        """Rows without a value, by what is missing: a column of the same row, or the factor (its lag is not there)."""
        missing = self[factor].missing
        own = {name: missing & blank(self._series(name)) for name, shift in factor.uses() if not shift}
        return own | {factor.name: missing}

    def _evaluate(self, node: Expression) -> Column:
        if node.head == "name":
            return column_of(str(node.value), self._series(str(node.value)))
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
                f"{part.text} in {node.text} holds categories ({shown(column.levels)}), and arithmetic needs numbers"
            )
        return column

    def _categories(self, node: Expression) -> Column:
        if node.head == "name":
            return column_of(str(node.value), self._series(str(node.value)), coded=True)
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
        how = "undefined_values" if np.isnan(column.values[wrong]).all() else "infinite_values"
        rows = ", ".join(map(str, self.data.index[wrong][:4]))
        raise InfiniteValueError(remark(how, name=factor.name, n=int(wrong.sum()), rows=rows))


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
        raise ColumnError(f"{name!r} in the formula is not a column of the data; {near_or_all(name, known)}")
