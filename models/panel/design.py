"""From a formula and a data frame to the arrays of one sample, with every lost row on record."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from formulaic import Formula
from formulaic.errors import FormulaicError

from models.panel.errors import (
    ColumnError,
    FormulaError,
    InfiniteValueError,
    NotEstimableError,
    SinglePeriodError,
    check_columns,
    nearest,
)
from models.panel.keys import IntArray, Periods, check_unique_keys, lag_positions, period_numbers

FloatArray = npt.NDArray[np.float64]

FUNCTIONS = {"lead": None, "log": np.log, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs, "np": np}


MIXED = ("mixed", "mixed-integer")


@dataclass(frozen=True)
class Design:
    """Arrays of one sample, sorted by entity and period.

    ``y`` (N,), ``x`` (N, k) with an intercept column if ``intercept``, ``entity`` (N,) codes 0…n−1, ``period`` (N,)
    period numbers, ``clusters`` (N, 0…2) codes, ``rows`` (N,) labels of the rows in the data. From all rows of the
    data, complete or not: ``stays`` (N,) is 1 where the entity has a row in the next period, 0 if not, −1 in the last
    period; ``leaves`` (N,) is 1 where its last row is before the last period.
    """

    y: FloatArray
    x: FloatArray
    names: tuple[str, ...]
    dependent: str
    entity: IntArray
    period: IntArray
    clusters: IntArray
    rows: np.ndarray
    entity_labels: np.ndarray
    cluster_labels: tuple[np.ndarray, ...]
    intercept: bool
    time_unit: str
    stays: npt.NDArray[np.int8]
    leaves: npt.NDArray[np.int8]

    @property
    def time(self) -> IntArray:
        """Period codes 0…T−1 (N,)."""
        return np.unique(self.period, return_inverse=True)[1]

    def take(self, rows: IntArray) -> Design:
        """The design of some of the rows, which stay sorted."""
        seen, entity = np.unique(self.entity[rows], return_inverse=True)
        return replace(
            self,
            y=self.y[rows],
            x=self.x[rows],
            entity=entity,
            period=self.period[rows],
            clusters=self.clusters[rows],
            rows=self.rows[rows],
            stays=self.stays[rows],
            leaves=self.leaves[rows],
            entity_labels=self.entity_labels[seen],
        )

    @property
    def nobs(self) -> int:
        return len(self.y)

    @property
    def n_entity(self) -> int:
        return len(self.entity_labels)

    @property
    def n_time(self) -> int:
        return len(np.unique(self.period))


@dataclass
class Ledger:
    """Rows that a rule removed or flagged, a line each."""

    lines: list[dict[str, object]] = field(default_factory=list)

    def add(self, group: str, rule: str, rows: int, action: str = "dropped") -> None:
        if rows:
            self.lines.append({"group": group, "rule": rule, "rows": int(rows), "action": action})

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.lines, columns=["group", "rule", "rows", "action"])


def check_formula(formula: str, data: pd.DataFrame) -> Formula:
    """Read the formula and make sure that each variable in it is a column."""
    try:
        parsed = Formula(formula)
    except FormulaicError as error:
        raise FormulaError(f"the formula {formula!r} cannot be read: {_plain(error)}") from error
    if not hasattr(parsed, "lhs"):
        raise FormulaError(f"the formula {formula!r} has no '~': write 'outcome ~ regressor + regressor'")
    known = [str(c) for c in data.columns]
    called = set(re.findall(r"(\w+)\s*\(", formula))
    for name in sorted(set(map(str, parsed.required_variables)) - set(FUNCTIONS)):
        if name in called:
            functions = ["lag", *FUNCTIONS, "C", "I"]
            raise FormulaError(f"there is no function {name!r} for formulas; {nearest(name, functions)}")
        if name not in known:
            raise ColumnError(f"{name!r} in the formula is not a column of the data; {nearest(name, known)}")
        check_columns(data.columns, [("variable", name)])
    check_no_text_numbers(parsed, data)
    return parsed


def check_no_text_numbers(formula: Formula, data: pd.DataFrame) -> None:
    """Raise if a variable that stands alone is text that reads as numbers: it would become categories."""
    alone = {str(factor.expr) for term in [*formula.lhs, *formula.rhs] for factor in term.factors} & set(data.columns)
    for name in sorted(alone):
        values = data[name].dropna()
        if pd.api.types.infer_dtype(values) == "string" and len(values) and _reads_as_numbers(values.unique()):
            raise FormulaError(
                f"{name} has numbers as text, such as {values.iloc[0]!r}: make them numbers with "
                f"pd.to_numeric(data[{name!r}]), or write C({name}) if they are categories"
            )


def _reads_as_numbers(values: np.ndarray) -> bool:
    return bool(pd.to_numeric(pd.Series(values), errors="coerce").notna().all())


def _plain(error: Exception) -> str:
    return " ".join(str(error).replace("⧛[1;31m", "»").replace("⧚", "«").split())


def keyed(
    data: pd.DataFrame, entity: str, time: str, by: str | None, clusters: tuple[str, ...], ledger: Ledger
) -> pd.DataFrame:
    """The rows that have an entity and a time.

    All rows without a key go on record; those without a group or cluster stay, as other rows' lags are looked up in
    them, and leave in ``build_design``.
    """
    roles = [("entity", entity), ("time", time)] + [("cluster", c) for c in clusters] + ([("by", by)] if by else [])
    check_columns(data.columns, roles)
    if len(data) == 0:
        raise NotEstimableError("the data have no rows")
    if not data.index.is_unique:
        data = data.reset_index(drop=True)
    keyless = np.zeros(len(data), dtype=bool)
    placed = data[[entity, time]].notna().all(axis=1).to_numpy()
    for role, name in dict.fromkeys(roles):
        missing = data[name].isna().to_numpy() & ~keyless
        ledger.add("all", f"{role} missing: {name}", int(missing.sum()))
        keyless |= missing
        if keyless.all():
            raise NotEstimableError(f"no row has all its keys: {role} {name!r} is missing in the last of them")
        if role != "time" and pd.api.types.infer_dtype(data[name], skipna=True) in MIXED:
            raise ColumnError(f"{role} {name!r} mixes numbers and text, so that 1 and '1' are two; make it one type")
    return data[placed]


def build_design(
    formula: Formula,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    clusters: tuple[str, ...] = (),
    by: str | None = None,
    intercept: bool = False,
    freq: str | None = None,
    periods: Periods | None = None,
    singletons: str = "keep",
    group: str = "all",
    ledger: Ledger | None = None,
) -> Design:
    """Evaluate the formula on the rows of one sample.

    Rows with a missing value are removed and counted, one rule a variable in the order of the formula, so that the
    counts add up. ``lag(x, n)`` and ``lead(x, n)`` look up the same entity n periods away, before any row is removed,
    so also in rows without a cluster or a value of ``by``. ``periods`` are those of the rows, if known already.
    """
    ledger = ledger if ledger is not None else Ledger()
    periods = period_numbers(data[time], freq) if periods is None else periods
    unit, labels = pd.factorize(data[entity], sort=False)
    check_unique_keys(data[entity], periods.number, periods.labels, time, "" if group == "all" else f" in {group}")
    y, x = evaluate(formula, data, np.asarray(unit, dtype=np.int64), periods.number)
    if not intercept:
        x = x.drop(columns="Intercept", errors="ignore")
    columns = pd.concat([y, x], axis=1)
    check_finite(columns)
    keep = data[[*clusters, *([by] if by else [])]].notna().all(axis=1).to_numpy().copy()
    for name, values in columns.items():
        lost = keep & np.isnan(values.to_numpy())
        ledger.add(group, f"missing: {name}", int(lost.sum()))
        keep &= ~lost
    if not keep.any():
        raise NotEstimableError(_no_rows(group, columns, periods.number))
    alone = keep & (np.bincount(unit[keep], minlength=len(labels))[unit] == 1)
    if singletons != "ignore":
        action = "dropped" if singletons == "drop" else "kept"
        ledger.add(group, f"singleton: one row per {entity}", int(alone.sum()), action)
    if singletons == "drop":
        keep &= ~alone
        if not keep.any():
            raise NotEstimableError(f"every {entity} has a single row; effects by {entity} need repeated observation")
    order = np.flatnonzero(keep)[np.lexsort((periods.number[keep], unit[keep]))]
    codes, seen = pd.factorize(unit[order], sort=False)
    cluster_codes = [pd.factorize(data[c].iloc[order], sort=False) for c in clusters]
    stacked = [np.asarray(c[0], dtype=np.int64) for c in cluster_codes]
    stays, leaves = presence(np.asarray(unit, dtype=np.int64), periods.number)
    return Design(
        y=np.ascontiguousarray(y.to_numpy(dtype=float)[order, 0]),
        x=np.ascontiguousarray(x.to_numpy(dtype=float)[order]),
        names=tuple(map(str, x.columns)),
        dependent=str(y.columns[0]),
        entity=np.asarray(codes, dtype=np.int64),
        period=periods.number[order],
        clusters=np.column_stack(stacked) if stacked else np.empty((len(order), 0), dtype=np.int64),
        rows=np.asarray(data.index)[order],
        entity_labels=np.asarray(labels)[seen],
        cluster_labels=tuple(np.asarray(c[1]) for c in cluster_codes),
        intercept="Intercept" in x.columns,
        time_unit=periods.unit,
        stays=stays[order],
        leaves=leaves[order],
    )


def presence(unit: IntArray, period: IntArray) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Whether the unit of each row has a row in the next period (−1: there is none) and whether it leaves early."""
    end = period.max()
    last = np.full(int(unit.max()) + 1, period.min())
    np.maximum.at(last, unit, period)
    stays = np.where(period == end, -1, lag_positions(unit, period, -1) >= 0)
    return stays.astype(np.int8), (last[unit] < end).astype(np.int8)


def evaluate(
    formula: Formula, data: pd.DataFrame, unit: IntArray, period: IntArray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcome and regressors of every row, missing values kept; lags within the same unit, by period."""

    def lag(values: pd.Series, n: int = 1) -> pd.Series:
        position = lag_positions(unit, period, n)
        numbers = np.asarray(values, dtype=float)
        return pd.Series(np.where(position >= 0, numbers[position], np.nan), index=data.index)

    def lead(values: pd.Series, n: int = 1) -> pd.Series:
        return lag(values, -n)

    try:
        matrices = formula.get_model_matrix(data, context=FUNCTIONS | {"lag": lag, "lead": lead}, na_action="ignore")
    except FormulaicError as error:
        raise FormulaError(f"the formula cannot be evaluated: {_plain(error)}") from error
    y, x = pd.DataFrame(matrices.lhs), pd.DataFrame(matrices.rhs)
    if y.shape[1] != 1:
        raise FormulaError(f"the left side must be one number a row; it has {y.shape[1]} columns: {list(y.columns)}")
    return y.astype(float), x.astype(float)


def check_finite(columns: pd.DataFrame) -> None:
    """Raise InfiniteValueError with the variable and its first rows."""
    for name, values in columns.items():
        infinite = np.isinf(values.to_numpy())
        if infinite.any():
            rows = ", ".join(map(str, columns.index[infinite][:4]))
            raise InfiniteValueError(
                f"{name} is infinite in {int(infinite.sum())} rows (first: {rows}); "
                "expected finite numbers: look for a division by zero or the logarithm of zero, or make them missing"
            )


def _no_rows(group: str, columns: pd.DataFrame, period: IntArray) -> str:
    worst = columns.isna().mean().idxmax()
    steps = np.diff(np.unique(period))
    hint = f"; the closest periods are {steps.min()} steps apart" if len(steps) and steps.min() > 1 else ""
    return f"no row of {group} is complete: {worst} is missing in {int(columns[worst].isna().sum())} rows{hint}"


def check_sample(design: Design, effects: str, time: str, entity: str) -> None:
    """Raise unless the sample has what the effects need: several periods, repeated entities."""
    k = design.x.shape[1]
    if effects in ("between", "random", "mundlak") and design.n_entity <= k:
        raise NotEstimableError(f"{design.n_entity} values of {entity!r} cannot carry {k} slopes between them")
    if design.n_time == 1 and effects not in ("pooled", "between"):
        raise SinglePeriodError(f"all rows are of one period of {time!r}; {effects} effects need at least two")
    if effects in ("entity", "twoway", "random", "mundlak", "first-difference"):
        if design.n_entity == 1 and effects != "first-difference":
            raise NotEstimableError(
                f"there is one {entity} ({design.entity_labels.tolist()[0]!r}); {effects} effects need at least two"
            )
        if design.nobs == design.n_entity:
            raise NotEstimableError(f"every {entity} has a single row; {effects} effects need repeated observation")
    check_clusters(design.clusters)


def check_clusters(clusters: IntArray) -> None:
    """Raise if a column of cluster codes (N, 0…2) has one value."""
    for codes in clusters.T:
        if len(np.unique(codes)) < 2:
            raise NotEstimableError(
                "all rows are of one cluster; clustered errors need at least two, and trust in forty"
            )
