"""The periods of an entity: where its span begins and ends, what stands in periods without events, censoring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import InputError, Problem
from pipeline.event_log import measures_of
from pipeline.ledger import Ledger, added_up

PERIODS_A_YEAR = {"year": 1, "quarter": 4, "month": 12}


def period_number(moments: pd.Series, period: str) -> pd.Series:
    """Consecutive integers of the periods of dates; weeks begin on Monday."""
    if period == "week":
        return (moments - pd.Timestamp("1970-01-05")).dt.days // 7
    a_year = PERIODS_A_YEAR[period]
    return moments.dt.year * a_year + (moments.dt.month - 1) * a_year // 12


@dataclass(frozen=True)
class Calendar:
    """First and last period of the whole log."""

    first: int
    last: int


@dataclass
class Parts:
    """Cells with events, a file a bucket, and the groups of their entities."""

    folder: Path
    groups: list[pd.DataFrame | None] = field(default_factory=list)
    first: int = np.iinfo(np.int64).max
    last: int = np.iinfo(np.int64).min

    def add(self, cells: pd.DataFrame, groups: pd.DataFrame | None) -> None:
        if len(cells):
            self.first = min(self.first, int(cells["time"].min()))
            self.last = max(self.last, int(cells["time"].max()))
        cells.to_parquet(self.folder / f"{len(self.groups)}.parquet", index=False)
        self.groups.append(groups)

    @property
    def empty(self) -> bool:
        return self.first > self.last

    def __iter__(self) -> Iterator[tuple[pd.DataFrame, pd.DataFrame | None]]:
        for number, groups in enumerate(self.groups):
            cells = pd.read_parquet(self.folder / f"{number}.parquet")
            if len(cells):
                yield cells, groups


def fill(spec: dict[str, Any], parts: Parts, calendar: Calendar, ledger: Ledger, target: Path, path: str) -> None:
    """Add the periods without events, part by part, and write the panel.

    Raises
    ------
    InputError
        For infinite values of a measure.
    """
    steps, writer = [], None
    try:
        for cells, groups in parts:
            own = Ledger()
            filled = _filled(spec, cells, calendar, own)
            for name, measure in measures_of(spec).items():
                if measure.get("transform") == "log1p":
                    filled[name] = np.log1p(filled[name])
                infinite = int(np.isinf(filled[name]).sum())
                if infinite:
                    raise InputError(
                        Problem(
                            path,
                            f"{infinite} infinite values of {name}",
                            "finite numbers",
                            "correct the events, or leave them out with panel.where",
                            column=f"panel.measures.{name}",
                        )
                    )
            if groups is not None:
                filled = filled.merge(groups, on="entity", how="inner")
            steps.append(own)
            order = ["entity", "time", *spec.get("groups", {}), *measures_of(spec)]
            table = pa.Table.from_pandas(filled[order], preserve_index=False)
            writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
            writer.write_table(table.cast(writer.schema), row_group_size=max(len(table), 1))
    finally:
        if writer is not None:
            writer.close()
    added_up(steps, ledger)


def _filled(spec: dict[str, Any], cells: pd.DataFrame, calendar: Calendar, ledger: Ledger) -> pd.DataFrame:
    """Every period of every entity's span; cells are sorted by entity and time."""
    rules, span = spec.get("rules", {}), spec.get("span", "observed")
    cells = _censored(cells, calendar, rules.get("drop_left_censored", False), ledger)
    begin = np.flatnonzero((cells["entity"] != cells["entity"].shift()).to_numpy())
    end = np.append(begin[1:], len(cells))
    time = cells["time"].to_numpy(dtype=np.int64)
    low = np.full(len(begin), calendar.first) if span == "calendar" else time[begin]
    high = time[end - 1] if span == "observed" else np.full(len(begin), calendar.last)
    lengths = high - low + 1
    offset = np.cumsum(lengths) - lengths
    owner = np.repeat(np.arange(len(begin)), lengths)
    place = np.repeat(offset - low, end - begin) + time
    out = {
        "entity": cells["entity"].to_numpy()[begin][owner],
        "time": np.arange(lengths.sum()) - offset[owner] + low[owner],
    }
    for name, measure in measures_of(spec).items():
        counts = measure.get("agg") in ("count", "sum", "nunique", "days", "sessions")
        zero = measure.get("empty", "zero" if counts else "missing") == "zero"
        values = cells[name].to_numpy(dtype=np.float64, na_value=np.nan)
        out[name] = np.full(len(owner), 0.0 if zero else np.nan)
        out[name][place] = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf) if zero else values
    ledger.record(
        "panel",
        "periods",
        f"entity × {spec['period']}, span: {span}",
        len(cells),
        len(owner),
        "periods without events count as zero or missing (rows: entity × period)",
    )
    minimum = rules.get("min_periods", 1)
    enough = (lengths >= minimum)[owner]
    if minimum > 1:
        ledger.record(
            "panel",
            "too short",
            f"fewer than {minimum} periods",
            len(owner),
            int(enough.sum()),
            "no within-entity change to learn from",
        )
    return pd.DataFrame({name: values[enough] for name, values in out.items()})


def _censored(cells: pd.DataFrame, calendar: Calendar, drop: bool, ledger: Ledger) -> pd.DataFrame:
    """Count whose first or last event falls on the log's edge; leave the former out where the card says so."""
    times = cells.groupby("entity", sort=False)["time"].agg(["min", "max"])
    early, late = times["min"] == calendar.first, times["max"] == calendar.last
    kept = "nothing is left out (rows: entities, after: the others)"
    for step, rule, edge, why in (
        ("left-censored", "first event in the first period of the log", early, "their beginning is not seen"),
        ("right-censored", "last event in the last period of the log", late, "their end is not seen"),
    ):
        gone = drop and step == "left-censored"
        others = int((~edge).sum())
        ledger.record("panel", step, rule, len(edge), others, f"{why} (rows: entities)" if gone else kept)
        if gone:
            cells, late = cells[cells["entity"].isin(times.index[~early])], late[~early]
    return cells
