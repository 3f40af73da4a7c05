"""From a log of events to one row an entity and period, as Ibis expressions that the card's measures spell out.

The expressions are the same for every engine. A long log is cut into buckets of whole entities, which DuckDB works on
side by side, a core each; what is written is sorted by entity, which is the order that the regression streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from pipeline import parallel
from pipeline.buckets import Bucket, buckets
from pipeline.card import Card
from pipeline.columns import group_of
from pipeline.engines import Engine, Options, connect
from pipeline.errors import InputError, Problem
from pipeline.event_log import Log, columns_of, measures_of, open_log, used
from pipeline.event_rules import apply_rules, condition
from pipeline.ledger import Ledger, added_up
from pipeline.periods import PERIODS_A_YEAR, Calendar, Parts, fill


def write_panel(
    card: Card, tables: dict[str, Path], ledger: Ledger, target: Path, options: Options | None = None
) -> None:
    """Compute the panel of a card from its event log and write it as Parquet.

    One row an entity and period: `entity`, `time` (consecutive integers), groups as text, a column a measure; row
    groups hold whole entities.

    Parameters
    ----------
    tables : table name → Parquet file of the raw stage.

    Raises
    ------
    InputError
        For unknown columns, unreadable times, values of a group that the card does not list, an engine that is not
        installed.
    """
    spec, options = card.panel, options or Options()
    assert spec is not None
    with TemporaryDirectory(dir=target.parent, prefix=".events") as folder:
        engine = connect(options, Path(folder))
        log = open_log(card, spec, tables, engine)
        if spec.get("rules", {}).get("drop_duplicates") is not True:
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
                    "no event left after the card's rules",
                    "at least one",
                    f"check panel.rules and panel.where of {card.path}",
                )
            )
        fill(spec, parts, Calendar(parts.first, parts.last), ledger, target, log.path)


Worked = tuple[pa.Table, pd.DataFrame | None, Ledger]


def _each(card: Card, log: Log, events: int, parts: list[Bucket], engine: Engine) -> Iterator[Worked]:
    """Cells, groups and ledger of every bucket, in order; one thread a bucket, so that cores change no sum."""
    spec = card.panel
    assert spec is not None

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


def one_number(table: ibis.Table, part: dict[str, Any], days: Days | None = None) -> ibis.Value:
    """A measure of the events of a group; `days` counts the days of moments, distinct dates by default."""
    where = condition(table, part["where"]) if part.get("where") else None
    if part["agg"] == "count":
        return table.count(where=where).cast("float64")
    if part["agg"] == "days":
        number = days(table.moment, where) if days is not None else table.moment.date().nunique(where=where)
        return number.cast("float64")
    if part["agg"] == "sessions":
        return table.count(where=table.opens if where is None else table.opens & where).cast("float64")
    value = reduce(lambda a, b: a + b, (table[c] for c in columns_of(part["column"])))
    if part["agg"] == "nunique":
        return value.nunique(where=where).cast("float64")
    return getattr(value.cast("float64"), part["agg"])(where=where)


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


def aggregate(spec: dict[str, Any], table: ibis.Table, engine: Engine) -> ibis.Table:
    """One row an entity and period with at least one event."""
    measures, days = {}, _days(spec["period"], engine)
    for name, measure in measures_of(spec).items():
        if "ratio" in measure:
            numerator, denominator = (one_number(table, part, days) for part in measure["ratio"])
            measures[name] = numerator / denominator.nullif(0)
        else:
            measures[name] = one_number(table, measure, days)
    return table.group_by("entity", time=_period(table.moment, spec["period"])).agg(**measures)


def _groups(spec: dict[str, Any], log: Log, ledger: Ledger) -> pd.DataFrame | None:
    """Groups of every entity; an entity that occurs in two groups is left out, with a line in the ledger."""
    if not spec.get("groups"):
        return None
    columns = list(dict.fromkeys(g["column"] for g in spec["groups"].values() if "column" in g))
    seen = log.table.select("entity", *columns).distinct().order_by("entity").execute()
    groups = pd.DataFrame({"entity": seen["entity"]})
    for name, group in spec["groups"].items():
        groups[name] = group_of(group, name, seen, log.path, len(seen))
    groups = groups.drop_duplicates()
    twice = groups["entity"].duplicated(keep=False)
    before, kept = groups["entity"].nunique(), groups[~twice]
    ledger.record(
        "panel",
        "one group an entity",
        "entity occurs in two groups",
        before,
        len(kept),
        "its slope belongs to neither (rows: entities)",
    )
    return kept
