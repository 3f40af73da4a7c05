"""From a log of events to one row an entity and period, as Ibis expressions that the card's measures spell out.

The expressions are engine-neutral; DuckDB runs them embedded. Rules that leave events out are in the ledger.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd

from pipeline.card import Card
from pipeline.columns import group_of, require_columns
from pipeline.errors import InputError, Problem
from pipeline.event_log import Log, columns_of, open_log, wanted
from pipeline.ledger import Ledger

PERIODS_A_YEAR = {"year": 1, "quarter": 4, "month": 12}


def panel(card: Card, tables: dict[str, Path], ledger: Ledger) -> pd.DataFrame:
    """Compute the panel of a card from its event log.

    Parameters
    ----------
    tables : table name → Parquet file of the raw stage.

    Returns
    -------
    One row an entity and period: `entity`, `time` (consecutive integers), groups as text, a column a measure.

    Raises
    ------
    InputError
        For unknown columns, unreadable times, values of a group that the card does not list.
    """
    spec = card.panel
    assert spec is not None
    connection = ibis.duckdb.connect(threads=1)
    log = cleaned_log(card, tables, ledger, connection)
    cells = _aggregate(spec, log.table).execute()
    groups = _groups(spec, log, ledger)
    filled = _fill_span(spec, cells, ledger)
    for name, measure in spec["measures"].items():
        if measure.get("transform") == "log1p":
            filled[name] = np.log1p(filled[name])
    if groups is not None:
        filled = filled.merge(groups, on="entity", how="inner")
    order = ["entity", "time", *spec.get("groups", {}), *spec["measures"]]
    return filled[order].sort_values(["entity", "time"], kind="stable").reset_index(drop=True)


def cleaned_log(card: Card, tables: dict[str, Path], ledger: Ledger, connection: Any) -> Log:
    """The panel's event log after the card's rules."""
    assert card.panel is not None
    return _apply_rules(card, card.panel, open_log(card, card.panel, tables, connection), ledger, connection)


def _condition(table: ibis.Table, where: dict[str, Any]) -> ibis.expr.types.BooleanValue:
    parts = []
    for column, value in where.items():
        if isinstance(value, dict):
            parts += [table[column] > value["above"]] if "above" in value else []
            parts += [table[column] < value["below"]] if "below" in value else []
        else:
            parts.append(table[column].isin(value if isinstance(value, list) else [value]))
    return reduce(lambda a, b: a & b, parts)


def _apply_rules(card: Card, spec: dict[str, Any], log: Log, ledger: Ledger, connection: Any) -> Log:
    rules, table = spec.get("rules", {}), log.table
    count = int(table.count().execute())
    ledger.record("panel", "read", "every event of the log", count, count, "as delivered")

    def keep(kept: ibis.Table, step: str, rule: str, why: str) -> ibis.Table:
        nonlocal count
        kept = connection.create_table(f"kept_{len(connection.list_tables())}", kept, temp=True)
        left = int(kept.count().execute())
        ledger.record("panel", step, rule, count, left, why)
        count = left
        return kept

    if (same := rules.get("drop_duplicates")) is True:
        table = keep(table.distinct(), "duplicates", "identical in every column", "one event is counted once")
    elif same:
        order = ibis.window(group_by=same, order_by=["moment", *(c for c in table.columns if c != "moment")])
        first = table.mutate(nth=ibis.row_number().over(order)).filter(lambda t: t.nth == 0).drop("nth")
        table = keep(
            first, "duplicates", f"the same {', '.join(same)} as an earlier event", "one event is counted once"
        )
    if "where" in spec:
        stated = "; ".join(f"{column}: {value}" for column, value in spec["where"].items())
        table = keep(table.filter(_condition(table, spec["where"])), "selection", stated, "the events the card means")
    blank = table.entity.isnull() | table.moment.isnull()
    table = keep(
        table.filter(~blank),
        "no entity or time",
        f"{spec['entity']} or {spec['time']['column']} is blank",
        "the event cannot be placed",
    )
    limits = {"events": rules["max_events_per_entity_day"]} if "max_events_per_entity_day" in rules else {}
    for what, limit in (limits | rules.get("max_sum_per_entity_day", {})).items():
        size = table.count() if what in limits else table[what].cast("float64").sum()
        daily = table.group_by("entity", day=table.moment.truncate("D")).agg(size=size)
        busy = daily.filter(daily["size"] > limit).select("entity").distinct()
        table = keep(
            table.anti_join(busy, "entity"),
            "robots and wholesalers",
            f"more than {limit:g} {what} on a day",
            "no single shopper does that",
        )
    if count == 0:
        raise InputError(
            Problem(
                log.path,
                "no event left after the card's rules",
                "at least one",
                f"check panel.rules and panel.where of {card.path}",
            )
        )
    return Log(table, log.path)


def _period(moment: Any, period: str) -> ibis.expr.types.IntegerValue:
    if period == "week":
        return ((moment.epoch_seconds() - 4 * 86400) / (7 * 86400)).floor().cast("int64")
    parts = {"year": 0, "quarter": moment.quarter() - 1, "month": moment.month() - 1}
    return (moment.year() * PERIODS_A_YEAR[period] + parts[period]).cast("int64")


def one_number(table: ibis.Table, part: dict[str, Any]) -> ibis.Value:
    """The events of a group as one number: a count, a sum, a mean …"""
    condition = _condition(table, part["where"]) if part.get("where") else None
    if part["agg"] == "count":
        return table.count(where=condition).cast("float64")
    if part["agg"] == "days":
        return table.moment.date().nunique(where=condition).cast("float64")
    value = reduce(lambda a, b: a + b, (table[c] for c in columns_of(part["column"])))
    if part["agg"] == "nunique":
        return value.nunique(where=condition).cast("float64")
    return getattr(value.cast("float64"), part["agg"])(where=condition)


def _aggregate(spec: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """One row an entity and period with at least one event."""
    measures = {}
    for name, measure in spec["measures"].items():
        if "ratio" in measure:
            numerator, denominator = (one_number(table, part) for part in measure["ratio"])
            measures[name] = numerator / denominator.nullif(0)
        else:
            measures[name] = one_number(table, measure)
    cells = table.group_by("entity", time=_period(table.moment, spec["period"])).agg(**measures)
    return cells.order_by("entity", "time")


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


def _fill_span(spec: dict[str, Any], cells: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Add the periods without events that belong to an entity's span."""
    span = spec.get("span", "observed")
    bounds = cells.groupby("entity")["time"].agg(["min", "max"])
    first, last = int(bounds["min"].min()), int(bounds["max"].max())
    if span in ("entry", "calendar"):
        bounds["max"] = last
    if span == "calendar":
        bounds["min"] = first
    lengths = (bounds["max"] - bounds["min"] + 1).to_numpy()
    starts = np.repeat(bounds["min"].to_numpy(), lengths)
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    grid = pd.DataFrame({"entity": np.repeat(bounds.index.to_numpy(), lengths), "time": starts + offsets})
    filled = grid.merge(cells, on=["entity", "time"], how="left")
    for name, measure in spec["measures"].items():
        counts = measure.get("agg") in ("count", "sum", "nunique", "days")
        if measure.get("empty", "zero" if counts else "missing") == "zero":
            filled[name] = filled[name].fillna(0.0)
    ledger.record(
        "panel",
        "periods",
        f"entity × {spec['period']}, span: {span}",
        len(cells),
        len(filled),
        "periods without events count as zero or missing (rows: entity × period)",
    )
    minimum = spec.get("rules", {}).get("min_periods", 1)
    if minimum > 1:
        enough = filled.groupby("entity")["time"].transform("size") >= minimum
        ledger.record(
            "panel",
            "too short",
            f"fewer than {minimum} periods",
            len(filled),
            int(enough.sum()),
            "no within-entity change to learn from",
        )
        filled = filled[enough]
    return filled.reset_index(drop=True)


def ready_made(card: Card, raw: pd.DataFrame, path: str, ledger: Ledger) -> pd.DataFrame:
    """A panel that is delivered as one: one row an entity and period, measures are columns.

    Raises
    ------
    InputError
        For a second row of the same entity and period, with both rows named.
    """
    spec = card.panel
    assert spec is not None
    require_columns(path, raw, wanted(spec))
    keys = raw[[spec["entity"], spec["time"]["column"]]]
    twice = keys.duplicated()
    if twice.any():
        position = int(np.flatnonzero(twice.to_numpy())[0])
        entity, time = keys.iloc[position]
        earlier = int(np.flatnonzero((keys == keys.iloc[position]).all(axis=1).to_numpy())[0])
        raise InputError(
            Problem(
                path,
                f"{spec['entity']} {entity!r} × {spec['time']['column']} {time!r} a second time "
                f"(first in row {earlier + 1})",
                "one row an entity and period",
                "remove or add up the repeated rows, or declare rows_are: events",
                position + 1,
                spec["entity"],
            )
        )
    out = pd.DataFrame({"entity": raw[spec["entity"]], "time": _period_numbers(raw, spec, path)})
    for name, group in spec.get("groups", {}).items():
        out[name] = group_of(group, name, raw, path, len(raw))
    for name, measure in spec["measures"].items():
        out[name] = pd.to_numeric(raw[measure["column"]], errors="coerce").astype(float)
    ledger.record("panel", "read", "every row of the panel", len(raw), len(raw), "as delivered")
    return out.sort_values(["entity", "time"], kind="stable").reset_index(drop=True)


def _period_numbers(raw: pd.DataFrame, spec: dict[str, Any], path: str) -> pd.Series:
    column = raw[spec["time"]["column"]]
    if pd.api.types.is_integer_dtype(column):
        return column
    form = spec["time"].get("format")
    moments = pd.to_datetime(column, format=form, errors="coerce")
    if moments.isna().any():
        position = int(np.flatnonzero(moments.isna().to_numpy())[0])
        raise InputError(
            Problem(
                path,
                repr(column.iloc[position]),
                f"a time in the form {form!r}" if form else "a date",
                "correct the value, or panel.time.format of the card",
                position + 1,
                spec["time"]["column"],
            )
        )
    if spec["period"] == "week":
        return (moments - pd.Timestamp("1970-01-05")).dt.days // 7
    a_year = PERIODS_A_YEAR[spec["period"]]
    return moments.dt.year * a_year + (moments.dt.month - 1) * a_year // 12
