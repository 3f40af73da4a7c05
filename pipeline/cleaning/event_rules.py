"""The card's rules on which events count, each with its line in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path

import ibis

from models.choices import choices
from models.remarks import Remark, remark
from pipeline.cards.card import Card
from pipeline.cards.parts import Panel, Rules, present
from pipeline.cleaning.conditions import stated
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.event_conditions import condition
from pipeline.cleaning.event_log import Log, open_log
from pipeline.cleaning.log_checks import named, number_of
from pipeline.core.errors import InputError, Problem
from pipeline.core.ledger import Ledger, Step
from pipeline.wording.texts import Worded, worded

OPENS, NTH = "opens a session", "nth of its like"
ROBOTS: Step = "robots_and_wholesalers"


@dataclass
class _Sieve:
    """The events that are left and their number."""

    table: ibis.Table
    count: int
    ledger: Ledger
    engine: Engine

    def keep(self, kept: ibis.Table, step: Step, rule: Remark, why: Remark, hold: bool = True) -> None:
        """Go on with `kept`, held in the engine's memory when the next steps would compute it over again."""
        kept = self.engine.hold(kept) if hold else kept
        left = int(kept.count().execute())
        self.ledger.record("panel", step, rule, self.count, left, why, "events")
        self.table, self.count = kept, left


def cleaned_log(card: Card, tables: dict[str, Path], ledger: Ledger, engine: Engine) -> Log:
    """The panel's whole event log after the card's rules, with all its columns."""
    log = open_log(card, present(card.panel), tables, engine)
    return Log(apply_rules(card, log, int(log.table.count().execute()), ledger, engine), log.path)


def apply_rules(card: Card, log: Log, events: int, ledger: Ledger, engine: Engine) -> ibis.Table:
    """Leave out what the card leaves out; events of whole entities, of `events` in the whole log.

    Raises
    ------
    InputError
        For a rule that the engine cannot follow.
    """
    spec = present(card.panel)
    rules, table = spec.rules, log.table if log.stored else engine.hold(log.table)
    sieve = _Sieve(table, int(table.count().execute()), ledger, engine)
    rule, why = remark("every_event"), remark("as_delivered")
    ledger.record("panel", "read", rule, sieve.count, sieve.count, why, "events")
    why = remark("days_on_that_clock", period=spec.period)
    ledger.record("panel", "clock", _clock(spec), sieve.count, sieve.count, why, "events")
    if rules.drop_duplicates is True:
        sieve.keep(table.distinct(), "duplicates", remark("equal_in_every_column"), remark("event_once"))
    elif same := rules.same:
        _needs_order(engine, worded("drop_duplicates_with_a_list"), card)
        order = ibis.window(group_by=same, order_by=_every_column(table))
        numbered = table.mutate(**{NTH: ibis.row_number().over(order)})
        unlike = reduce(or_, (numbered[column].isnull() for column in same))
        first = numbered.filter((numbered[NTH] == 0) | unlike).drop(NTH)
        alike = remark("equal_to_an_earlier_event", columns=same)
        sieve.keep(first, "duplicates", alike, remark("event_once"))
    if spec.where:
        meant = sieve.table.filter(condition(sieve.table, spec.where))
        rule = remark("selected", conditions=stated(spec.where))
        sieve.keep(meant, "selection", rule, remark("events_meant"), hold=False)
    placed = sieve.table.filter(named(sieve.table.entity) & sieve.table.moment.notnull())
    blank = remark("key_blank", entity=spec.entity, time=spec.time.order or spec.time.column)
    sieve.keep(placed, "no_entity_or_time", blank, remark("event_unplaced"), hold=False)
    _drop_robots(rules, sieve, events)
    if any(part.agg == "sessions" for measure in spec.every_measure.values() for part in measure.parts):
        _needs_order(engine, worded("measure_of_sessions"), card)
        _mark_sessions(spec.session_minutes or choices.session_minutes, sieve)
    return sieve.table


def _clock(spec: Panel) -> Remark:
    """On which clock the times stand."""
    if spec.time.gap:
        return remark("days_from_gaps", gap=spec.time.gap, order=spec.time.order)
    zone = spec.time.timezone
    if not zone:
        return remark("times_as_delivered")
    return remark("clock_of_utc") if zone == "UTC" else remark("clock_moved", zone=zone)


def _drop_robots(rules: Rules, sieve: _Sieve, events: int) -> None:
    """Leave out entities that no single shopper is."""
    if (limit := rules.max_events_per_entity_day) is not None:
        quiet = _quiet(sieve.table, sieve.table.count(), limit)
        sieve.keep(quiet, ROBOTS, remark("events_a_day_above", limit=limit), remark("no_single_shopper"))
    for column, limit in rules.max_sum_per_entity_day.items():
        quiet = _quiet(sieve.table, _taken(number_of(sieve.table[column])), limit)
        sieve.keep(quiet, ROBOTS, remark("sum_a_day_above", limit=limit, column=column), remark("no_single_shopper"))
    if (share := rules.max_share_of_events) is not None:
        sizes = sieve.table.group_by("entity").agg(size=sieve.table.count())
        large = sizes.filter(sizes["size"] > share * events).select("entity")
        left = sieve.table.anti_join(large, "entity")
        sieve.keep(left, ROBOTS, remark("share_of_events_above", share=share), remark("no_single_shopper"))


def _quiet(table: ibis.Table, size: ibis.Value, limit: float) -> ibis.Table:
    """The events of entities whose `size` is above the limit on no day."""
    daily = table.group_by("entity", day=table.moment.truncate("D")).agg(size=size)
    return table.anti_join(daily.filter(daily["size"] > limit).select("entity").distinct(), "entity")


def _taken(amount: ibis.Value) -> ibis.Value:
    """What was taken; what was given back the same day is not set off against it."""
    return amount.sum(where=amount > 0)


def _every_column(table: ibis.Table) -> list[str]:
    """An order of rows that leaves only identical rows in a tie."""
    return ["moment", *(column for column in table.columns if column != "moment")]


def _mark_sessions(minutes: float, sieve: _Sieve) -> None:
    """Mark, as `OPENS`, the events that come first or after a gap."""
    table = sieve.table
    ordered = ibis.window(group_by="entity", order_by=_every_column(table))
    second = table.moment.epoch_seconds()
    gap = second - second.lag().over(ordered)
    marked = table.mutate(**{OPENS: gap.isnull() | (gap > 60 * minutes)})
    marked = sieve.engine.hold(marked)
    sessions = int(marked[OPENS].cast("int64").sum().coalesce(0).execute())
    rule, why = remark("gap_opens", minutes=minutes), remark("nobody_left_out")
    sieve.ledger.record("panel", "sessions", rule, sieve.count, sessions, why, "sessions", "events")
    sieve.table = marked


def _needs_order(engine: Engine, what: Worded, card: Card) -> None:
    if not engine.ordered:
        raise InputError(
            Problem(
                str(card.path),
                worded("engine_cannot", what=what, engine=engine.name),
                worded("engine_that_orders_events"),
                worded("set_events_engine"),
            )
        )
