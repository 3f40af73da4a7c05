"""The card's rules on which events count, each with its line in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import ibis

from models.choices import choices
from pipeline.cards.card import Card
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.event_log import Log, measures_of, open_log
from pipeline.cleaning.log_checks import number_of
from pipeline.core.errors import InputError, Problem
from pipeline.core.ledger import Ledger

OPENS, NTH = "opens a session", "nth of its like"


@dataclass
class _Sieve:
    """The events that are left and their number."""

    table: ibis.Table
    count: int
    ledger: Ledger
    engine: Engine

    def keep(self, kept: ibis.Table, step: str, rule: str, why: str, hold: bool = True) -> None:
        """Go on with `kept`, held in the engine's memory when the next steps would compute it over again."""
        kept = self.engine.hold(kept) if hold else kept
        left = int(kept.count().execute())
        self.ledger.record("panel", step, rule, self.count, left, why)
        self.table, self.count = kept, left


def condition(table: ibis.Table, where: dict[str, Any]) -> ibis.expr.types.BooleanValue:
    """The events that a `where` of the card means."""
    parts = []
    for column, value in where.items():
        if isinstance(value, dict):
            parts += [table[column] > value["above"]] if "above" in value else []
            parts += [table[column] < value["below"]] if "below" in value else []
        else:
            parts.append(table[column].isin(value if isinstance(value, list) else [value]))
    return reduce(lambda a, b: a & b, parts)


def cleaned_log(card: Card, tables: dict[str, Path], ledger: Ledger, engine: Engine) -> Log:
    """The panel's whole event log after the card's rules, with all its columns."""
    assert card.panel is not None
    log = open_log(card, card.panel, tables, engine)
    return Log(apply_rules(card, log, int(log.table.count().execute()), ledger, engine), log.path)


def apply_rules(card: Card, log: Log, events: int, ledger: Ledger, engine: Engine) -> ibis.Table:
    """Leave out what the card leaves out; events of whole entities, of `events` in the whole log.

    Raises
    ------
    InputError
        For a rule that the engine cannot follow.
    """
    spec = card.panel
    assert spec is not None
    rules, table = spec.get("rules", {}), log.table if log.stored else engine.hold(log.table)
    sieve = _Sieve(table, int(table.count().execute()), ledger, engine)
    ledger.record("panel", "read", "every event of the log", sieve.count, sieve.count, "as delivered")
    zone = spec["time"].get("timezone")
    clock = f"UTC moved to {zone}" if zone not in (None, "UTC") else "UTC" if zone else "times as delivered"
    ledger.record("panel", "clock", clock, sieve.count, sieve.count, f"days and {spec['period']}s begin on that clock")
    if (same := rules.get("drop_duplicates")) is True:
        sieve.keep(table.distinct(), "duplicates", "identical in every column", "one event is counted once")
    elif same:
        _needs_order(engine, "panel.rules.drop_duplicates with a list", card)
        order = ibis.window(group_by=same, order_by=_every_column(table))
        numbered = table.mutate(**{NTH: ibis.row_number().over(order)})
        unlike = reduce(or_, (numbered[column].isnull() for column in same))
        first = numbered.filter((numbered[NTH] == 0) | unlike).drop(NTH)
        alike = f"the same {', '.join(same)} as an earlier event"
        sieve.keep(first, "duplicates", alike, "one event is counted once")
    if "where" in spec:
        stated = "; ".join(f"{column}: {value}" for column, value in spec["where"].items())
        meant = sieve.table.filter(condition(sieve.table, spec["where"]))
        sieve.keep(meant, "selection", stated, "the events the card means", hold=False)
    entity = sieve.table.entity
    named = entity.notnull() & (entity.strip() != "") if entity.type().is_string() else entity.notnull()
    placed = sieve.table.filter(named & sieve.table.moment.notnull())
    blank = f"{spec['entity']} or {spec['time']['column']} is blank"
    sieve.keep(placed, "no entity or time", blank, "the event cannot be placed", hold=False)
    _drop_robots(rules, sieve, events)
    if any(part.get("agg") == "sessions" for m in measures_of(spec).values() for part in m.get("ratio", [m])):
        _needs_order(engine, "a measure with agg: sessions", card)
        _mark_sessions(spec.get("session_minutes", choices.session_minutes), sieve)
    return sieve.table


def _drop_robots(rules: dict[str, Any], sieve: _Sieve, events: int) -> None:
    """Leave out entities that no single shopper is."""
    day, why = "max_events_per_entity_day", "no single shopper does that"
    limits = {"events": rules[day]} if day in rules else {}
    for what, limit in (limits | rules.get("max_sum_per_entity_day", {})).items():
        table = sieve.table
        size = table.count() if what in limits else _taken(number_of(table[what]))
        daily = table.group_by("entity", day=table.moment.truncate("D")).agg(size=size)
        busy = daily.filter(daily["size"] > limit).select("entity").distinct()
        left = table.anti_join(busy, "entity")
        sieve.keep(left, "robots and wholesalers", f"more than {limit:g} {what} on a day", why)
    if (share := rules.get("max_share_of_events")) is not None:
        sizes = sieve.table.group_by("entity").agg(size=sieve.table.count())
        large = sizes.filter(sizes["size"] > share * events).select("entity")
        left = sieve.table.anti_join(large, "entity")
        sieve.keep(left, "robots and wholesalers", f"more than {share:g} of all events", why)


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
    why = "nothing is left out (rows after: sessions)"
    sieve.ledger.record("panel", "sessions", f"a gap above {minutes:g} minutes opens one", sieve.count, sessions, why)
    sieve.table = marked


def _needs_order(engine: Engine, what: str, card: Card) -> None:
    if not engine.ordered:
        raise InputError(
            Problem(
                str(card.path),
                f"{what}, which {engine.name} cannot do",
                "an engine that orders events within an entity",
                "set events.engine of params.yaml to duckdb or spark",
            )
        )
