"""The periods of an entity: where its span begins and ends, what stands in periods without events, censoring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import feather

from models.remarks import Remark, remark
from pipeline.cards.parts import Measure, Panel
from pipeline.cleaning import transforms
from pipeline.core import parallel
from pipeline.core.errors import InputError, Problem
from pipeline.core.ledger import Ledger, Step, added_up
from pipeline.wording.texts import worded

ROWS_A_PIECE = 1_000_000
ZERO_WITHOUT_EVENTS = ("count", "sum", "nunique", "days", "sessions", "any")
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

    def add(self, cells: pa.Table, groups: pd.DataFrame | None) -> None:
        if len(cells):
            edges = pc.min_max(cells["time"]).as_py()
            self.first, self.last = min(self.first, edges["min"]), max(self.last, edges["max"])
        feather.write_feather(cells, self.folder / f"cells_{len(self.groups)}.arrow", compression="uncompressed")
        self.groups.append(groups)

    @property
    def empty(self) -> bool:
        return self.first > self.last

    def __iter__(self) -> Iterator[tuple[pa.Table, pd.DataFrame | None]]:
        for number, groups in enumerate(self.groups):
            cells = feather.read_table(self.folder / f"cells_{number}.arrow", memory_map=True)
            if len(cells):
                yield cells, groups


def fill(spec: Panel, parts: Parts, calendar: Calendar, ledger: Ledger, target: Path, path: str) -> None:
    """Add the periods without events, part by part, and write the panel, a row group a part.

    Raises
    ------
    InputError
        For infinite values of a measure.
    """

    steps: list[Ledger] = []
    undefined: list[Ledger] = []
    writer = None
    try:
        for filled, own in parallel.in_order(_filled, _pieces(spec, parts, calendar, steps, path), parallel.cores()):
            writer = writer or pq.ParquetWriter(target, filled.schema)
            writer.write_table(filled, row_group_size=max(len(filled), 1))
            undefined.append(own)
    finally:
        if writer is not None:
            writer.close()
    added_up(steps, ledger)
    added_up(undefined, ledger)


@dataclass(frozen=True)
class _Piece:
    """Entities of a part: `spans` has a row each; and what their groups are."""

    spec: Panel
    cells: pa.Table
    spans: pd.DataFrame
    groups: pd.DataFrame | None
    path: str


def _pieces(spec: Panel, parts: Parts, calendar: Calendar, steps: list[Ledger], path: str) -> Iterator[_Piece]:
    """The parts, cut where they would have too many rows; every part's ledger is added to `steps`."""
    for cells, groups in parts:
        steps.append(Ledger())
        known = None if groups is None else groups.set_index("entity")
        spans = _spans(spec, cells, known, calendar, steps[-1])
        number = (spans["rows"].cumsum() - 1) // ROWS_A_PIECE
        pieces = [own for _, own in spans.groupby(number)] if len(spans) else [spans]
        yield from (_Piece(spec, cells, own, known, path) for own in pieces)


def _filled(piece: _Piece) -> tuple[pa.Table, Ledger]:
    """Every period of the span of every entity, and what is undefined; cells are sorted by entity and time."""
    ledger = Ledger()
    spec, cells, spans = piece.spec, piece.cells, piece.spans
    begin, cells_each, low, rows_each = (spans[name].to_numpy() for name in ("begin", "cells", "low", "rows"))
    owner = np.repeat(np.arange(len(spans)), rows_each)
    offset = np.cumsum(rows_each) - rows_each
    source = np.repeat(begin - np.cumsum(cells_each) + cells_each, cells_each) + np.arange(cells_each.sum())
    place = np.repeat(offset - low, cells_each) + cells["time"].to_numpy()[source]
    columns = {
        "entity": pa.array(spans["entity"], cells["entity"].type).take(pa.array(owner)),
        "time": pa.array(np.arange(len(owner)) + (low - offset)[owner]),
    }
    if piece.groups is not None:
        groups = piece.groups.loc[spans["entity"]]
        columns |= {name: pa.array(groups[name], pa.string()).take(pa.array(owner)) for name in groups.columns}
    for name, measure in spec.every_measure.items():
        if measure.agg == "tenure":
            values = np.maximum(columns["time"].to_numpy() - spans["first"].to_numpy()[owner], 0).astype(float)
        else:
            values = cells[name].to_numpy()[source]
            _undefined(name, measure, values, len(owner), ledger)
            values = _spread(measure, values, place, len(owner))
        if measure.transform == "log1p":
            fix = worded("leave_out_refunds")
            values = transforms.log1p(values, name, piece.path, f"panel.measures.{name}", fix)
        columns[name] = pa.array(_finite(values, name, piece.path), from_pandas=True)
    return pa.table(columns), ledger


def zero_if_empty(measure: Measure) -> bool:
    """Whether a measure is zero in a period without such events, else it is missing there; as the card says."""
    return (measure.empty or ("zero" if measure.agg in ZERO_WITHOUT_EVENTS else "missing")) == "zero"


def _spread(measure: Measure, values: np.ndarray, place: np.ndarray, rows: int) -> np.ndarray:
    """A measure's values at their places, and what it is in rows without events."""
    spread = np.full(rows, 0.0 if zero_if_empty(measure) else np.nan)
    spread[place] = values
    return spread


def _undefined(name: str, measure: Measure, values: np.ndarray, rows: int, ledger: Ledger) -> None:
    """Say of a ratio, mean or largest value in how many periods with events it is zero and in how many undefined."""
    gone = int(np.isnan(values).sum())
    if measure.ratio:
        zero, rule = int((values == 0).sum()), remark("numerator_empty", measure=name)
        ledger.record("panel", "zero", rule, rows, rows, remark("ratio_zero"), "entity_periods", cells=zero)
        rule = remark("denominator_zero", measure=name)
        ledger.record("panel", "undefined", rule, rows, rows, remark("left_missing"), "entity_periods", cells=gone)
    elif measure.agg in ("mean", "max"):
        rule = remark("no_value_among_events", measure=name)
        ledger.record("panel", "undefined", rule, rows, rows, remark("left_missing"), "entity_periods", cells=gone)


def _finite(values: np.ndarray, name: str, path: str) -> np.ndarray:
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise InputError(
            Problem(
                path,
                worded("infinite_values", infinite=infinite, name=name),
                worded("finite_numbers"),
                worded("correct_events_or_leave_out"),
                column=f"panel.measures.{name}",
            )
        )
    return values


def _spans(
    spec: Panel, cells: pa.Table, groups: pd.DataFrame | None, calendar: Calendar, ledger: Ledger
) -> pd.DataFrame:
    """One row an entity that is left: its groups, where its cells begin, how many they are, and its span of `rows`."""
    entity, time = cells["entity"], cells["time"].to_numpy()
    begin = np.flatnonzero(np.append(True, pc.not_equal(entity[1:], entity[:-1]).to_numpy()))
    end = np.append(begin[1:], len(cells))
    spans = pd.DataFrame({"begin": begin, "cells": end - begin, "first": time[begin], "last": time[end - 1]})
    spans.insert(0, "entity", entity.take(pa.array(begin)).to_pandas())
    if groups is not None:
        spans = spans[spans["entity"].isin(groups.index)].copy()
    rules, span = spec.rules, spec.span
    if not spec.time.gap:
        spans = _censored(spans, calendar, rules.drop_left_censored, ledger)
    spans["low"] = calendar.first if span == "calendar" else spans["first"]
    spans["rows"] = (spans["last"] if span == "observed" else calendar.last) - spans["low"] + 1
    rule, why = remark("entity_by_period", period=spec.period, span=span), remark("empty_periods")
    before, after = int(spans["cells"].sum()), int(spans["rows"].sum())
    ledger.record("panel", "periods", rule, before, after, why, "entity_periods", "periods_with_events")
    minimum = rules.min_periods or 1
    if minimum > 1:
        before, spans = int(spans["rows"].sum()), spans[spans["rows"] >= minimum]
        rule, why = remark("fewer_periods", least=minimum), remark("no_change_within")
        ledger.record("panel", "too_short", rule, before, int(spans["rows"].sum()), why, "entity_periods")
    return spans


def _censored(spans: pd.DataFrame, calendar: Calendar, drop: bool, ledger: Ledger) -> pd.DataFrame:
    """Count whose first or last event falls on the log's edge; leave the former out where the card says so."""
    edges: tuple[tuple[Step, Remark, str, int], ...] = (
        ("left_censored", remark("first_on_the_edge"), "first", calendar.first),
        ("right_censored", remark("last_on_the_edge"), "last", calendar.last),
    )
    for step, rule, column, edge in edges:
        others = spans[spans[column] != edge]
        if drop and step == "left_censored":
            why = remark("beginning_not_seen")
            ledger.record("panel", step, rule, len(spans), len(others), why, "entities")
            spans = others
        else:
            n, counted = len(spans), len(spans) - len(others)
            ledger.record("panel", step, rule, n, n, remark("nobody_left_out"), "entities", cells=counted)
    return spans
