"""Differenced and level equations of a dynamic panel with their instruments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from models.messages import near_or_all
from models.panel.engine.cells import Column, FloatArray
from models.panel.engine.coding import coded
from models.panel.engine.columns import Columns
from models.panel.engine.keys import IntArray, check_unique_keys, lag_positions, period_numbers
from models.panel.engine.ledger import Ledger
from models.panel.engine.sample import known_rows
from models.panel.engine.transform import check_independent
from models.panel.errors import ColumnError, NotEstimableError, OptionError
from models.panel.language.formula import Formula, name_of, no_regressors
from models.panel.language.grammar import Expression, read_factor
from models.remarks import Remark, remark

Instruments = dict[str, tuple[int, int | None]]


@dataclass(frozen=True, eq=False)
class Equations:
    """Stacked equations: differences first, then (system GMM) levels.

    ``y`` (M,), ``x`` (M, k), instruments ``z`` (M, L), ``entity`` (M,) codes, ``h`` (M, M) covariance of the errors up
    to scale if the level errors are white noise; the first ``n_difference`` rows are differences at ``period`` (M,).
    """

    y: FloatArray
    x: FloatArray
    z: FloatArray
    names: tuple[str, ...]
    entity: IntArray
    period: IntArray
    h: csr_array
    n_difference: int


def stack(
    formula: Formula,
    data: pd.DataFrame,
    entity: str,
    time: str,
    instruments: Instruments,
    system: bool,
    collapse: bool,
    time_effects: bool,
    freq: str | None,
    ledger: Ledger,
) -> Equations:
    """Build the differenced and level equations with their instruments."""
    periods = period_numbers(data[time], freq)
    unit = np.asarray(pd.factorize(data[entity])[0], dtype=np.int64)
    period = periods.number
    check_unique_keys(data[entity], period, periods.labels, time, "")
    columns = Columns(data, unit, period)
    expressions = checked_instruments(instruments, data)
    instruments = {base.name: lags for base, lags in expressions.items()}
    bases = {base.name: _numbers(columns.number(base, "an instrument")) for base in expressions}
    complete = known_rows(formula, columns, "all", ledger)
    before = lag_positions(unit, period, 1)
    changes = np.flatnonzero(complete & (before >= 0) & complete[before])
    if len(changes) == 0:
        raise NotEstimableError(remark("no_differences"))
    levels = np.flatnonzero(complete) if system else np.empty(0, dtype=np.int64)
    operator = difference_operator(changes, before, levels, len(data))
    used = np.union1d(changes, np.union1d(before[changes], levels))
    dummies, labels = period_dummies(period, used, system, time_effects)
    y, (x, names) = _numbers(columns[formula.outcome]), coded(formula, columns, used)
    x, names = (x[:, 1:], names[1:]) if formula.intercept else (x, names)
    if not names:
        raise no_regressors(formula)
    regressors = np.full((len(data), len(names)), np.nan)
    regressors[used] = x
    stacked = operator @ np.column_stack([y, regressors, dummies])
    k = len(names)
    instrumented = {name_of(term) for term in formula.terms if len(term) == 1 and _past_of(term[0]) in instruments}
    own = [1 + j for j, name in enumerate(names) if name not in instrumented]
    blocks = []
    for name, lags in instruments.items():
        blocks.append((gmm_columns(bases[name], unit, period, changes, lags, collapse), "changes"))
    blocks.append((stacked[: len(changes), own], "changes"))
    if system:
        for name, (first, _) in instruments.items():
            change = np.where(before >= 0, bases[name] - bases[name][before], np.nan)
            lags = (first - 1, first - 1)
            blocks.append((gmm_columns(change, unit, period, levels, lags, collapse), "levels"))
        blocks += [(stacked[len(changes) :, own], "levels"), (stacked[len(changes) :, 1 + k :], "levels")]
    else:
        blocks.append((stacked[:, 1 + k :], "changes"))
    z = np.column_stack(
        [
            np.pad(b, ((0, len(levels)), (0, 0)) if part == "changes" else ((len(changes), 0), (0, 0)))
            for b, part in blocks
        ]
    )
    z = z[:, np.abs(z).max(axis=0) > 0]
    check_independent(stacked[:, 1:], (*names, *labels), *([] if system else [_differenced]))
    if np.linalg.matrix_rank(z) < stacked.shape[1] - 1:
        slopes = stacked.shape[1] - 1
        raise NotEstimableError(remark("few_instruments", m=z.shape[1], k=slopes), "add lags")
    rows = np.concatenate([changes, levels])
    return Equations(
        y=stacked[:, 0],
        x=stacked[:, 1:],
        z=z,
        names=(*names, *labels),
        entity=np.unique(unit[rows], return_inverse=True)[1],
        period=period[rows],
        h=csr_array(operator @ operator.T),
        n_difference=len(changes),
    )


def _numbers(column: Column) -> FloatArray:
    """Values (N,), NaN where missing."""
    return np.where(column.missing, np.nan, column.values)


def _past_of(factor: Expression) -> str:
    """Return the name of what a lag is a lag of, of anything else its own."""
    while factor.head == "lag":
        factor = factor.args[0]
    return factor.name


def checked_instruments(instruments: Instruments, data: pd.DataFrame) -> dict[Expression, tuple[int, int | None]]:
    """Return the instruments read as parts of formulas; raise unless each is made of columns and its lags are valid."""
    read = {}
    for name, lags in instruments.items():
        if not isinstance(lags, Sequence) or len(lags) != 2:
            raise OptionError(f"the lags of {name!r} are {lags!r}; expected the first and the last, such as (2, 4)")
        first, last = lags
        base = read_factor(name)
        known = [str(c) for c in data.columns]
        for variable, _ in base.uses():
            if variable not in known:
                raise ColumnError(f"{variable!r} in the instruments is not a column; {near_or_all(variable, known)}")
        if first < 1 or (last is not None and last < first):
            raise OptionError(
                f"the lags of {name!r} are ({first}, {last}); the first must be 1 or more (2 if the variable is "
                "endogenous) and the last not below it"
            )
        read[base] = (first, last)
    return read


def difference_operator(changes: IntArray, before: IntArray, levels: IntArray, n: int) -> csr_array:
    """Sparse (M, n) map from values to their changes at some rows, then to themselves at others."""
    m = len(changes)
    row = np.concatenate([np.arange(m), np.arange(m), m + np.arange(len(levels))])
    column = np.concatenate([changes, before[changes], levels])
    sign = np.concatenate([np.ones(m), -np.ones(m), np.ones(len(levels))])
    return csr_array((sign, (row, column)), shape=(m + len(levels), n))


def period_dummies(
    period: IntArray, rows: IntArray, system: bool, time_effects: bool
) -> tuple[FloatArray, tuple[str, ...]]:
    """Dummies (n, ·) of the periods in use but the first, after an intercept in system GMM."""
    numbers = np.unique(period[rows])[1:] if time_effects else np.empty(0, dtype=np.int64)
    columns = (period[:, None] == numbers).astype(float)
    labels = tuple(f"period {t}" for t in numbers)
    if system:
        return np.column_stack([np.ones(len(period)), columns]), ("Intercept", *labels)
    return columns, labels


def gmm_columns(
    values: FloatArray,
    unit: IntArray,
    period: IntArray,
    rows: IntArray,
    lags: tuple[int, int | None],
    collapse: bool,
) -> FloatArray:
    """Lags of ``values`` at ``rows``, zero where unknown: a column a lag and period, or a column a lag."""
    first, last = lags
    deepest = int(np.ptp(period))
    columns = []
    for lag in range(first, (deepest if last is None else min(last, deepest)) + 1):
        position = lag_positions(unit, period, lag)[rows]
        found = np.where(position >= 0, values[position], np.nan)
        columns.append(np.where(np.isnan(found), 0.0, found))
    if not columns:
        raise NotEstimableError(remark("deep_instruments", first=first, periods=deepest + 1), "begin earlier")
    lagged = np.column_stack(columns)
    if collapse:
        return lagged
    periods = period[rows][:, None] == np.unique(period[rows])
    spread: FloatArray = (periods[:, :, None] * lagged[:, None, :]).reshape(len(rows), -1)
    return spread[:, np.abs(spread).max(axis=0) > 0]


def _differenced(term: str, others: list[str]) -> Remark:
    return remark("linear_combination_differenced", term=term, others=others)
