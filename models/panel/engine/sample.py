"""The rows of a sample that have all that a formula needs, and from them its arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.panel.engine.cells import BoolArray, FloatArray
from models.panel.engine.coding import References, coded
from models.panel.engine.columns import Columns
from models.panel.engine.design import Design
from models.panel.engine.keys import IntArray, Periods, check_unique_keys, lag_positions, period_numbers
from models.panel.engine.ledger import Ledger
from models.panel.errors import NotEstimableError
from models.panel.language.formula import Formula, no_regressors
from models.remarks import Remark, remark


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows that have all that the formula needs, before categories become numbers.

    ``rows`` (n,) are positions in ``data`` sorted by entity and period; ``y`` (n,), ``unit`` and ``period`` (n,) are
    theirs.
    """

    formula: Formula
    data: pd.DataFrame
    columns: Columns
    rows: IntArray
    clusters: tuple[str, ...]
    labels: np.ndarray
    time_unit: str
    ledger: Ledger
    group: str

    @property
    def y(self) -> FloatArray:
        """Outcome (n,)."""
        return np.ascontiguousarray(self.columns[self.formula.outcome].values[self.rows], dtype=np.float64)

    @property
    def unit(self) -> IntArray:
        """Codes of the entities (n,)."""
        return self.columns.unit[self.rows]

    @property
    def period(self) -> IntArray:
        """Numbers of the periods (n,)."""
        return self.columns.period[self.rows]

    def without(self, rule: Remark, lost: BoolArray) -> Sample:
        """Return the sample less the rows ``lost`` (n,), which go on record."""
        self.ledger.add(self.group, rule, int(lost.sum()))
        return self.take(np.flatnonzero(~lost))

    def take(self, keep: IntArray) -> Sample:
        """Return the sample of some of its rows, which stay sorted."""
        return replace(self, rows=self.rows[keep])

    def design(
        self, intercept: bool = False, *, controls_only: bool = False, references: References | None = None
    ) -> Design:
        """Arrays of the rows; categories that none of them has make no column.

        ``controls_only``: the formula may have no regressor, because the model brings its own.
        """
        x, names = coded(self.formula, self.columns, self.rows, references)
        if not intercept and self.formula.intercept:
            x, names = x[:, 1:], names[1:]
        if not names and not controls_only:
            raise no_regressors(self.formula)
        codes, seen = pd.factorize(self.unit, sort=False)
        cluster_codes = [pd.factorize(self.data[c].iloc[self.rows], sort=False) for c in self.clusters]
        stacked = [np.asarray(c[0], dtype=np.int64) for c in cluster_codes]
        stays, leaves = presence(self.columns.unit, self.columns.period)
        return Design(
            y=self.y,
            x=np.ascontiguousarray(x),
            names=names,
            dependent=self.formula.outcome.name,
            entity=np.asarray(codes, dtype=np.int64),
            period=self.period,
            clusters=np.column_stack(stacked) if stacked else np.empty((len(self.rows), 0), dtype=np.int64),
            rows=np.asarray(self.data.index)[self.rows],
            entity_labels=self.labels[seen],
            cluster_labels=tuple(np.asarray(c[1]) for c in cluster_codes),
            intercept="Intercept" in names,
            time_unit=self.time_unit,
            stays=stays[self.rows],
            leaves=leaves[self.rows],
        )


def build_design(
    formula: Formula,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    clusters: tuple[str, ...] = (),
    intercept: bool = False,
    freq: str | None = None,
    periods: Periods | None = None,
    singletons: str = "keep",
    group: str = "all",
    ledger: Ledger | None = None,
) -> Design:
    """Build the design of all complete rows; see ``complete_rows``."""
    sample = complete_rows(
        formula,
        data,
        entity=entity,
        time=time,
        clusters=clusters,
        freq=freq,
        periods=periods,
        singletons=singletons,
        group=group,
        ledger=ledger,
    )
    return sample.design(intercept)


def complete_rows(
    formula: Formula,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    clusters: tuple[str, ...] = (),
    by: str | None = None,
    freq: str | None = None,
    periods: Periods | None = None,
    singletons: str = "keep",
    group: str = "all",
    ledger: Ledger | None = None,
) -> Sample:
    """Select the rows of one sample that have a value of everything in the formula.

    Rows with a missing value are removed before anything is coded and counted, one rule a variable in the order of the
    formula, so that the counts add up. ``lag(x, n)`` and ``lead(x, n)`` look up the same entity n periods away, before
    any row is removed, so also in rows without a cluster or a value of ``by``. ``periods`` are those of the rows, if
    known already.
    """
    ledger = ledger if ledger is not None else Ledger()
    periods = period_numbers(data[time], freq) if periods is None else periods
    unit, labels = pd.factorize(data[entity], sort=False)
    unit = np.asarray(unit, dtype=np.int64)
    check_unique_keys(data[entity], periods.number, periods.labels, time, "" if group == "all" else f" in {group}")
    columns = Columns(data, unit, periods.number)
    keyed = data[[*clusters, *([by] if by else [])]].notna().all(axis=1).to_numpy()
    keep = known_rows(formula, columns, group, ledger, keyed)
    if not keep.any():
        raise NotEstimableError(_no_rows(formula, columns, group))
    alone = keep & (np.bincount(unit[keep], minlength=len(labels))[unit] == 1)
    if singletons != "ignore":
        action = "dropped" if singletons == "drop" else "kept"
        ledger.add(group, remark("singletons", entity=entity), int(alone.sum()), action)
    if singletons == "drop":
        keep &= ~alone
        if not keep.any():
            raise NotEstimableError(remark("only_singletons", entity=entity))
    rows = np.flatnonzero(keep)[np.lexsort((periods.number[keep], unit[keep]))]
    return Sample(formula, data, columns, rows, clusters, np.asarray(labels), periods.unit, ledger, group)


def known_rows(
    formula: Formula, columns: Columns, group: str, ledger: Ledger, keyed: BoolArray | None = None
) -> BoolArray:
    """Which of the ``keyed`` rows (N,) miss nothing in the formula; the others go on record, each once."""
    columns.number(formula.outcome, "the left side")
    keep = np.ones(len(columns.unit), dtype=bool) if keyed is None else keyed.copy()
    for factor in (formula.outcome, *formula.factors):
        for name, missing in columns.losses(factor).items():
            lost = keep & missing
            ledger.add(group, remark("missing_value", name=name), int(lost.sum()))
            keep &= ~lost
    return keep


def presence(unit: IntArray, period: IntArray) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Whether the unit of each row has a row in the next period (−1: there is none) and whether it leaves early."""
    end = period.max()
    last = np.full(int(unit.max()) + 1, period.min())
    np.maximum.at(last, unit, period)
    stays = np.where(period == end, -1, lag_positions(unit, period, -1) >= 0)
    return stays.astype(np.int8), (last[unit] < end).astype(np.int8)


def _no_rows(formula: Formula, columns: Columns, group: str) -> Remark:
    counts = {f.name: int(columns[f].missing.sum()) for f in (formula.outcome, *formula.factors)}
    worst = max(counts, key=lambda name: counts[name])
    steps = np.diff(np.unique(columns.period))
    if len(steps) and steps.min() > 1:
        return remark("no_complete_row_steps", group=group, worst=worst, n=counts[worst], steps=int(steps.min()))
    return remark("no_complete_row", group=group, worst=worst, n=counts[worst])
