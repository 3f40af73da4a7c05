"""The card's tables put together: events stacked below one another, what is known of their keys joined to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from pipeline.cards.card import Card
from pipeline.cards.parts import Panel
from pipeline.cleaning.engines import Engine
from pipeline.core.errors import InputError, Problem, near, shown
from pipeline.wording.texts import Worded, as_is, worded


def gathered(card: Card, spec: Panel, tables: dict[str, Path], engine: Engine) -> ibis.Table:
    """The first table, with those of `stack` below it and the columns of `joins` beside it.

    Raises
    ------
    InputError
        For columns of unlike types, for a key that is absent or has several rows in the joined table.
    """
    names = [spec.table, *spec.stack]
    parts = {name: engine.read(tables[name]) for name in names}
    table = _stacked(parts, tables) if len(parts) > 1 else parts[spec.table]
    for join in spec.joins:
        other, key = engine.read(tables[join.table]), join.by
        _check_key(card, key, {spec.table: table, join.table: other}, tables)
        columns = [c for c in join.columns or other.columns if c != key]
        table = table.left_join(other.select(key, *columns), key).drop(f"{key}_right")
    return table


_KINDS = {
    "numbers": worded("kind_numbers"),
    "text": worded("text"),
    "true or false": worded("kind_true_or_false"),
    "timestamp": worded("kind_timestamp"),
    "date": worded("kind_date"),
}


def kind(column: ibis.Value) -> str:
    """What can be compared with one another: numbers, texts, truth values, times."""
    held = column.type()
    if held.is_numeric():
        return "numbers"
    return "text" if held.is_string() else "true or false" if held.is_boolean() else str(held).split("(")[0]


def in_words(held: str) -> Worded:
    """What `kind` found, for a message."""
    return _KINDS.get(held) or as_is(held)


def _stacked(parts: dict[str, ibis.Table], tables: dict[str, Path]) -> ibis.Table:
    """Tables under one another; a column that a table lacks is empty there."""
    types: dict[str, Any] = {}
    for table, part in parts.items():
        for name in part.columns:
            held = part[name].type()
            if name not in types or types[name][1].is_null():
                types[name] = (table, held)
            elif not held.is_null():
                types[name] = (types[name][0], _common(name, types[name], (table, held), parts, tables))
    rows = [
        part.select(
            **{n: part[n].cast(held) if n in part.columns else ibis.null(held) for n, (_, held) in types.items()}
        )
        for part in parts.values()
    ]
    return ibis.union(*rows)


def _common(name: str, one: tuple, other: tuple, parts: dict[str, ibis.Table], tables: dict[str, Path]) -> Any:
    """The type that holds the values of both; a table with nothing in the column agrees to any."""
    (first, a), (second, b) = one, other
    if a == b:
        return a
    if a.is_numeric() and b.is_numeric():
        return ibis.dtype("int64") if a.is_integer() and b.is_integer() else ibis.dtype("float64")
    if a.is_timestamp() and b.is_timestamp() and a.timezone == b.timezone:
        return ibis.dtype("timestamp(6)") if a.timezone is None else a.copy(scale=6)
    for table, held in ((second, a), (first, b)):
        if not parts[table][name].notnull().any().execute():
            return held
    raise InputError(
        Problem(
            str(tables[second]),
            worded("column_of_type", dtype=b),
            worded("type_in_first_table", first=first, a=a),
            worded("write_alike_in_tables", name=name, first=first, second=second),
            column=name,
        )
    )


def _check_key(card: Card, key: str, sides: dict[str, ibis.Table], tables: dict[str, Path]) -> None:
    for name, side in sides.items():
        if key not in side.columns:
            expected = worded("column_of_joins", path=card.path)
            raise InputError(
                Problem(
                    str(tables[name]), worded("no_column", column=key), expected, near(key, side.columns), column=key
                )
            )
    (left, events), (right, other) = ((name, side) for name, side in sides.items())
    if kind(events[key]) != kind(other[key]):
        raise InputError(
            Problem(
                str(tables[right]),
                worded("key_as_type", key=key, kind=in_words(kind(other[key]))),
                worded("type_as_in_table", kind=in_words(kind(events[key])), left=left),
                worded("write_key_alike", key=key),
                column=key,
            )
        )
    rows = other.filter(other[key].notnull()).group_by(key).agg(rows=lambda t: t.count())
    twice = rows.filter(rows.rows > 1).order_by(ibis.desc("rows"), key).limit(1).execute()
    if len(twice):
        value, number = twice[key][0], twice["rows"][0]
        raise InputError(
            Problem(
                str(tables[right]),
                worded("rows_with_same_key", number=number, key=key, value=shown(value)),
                worded("one_row_for_every_key", key=key),
                worded("leave_one_row_for_every_key", key=key, right=right),
                column=key,
            )
        )
