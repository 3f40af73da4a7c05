"""What a card asks of the columns of a log, checked before anything is counted: numbers, and values that occur."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis

from pipeline.cards.parts import Aggregate, Panel
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.log_tables import kind
from pipeline.core.errors import InputError, Problem, near
from pipeline.reading.numbers import of_engine, remedy

LISTED = 1_000


def parts_of(spec: Panel) -> Iterator[tuple[str, Aggregate]]:
    """Entry of the card → an aggregate or selection that it describes."""
    yield "panel", Aggregate(where=spec.where)
    for group in ("measures", "auxiliary"):
        for name, measure in getattr(spec, group).items():
            for part in measure.parts:
                yield f"panel.{group}.{name}", part
    for column in spec.rules.max_sum_per_entity_day:
        yield "panel.rules.max_sum_per_entity_day", Aggregate("sum", column)
    for name, made in spec.columns.items():
        if made.product:
            yield f"panel.columns.{name}", Aggregate("sum", made.product)


def check(parts: Iterator[tuple[str, Aggregate]], table: ibis.Table, path: Path | str, engine: Engine) -> None:
    """Check what aggregates and selections ask of a log.

    Raises
    ------
    InputError
        For text that is no number where numbers are added up, for a `where` of another type than its column, for one
        whose values never occur.
    """
    seen: set[str] = set()
    for at, part in parts:
        if part.agg in ("sum", "mean", "max"):
            for name in part.columns:
                numbers(table, name, f"numbers, for {part.agg} in {at}", path, engine)
        elif len({kind(table[name]) for name in part.columns}) > 1:
            raise InputError(
                Problem(
                    str(path),
                    " and ".join(f"{name} ({kind(table[name])})" for name in part.columns),
                    f"columns of one type, for {at}",
                    "name one column, or write them in the same way",
                )
            )
        for name, value in part.where.items():
            if repr((name, value)) not in seen:
                _selection(table, name, value, f"{at}.where", path)
            seen.add(repr((name, value)))


def numbers(table: ibis.Table, name: str, expected: str, path: Path | str, engine: Engine) -> None:
    """Check that a column holds numbers, or text of which every value is one."""
    column = table[name]
    if column.type().is_floating():
        first = table.select(number=column).filter(lambda t: t.number.isinf()).limit(1).to_pyarrow()
        if len(first) == 0:
            return
        value = first["number"][0].as_py()
        found, fix = str(value), "correct the value, or leave the cell blank"
        row = row_of(table, column, value) if engine.ordered else None
    elif kind(column) in ("numbers", "true or false", "null"):
        return
    elif column.type().is_string():
        texts = table.select(text=column).filter(lambda t: t.text.strip() != "")
        first = texts.filter(lambda t: number_of(t.text).isnull() | number_of(t.text).isinf()).limit(1).to_pyarrow()
        if len(first) == 0:
            return
        value = first["text"][0].as_py()
        fix = remedy(value) or "write it in digits with a decimal point, or leave the cell blank"
        found, row = repr(value), row_of(table, column, value) if engine.ordered else None
    else:
        found, fix, row = f"a column of type {column.type()}", "name another column", None
    raise InputError(Problem(str(path), found, expected, fix, row, name))


def number_of(column: ibis.Value) -> ibis.Value:
    """A column as floats; of text, what `pipeline.reading.numbers` takes for a number, else missing."""
    return of_engine(column) if column.type().is_string() else column.cast("float64")


def row_of(table: ibis.Table, column: ibis.Value, value: object) -> int:
    """Number of the first row in which a column has a value, from 1."""
    numbered = table.select(row=ibis.row_number() + 1, text=column)
    return int(numbered.filter(numbered.text == value).row.min().execute())


def _selection(table: ibis.Table, name: str, value: Any, at: str, path: Path | str) -> None:
    column, values = table[name], value if isinstance(value, list) else [value]
    holds = kind(column)
    for each in values:
        if isinstance(each, dict) and holds != "numbers":
            limits = ", ".join(f"{side}: {limit}" for side, limit in each.items())
            found, fix = f"{limits} on a column of {holds}", "list the values that are meant, or name another column"
        elif isinstance(each, dict) or holds not in ("numbers", "text", "true or false") or _kind(each) == holds:
            continue
        else:
            found = f"{each!r} ({_kind(each)}) on a column of {holds}"
            written = {"numbers": "without quotes", "text": "in quotes"}.get(holds, "as true or false")
            fix = f"write the value {written}, or name another column"
        raise InputError(Problem(str(path), found, f"values of the column's type, for {at}", fix, column=name))
    if holds != "text" or len(table.select(text=column).filter(lambda t: t.text.isin(values)).limit(1).to_pyarrow()):
        return
    known = table.select(text=column).filter(lambda t: t.text.notnull()).distinct().limit(LISTED).to_pyarrow()
    meant = " or ".join(map(repr, values))
    raise InputError(
        Problem(
            str(path),
            f"no event with {name} {meant}",
            f"a value that occurs, for {at}",
            near(values[0], sorted(known["text"].to_pylist())),
            column=name,
        )
    )


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "numbers" if isinstance(value, int | float) else "text" if isinstance(value, str) else type(value).__name__
