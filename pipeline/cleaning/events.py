"""From a log of events to one row an entity and period, as Ibis expressions that the card's measures spell out.

The expressions are the same for every engine. A long log is cut into buckets of whole entities, which DuckDB works on
side by side, a core each; what is written is sorted by entity, which is the order that the regression streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from operator import add, or_
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from models.remarks import remark
from pipeline.cards.card import Card
from pipeline.cards.parts import Aggregate, Measure, Panel, present
from pipeline.cleaning.buckets import Bucket, buckets
from pipeline.cleaning.columns import group_of
from pipeline.cleaning.engines import Engine, Options, connect
from pipeline.cleaning.event_conditions import condition
from pipeline.cleaning.event_log import Log, open_log, used
from pipeline.cleaning.event_rules import OPENS, apply_rules
from pipeline.cleaning.log_checks import number_of
from pipeline.cleaning.periods import PERIODS_A_YEAR, Calendar, Parts, fill, zero_if_empty
from pipeline.core import parallel
from pipeline.core.errors import InputError, Problem
from pipeline.core.ledger import Ledger, added_up
from pipeline.wording.texts import worded


def write_panel(
    card: Card, tables: dict[str, Path], ledger: Ledger, target: Path, options: Options | None = None
) -> None:
    """Compute the panel of a card from its event log and write it as Parquet.

    One row an entity and period: `entity`, `time` (consecutive integers), groups as text, a column a measure; row
    groups hold whole entities.

    Parameters
    ----------
    tables
        Table name → Parquet file of the raw stage.

    Raises
    ------
    InputError
        For unknown columns, unreadable times, values of a group that the card does not list, an engine that is not
        installed.
    """
    spec, options = present(card.panel), options or Options()
    _no_clash(card, spec)
    with TemporaryDirectory(dir=target.parent, prefix=".events") as folder:
        engine = connect(options, Path(folder))
        log = open_log(card, spec, tables, engine)
        if spec.rules.drop_duplicates is not True:
            log = Log(log.table.select(*used(spec, log.table.columns)), log.path)
        events = int(log.table.count().execute())
        parts, steps = Parts(Path(folder)), []
        whole_entities = buckets(spec, log, events, options.bucket, engine, Path(folder))
        for cells, groups, own in _each(card, log, events, whole_entities, engine):
            parts.add(cells, groups)
            steps.append(own)
        added_up(steps, ledger)
        if parts.empty:
            raise InputError(
                Problem(
                    log.path,
                    worded("no_event_left"),
                    worded("one_or_more"),
                    worded("check_entry", entry=ledger.emptied_by("panel", "panel.rules"), path=card.path),
                )
            )
        fill(spec, parts, Calendar(parts.first, parts.last), ledger, target, log.path)


def _no_clash(card: Card, spec: Panel) -> None:
    """Names of groups and measures that are free, as they become columns of the panel."""
    twice = set(spec.groups) & set(spec.every_measure)
    problems = [
        Problem(
            str(card.path),
            worded("group_or_measure_named", name=name),
            worded("name_of_its_own"),
            worded("give_it_another_name"),
        )
        for name in (*spec.groups, *spec.every_measure)
        if name in ("entity", "time") or name in twice
    ]
    if problems:
        raise InputError(problems)


Worked = tuple[pa.Table, pd.DataFrame | None, Ledger]


def _each(card: Card, log: Log, events: int, parts: list[Bucket], engine: Engine) -> Iterator[Worked]:
    """Cells, groups and ledger of every bucket, in order; one thread a bucket, so that cores change no sum."""
    spec = present(card.panel)

    def work(place: tuple[Bucket, Engine]) -> Worked:
        bucket, own = place
        ledger = Ledger()
        kept = apply_rules(card, bucket(own), events, ledger, own)
        cells = aggregate(spec, kept, own).to_pyarrow().sort_by([("entity", "ascending"), ("time", "ascending")])
        found = cells, _groups(spec, Log(kept, log.path), ledger), ledger
        own.let_go()
        return found

    if engine.views and len(parts) > 1:
        yield from parallel.in_order(work, ((bucket, engine.beside()) for bucket in parts), parallel.cores())
    else:
        yield from (work((bucket, engine)) for bucket in parts)


def _period(moment: Any, period: str) -> ibis.expr.types.IntegerValue:
    if period == "week":
        return ((moment.epoch_seconds() - 4 * 86400) / (7 * 86400)).floor().cast("int64")
    parts = {"year": 0, "quarter": moment.quarter() - 1, "month": moment.month() - 1}
    return (moment.year() * PERIODS_A_YEAR[period] + parts[period]).cast("int64")


Days = Callable[[ibis.Value, ibis.Value | None], ibis.Value]


def one_number(table: ibis.Table, part: Aggregate, days: Days | None = None) -> ibis.Value:
    """A measure of the events of a group; `days` counts the days of moments, distinct dates by default."""
    where = condition(table, part.where) if part.where else None
    if part.agg == "count":
        return table.count(where=where).cast("float64")
    if part.agg == "any":
        return (table.count(where=where) > 0).cast("float64")
    if part.agg == "days":
        number = days(table.moment, where) if days is not None else table.moment.date().nunique(where=where)
        return number.cast("float64")
    if part.agg == "sessions":
        return table.count(where=table[OPENS] if where is None else table[OPENS] & where).cast("float64")
    columns = [table[column] for column in part.columns]
    if part.agg == "nunique":
        value = reduce(add, columns)
        there = value.notnull()
        return value.nunique(where=there if where is None else where & there).cast("float64")
    return getattr(_added_up(columns), part.agg)(where=where)


def zero_of_none(table: ibis.Table, part: Aggregate, days: Days | None = None) -> ibis.Value:
    """A measure of which a sum of no events is zero; with events of which no amount is known it stays missing."""
    number = one_number(table, part, days)
    return _none_as_zero(table, part, number) if part.agg == "sum" else number


def _none_as_zero(table: ibis.Table, part: Aggregate, number: ibis.Value) -> ibis.Value:
    """A number of the events of a group; zero where there are none such."""
    where = condition(table, part.where) if part.where else None
    return (table.count(where=where) == 0).ifelse(0.0, number)


def _measure(table: ibis.Table, measure: Measure, days: Days | None) -> ibis.Value:
    """A measure where an entity has events: `empty` is for periods without such events, not for what is undefined.

    A ratio is zero where its numerator has nothing and undefined where its denominator is zero.
    """
    part = measure.parts[-1]
    if measure.ratio:
        numerator, denominator = (zero_of_none(table, part, days) for part in measure.ratio)
        number = numerator / denominator.nullif(0)
    else:
        number = one_number(table, measure, days)
    if not zero_if_empty(measure):
        return number
    return number.coalesce(0.0) if measure.agg == "sum" else _none_as_zero(table, part, number)


def _added_up(columns: list[ibis.Value]) -> ibis.Value:
    """The sum of columns as numbers; a blank adds nothing, and only blanks are blank."""
    numbers = [number_of(column) for column in columns]
    if len(numbers) == 1:
        return numbers[0]
    there = reduce(or_, (number.notnull() for number in numbers))
    return there.ifelse(reduce(add, (number.coalesce(0.0) for number in numbers)), ibis.null("float64"))


def _days(period: str, engine: Engine) -> Days | None:
    """A counter of days that marks a bit a day of the week or month, in a fifth of the time of distinct dates."""
    place = {"week": lambda moment: moment.day_of_week.index(), "month": lambda moment: moment.day() - 1}

    def number(moment: ibis.Value, where: ibis.Value | None) -> ibis.Value:
        bit = ibis.literal(1, "int64") << place[period](moment).cast("int64")
        return _ones(engine.bit_or(bit, where).cast("int64").coalesce(0))

    return number if period in place else None


def _ones(bits: ibis.Value) -> ibis.Value:
    """How many of 31 bits are one, by pairs, fours, eights and so on (Warren 2013, Hacker's Delight, section 5-1)."""
    pairs = bits - ((bits >> 1) & 0x55555555)
    fours = (pairs & 0x33333333) + ((pairs >> 2) & 0x33333333)
    eights = (fours + (fours >> 4)) & 0x0F0F0F0F
    sixteens = eights + (eights >> 8)
    return (sixteens + (sixteens >> 16)) & 0x3F


def aggregate(spec: Panel, table: ibis.Table, engine: Engine) -> ibis.Table:
    """One row an entity and period with at least one event."""
    measures, days = {}, _days(spec.period, engine)
    for name, measure in spec.every_measure.items():
        if measure.agg != "tenure":
            measures[name] = _measure(table, measure, days)
    return table.group_by("entity", time=_period(table.moment, spec.period)).agg(**measures)


def _groups(spec: Panel, log: Log, ledger: Ledger) -> pd.DataFrame | None:
    """Groups of every entity, where they are known; one that occurs in two is left out, with a line in the ledger."""
    if not spec.groups:
        return None
    columns = list(dict.fromkeys(group.column for group in spec.groups.values() if group.column))
    seen = log.table.select("entity", *columns).distinct().order_by("entity").to_pyarrow().to_pandas()
    groups = pd.DataFrame({"entity": seen["entity"]})
    for name, group in spec.groups.items():
        groups[name] = group_of(group, name, seen, log.path, len(seen))
    groups = groups.drop_duplicates()
    before = groups["entity"].nunique()
    if before < len(groups):
        each = groups.groupby("entity", sort=False)
        groups = each.first()[~(each.nunique() > 1).any(axis="columns")].reset_index()
    rule, why = remark("two_groups"), remark("slope_of_neither")
    ledger.record("panel", "one_group_an_entity", rule, before, len(groups), why, "entities")
    return groups
