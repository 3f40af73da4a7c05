"""A panel that is delivered as one: its keys, its periods, its measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from models.panel.engine.calendars import calendar_form, read_calendar
from models.panel.errors import TimeFormatError
from models.remarks import remark
from pipeline.cards.card import Card
from pipeline.cards.parts import Measure, Panel, present
from pipeline.cleaning import row_conditions
from pipeline.cleaning.columns import group_of, require_columns
from pipeline.cleaning.conditions import stated
from pipeline.cleaning.event_log import wanted
from pipeline.cleaning.periods import period_number
from pipeline.cleaning.transforms import log1p
from pipeline.cleaning.treatments import CODES
from pipeline.core.errors import InputError, Problem, shown
from pipeline.core.ledger import Ledger
from pipeline.reading import numbers
from pipeline.reading.moments import read
from pipeline.wording.texts import worded


def panel(card: Card, raw: pd.DataFrame, path: str, ledger: Ledger) -> pd.DataFrame:
    """A panel that is delivered as one: one row an entity and period, measures are columns.

    Raises
    ------
    InputError
        For a second row of the same entity and period, with both rows named; for measures that are no finite numbers;
        for times that cannot be read.
    """
    spec = present(card.panel)
    require_columns(path, raw, wanted(card))
    rule, why = remark("every_row_of_the_panel"), remark("as_delivered")
    ledger.record("panel", "read", rule, len(raw), len(raw), why, "entity_periods")
    entity, time = spec.entity, spec.time.column
    meant = raw
    if spec.where:
        meant = raw[row_conditions.meant(spec.where, raw, path, "panel.where")]
        rule = remark("selected", conditions=stated(spec.where))
        ledger.record("panel", "selection", rule, len(raw), len(meant), remark("rows_meant"), "entity_periods")
    rows = meant[meant[[entity, time]].notna().all(axis=1)]
    rule, why = remark("key_blank", entity=entity, time=time), remark("row_unplaced")
    ledger.record("panel", "no_entity_or_time", rule, len(meant), len(rows), why, "entity_periods")
    out = pd.DataFrame({"entity": rows[entity], "time": _period_numbers(rows, spec, path)})
    _check_keys(out, rows, spec, path)
    for name, group in spec.groups.items():
        out[name] = group_of(group, name, rows, path, len(rows))
    for name, measure in spec.every_measure.items():
        out[name] = _measure(rows, measure, name, path)
    for name in spec.groups:
        several = out.groupby("entity")[name].nunique() > 1
        kept = out[~out["entity"].isin(several.index[several])]
        rule, why = remark("two_groups"), remark("slope_of_neither")
        ledger.record("panel", "one_group_an_entity", rule, len(several), int((~several).sum()), why, "entities")
        out = kept
    rule, why = remark("as_delivered"), remark("no_period_added")
    ledger.record("panel", "periods", rule, len(rows), len(out), why, "entity_periods")
    if (least := spec.rules.min_periods) is not None:
        kept = out[out.groupby("entity")["time"].transform("size") >= least]
        rule, why = remark("fewer_periods", least=least), remark("no_change_within")
        ledger.record("panel", "too_short", rule, len(out), len(kept), why, "entity_periods")
        out = kept
    if out.empty:
        fix = worded("check_entry", entry=ledger.emptied_by("panel", "panel.rules"), path=card.path)
        raise InputError(Problem(path, worded("no_row_left", step=ledger.emptied("panel")), worded("one_or_more"), fix))
    return out.sort_values(["entity", "time"], kind="stable").reset_index(drop=True)


def _check_keys(out: pd.DataFrame, rows: pd.DataFrame, spec: Panel, path: str) -> None:
    """One row an entity and period, also where a period has several dates."""
    keys = out[["entity", "time"]]
    twice = np.flatnonzero(keys.duplicated().to_numpy())
    if len(twice) == 0:
        return
    position = int(twice[0])
    entity, time = rows[[spec.entity, spec.time.column]].iloc[position]
    earlier = int(np.flatnonzero((keys == keys.iloc[position]).all(axis=1).to_numpy())[0])
    key = f"{spec.entity} {shown(entity)} × {spec.time.column} {shown(time)}"
    raise InputError(
        Problem(
            path,
            worded("key_a_time", key=key, which=which),
            worded("one_row_entity_and_period", period=worded(f"calendar_{spec.period}")),
            worded("remove_repeated_rows"),
            int(rows.index[at]) + 1,
            spec.entity,
        )
        for which, at in ((worded("first_time"), earlier), (worded("second_time"), position))
    )


def _measure(rows: pd.DataFrame, measure: Measure, name: str, path: str) -> pd.Series:
    """A column, or several added up, in which a blank adds nothing and only blanks are missing."""
    columns = measure.columns
    values = pd.concat([_numbers(rows[column], name, path) for column in columns], axis=1).sum(axis=1, min_count=1)
    if measure.transform != "log1p":
        return values
    fix = worded("correct_value_or_leave_row_out")
    logs = log1p(values.to_numpy(), name, path, ", ".join(columns), fix, lambda at: int(rows.index[at]) + 1)
    return pd.Series(logs, index=values.index)


def _period_numbers(raw: pd.DataFrame, spec: Panel, path: str) -> pd.Series:
    column = raw[spec.time.column]
    form = spec.time.format
    if not form and pd.api.types.is_numeric_dtype(column) and (column % 1 == 0).all():
        return _whole_numbers(column.astype("int64"), spec, path)
    moments = _in_rows(column, lambda whole: read(whole, form, path, "panel.time.format"))
    return period_number(moments, spec.period)


def _whole_numbers(column: pd.Series, spec: Panel, path: str) -> pd.Series:
    """Numbers that write dates (202001, with period: month) as periods, others as counts of periods."""
    period = spec.period
    written = calendar_form(column)
    if written:
        try:
            begins = read_calendar(column, CODES[period], column.name).to_timestamp()
        except TimeFormatError as error:
            fix = worded("write_periods_as_dates")
            raise InputError(
                Problem(
                    path,
                    worded("numbers_that_write_dates", error=error),
                    worded("one_period_each", period=worded(f"calendar_{period}")),
                    fix,
                    column=str(column.name),
                )
            ) from error
        return period_number(pd.Series(begins, index=column.index), period)
    dated = period_number(pd.Series(pd.to_datetime(["1980-01-01", "2199-12-31"])), period)
    if spec.treatments and not column.between(*dated).all():
        raise InputError(
            Problem(
                path,
                worded("times_that_count", first=column.min(), last=column.max()),
                worded("period_as_date", period=worded(f"calendar_{period}")),
                worded("give_column_of_dates"),
                column=str(column.name),
            )
        )
    return column


def _numbers(column: pd.Series, name: str, path: str) -> pd.Series:
    """A column of finite numbers; blanks are missing."""
    expected, fix = worded("finite_number_or_nothing", name=name), worded("correct_value_or_blank")
    return _in_rows(column, lambda whole: numbers.read(whole, path, expected, fix))


def _in_rows(column: pd.Series, read: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """What `read` makes of a column of some rows of the file; errors name the file's rows."""
    try:
        return read(column)
    except InputError as error:
        moved = [replace(p, row=p.row and int(column.index[p.row - 1]) + 1) for p in error.problems]
        raise InputError(moved) from None
