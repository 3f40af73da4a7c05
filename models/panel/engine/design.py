"""The arrays of one sample, and what a formula asks of the data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.panel.engine.cells import FloatArray
from models.panel.engine.columns import check_columns_of
from models.panel.engine.keys import IntArray
from models.panel.engine.ledger import Ledger
from models.panel.errors import (
    ColumnError,
    NotEstimableError,
    OptionError,
    SinglePeriodError,
    check_columns,
    effects_said,
)
from models.panel.language.formula import Formula, read
from models.remarks import remark

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
        """Return the design of some of the rows, which stay sorted."""
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
        """Number of rows."""
        return len(self.y)

    @property
    def n_entity(self) -> int:
        """Number of entities."""
        return len(self.entity_labels)

    @property
    def n_time(self) -> int:
        """Number of periods that occur."""
        return len(np.unique(self.period))


def check_formula(formula: str, data: pd.DataFrame) -> Formula:
    """Read the formula and make sure that each variable in it is a column."""
    parsed = read(formula)
    check_columns_of((parsed.outcome, *parsed.factors), data)
    return parsed


def keyed(
    data: pd.DataFrame, entity: str, time: str, by: str | None, clusters: tuple[str, ...], ledger: Ledger
) -> pd.DataFrame:
    """Return the rows that have an entity and a time.

    All rows without a key go on record; those without a group or cluster stay, as other rows' lags are looked up in
    them, and leave in ``build_design``.
    """
    roles = [("entity", entity), ("time", time)] + [("cluster", c) for c in clusters] + ([("by", by)] if by else [])
    check_columns(data.columns, roles)
    if len(data) == 0:
        raise NotEstimableError(remark("no_rows"))
    if not data.index.is_unique:
        data = data.reset_index(drop=True)
    keyless = np.zeros(len(data), dtype=bool)
    placed = data[[entity, time]].notna().all(axis=1).to_numpy()
    for role, name in dict.fromkeys(roles):
        _check_labels(role, name, data[name])
        missing = data[name].isna().to_numpy() & ~keyless
        ledger.add("all", remark("missing_key", role=role, name=name), int(missing.sum()))
        keyless |= missing
        if keyless.all():
            raise NotEstimableError(remark("no_keyed_row", role=role, name=name))
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
        raise NotEstimableError(remark("few_for_between", n=design.n_entity, entity=entity, k=k))
    if design.n_time == 1 and effects not in ("pooled", "between"):
        raise SinglePeriodError(remark("one_period", time=time, effects=effects_said(effects)))
    if effects in ("entity", "twoway", "random", "mundlak", "first-difference"):
        if design.n_entity == 1 and effects != "first-difference":
            raise NotEstimableError(
                remark("one_entity", entity=entity, who=str(design.entity_labels[0]), effects=effects_said(effects))
            )
        if design.nobs == design.n_entity:
            raise NotEstimableError(remark("one_row_each", entity=entity, effects=effects_said(effects)))
    check_clusters(design.clusters)


def check_clusters(clusters: IntArray) -> None:
    """Raise if a column of cluster codes (N, 0…2) has one value."""
    for codes in clusters.T:
        if len(np.unique(codes)) < 2:
            raise NotEstimableError(remark("one_cluster"))
