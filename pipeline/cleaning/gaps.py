"""The days of a log that tells only how long ago an entity's occasion before was: sums of gaps, from its first one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from pipeline.cards.parts import Panel
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.log_checks import from_unix, named, number_of, numbers
from pipeline.core.errors import InputError, Problem, shown
from pipeline.wording.texts import worded

# Day 0 of everybody, a Monday with which a year begins; a longer gap than a century is not in days.
ORIGIN, A_DAY, CENTURY = 978_307_200, 86_400, 36_525
OCCASION, DAY = "number of the occasion", "day since the first occasion"


def by_gaps(table: ibis.Table, spec: Panel, path: Path, engine: Engine) -> tuple[ibis.Table, ibis.Value]:
    """The log and the moment of each event, on its entity's own clock: midnight of the day of its occasion.

    Events of one occasion share a gap, which counts once; that of the first occasion reaches back before the log and
    does not count.

    Returns
    -------
    The rows of `table` with further columns, and their moments; missing where the entity is.

    Raises
    ------
    InputError
        For a gap or number of an occasion that is missing or no number, a gap below zero or above a century, two gaps
        within an occasion.
    """
    for column, entry in ((spec.time.gap, "gap"), (spec.time.order, "order")):
        numbers(table, column, worded("numbers_for", at=f"panel.time.{entry}"), path, engine)
    table = table.mutate(**{OCCASION: number_of(table[spec.time.order])})
    occasions = engine.keep(_occasions(table, spec), "occasions")
    _check(occasions, table, spec, path, engine)
    counted = occasions.select(
        **{spec.entity: "entity", OCCASION: "order"},
        gap=(occasions.order == occasions.first).ifelse(0.0, occasions.least),
    )
    days = engine.keep(engine.running(counted, DAY, of="gap", by=spec.entity, order=OCCASION).drop("gap"), "days")
    placed = table.left_join(days, [spec.entity, OCCASION])
    return placed, from_unix((placed[DAY] * A_DAY + ORIGIN).cast("int64"), "s")


def _occasions(table: ibis.Table, spec: Panel) -> ibis.Table:
    """One row an occasion of an entity: its gaps, of how many events they are known, the entity's first occasion."""
    events = table.filter(named(table[spec.entity])).select(
        entity=spec.entity, order=OCCASION, gap=number_of(table[spec.time.gap])
    )
    occasions = events.group_by("entity", "order").agg(
        least=events.gap.min(), most=events.gap.max(), known=events.gap.count(), events=events.count()
    )
    firsts = occasions.group_by("entity").agg(first=occasions.order.min())
    return occasions.left_join(firsts, "entity").drop("entity_right")


def _check(occasions: ibis.Table, table: ibis.Table, spec: Panel, path: Path, engine: Engine) -> None:
    """Every occasion has a number and one gap of days; only the first may have none."""
    unlike = (occasions.least != occasions.most) | ((occasions.known > 0) & (occasions.known < occasions.events))
    lacking = (occasions.known == 0) & (occasions.order != occasions.first)
    beyond = (occasions.least < 0) | (occasions.most > CENTURY)
    wrong = occasions.order.isnull() | beyond.fill_null(False) | unlike.fill_null(False) | lacking
    found = occasions.filter(wrong).order_by("entity", "order").limit(1).to_pyarrow().to_pylist()
    if found:
        one = found[0]
        row = _row(table, spec, one) if engine.ordered else None
        raise InputError(_problem(one, spec, str(path), row))


def _problem(one: dict[str, Any], spec: Panel, path: str, row: int | None) -> Problem:
    """What is wrong with an occasion."""
    gap, order, entity = spec.time.gap, spec.time.order, shown(one["entity"])
    if one["order"] is None:
        found, expected = worded("occasion_without_number", entity=entity), worded("number_of_every_occasion")
        return Problem(path, found, expected, worded("number_occasions", order=order), row, order)
    occasion = worded("occasion_of_entity", order=f"{one['order']:.15g}", entity=entity)
    if one["known"] == 0:
        found, fix = worded("occasion_without_gap", occasion=occasion), worded("fill_gap_or_leave_out")
        return Problem(path, found, worded("gap_of_all_but_first"), fix, row, gap)
    if one["known"] < one["events"] or one["least"] != one["most"]:
        other = worded("no_gap") if one["known"] < one["events"] else f"{one['most']:.15g}"
        found = worded("occasion_with_gaps", occasion=occasion, one=f"{one['least']:.15g}", other=other)
        return Problem(path, found, worded("one_gap_an_occasion"), worded("write_one_gap", order=order), row, gap)
    found, expected = worded("occasion_with_gap", occasion=occasion, gap=f"{one['least']:.15g}"), worded("gap_in_days")
    return Problem(path, found, expected, worded("correct_gap"), row, gap)


def _row(table: ibis.Table, spec: Panel, one: dict[str, Any]) -> int:
    """Number of the first row of an occasion, from 1."""
    rows = table.select(row=ibis.row_number() + 1, entity=spec.entity, order=OCCASION)
    same = rows.order.isnull() if one["order"] is None else rows.order == one["order"]
    return int(rows.filter((rows.entity == one["entity"]) & same).row.min().execute())
