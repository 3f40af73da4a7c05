"""The arrays of one sample, what a formula asks of the data, and the record of every lost row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.panel.engine.cells import FloatArray
from models.panel.engine.columns import check_columns_of
from models.panel.engine.keys import IntArray
from models.panel.errors import ColumnError, NotEstimableError, OptionError, SinglePeriodError, check_columns
from models.panel.language.formula import Formula, read

MIXED = ("mixed", "mixed-integer")


@dataclass(frozen=True, eq=False)
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
    parsed = read(formula)
    check_columns_of((parsed.outcome, *parsed.factors), data)
    return parsed


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
        _check_labels(role, name, data[name])
        missing = data[name].isna().to_numpy() & ~keyless
        ledger.add("all", f"{role} missing: {name}", int(missing.sum()))
        keyless |= missing
        if keyless.all():
            raise NotEstimableError(f"no row has all its keys: {role} {name!r} is missing in the last of them")
        if role != "time" and pd.api.types.infer_dtype(data[name], skipna=True) in MIXED:
            raise ColumnError(f"{role} {name!r} mixes numbers and text, so that 1 and '1' are two; make it one type")
    return data[placed]


def _check_labels(role: str, name: str, values: pd.Series) -> None:
    """Raise OptionError unless the values can tell rows apart (and groups can be sorted)."""
    if not pd.api.types.is_object_dtype(values):
        return
    try:
        pd.factorize(values, sort=role == "by")
    except TypeError as error:
        kinds = sorted({type(v).__name__ for v in values.dropna().head(10_000)})
        raise OptionError(
            f"{role} {name!r} holds values of type {' and '.join(kinds[:3])}; "
            "expected numbers, text or dates, all of one kind"
        ) from error


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
                f"there is one {entity} ({design.entity_labels[0]}); {effects} effects need at least two"
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
