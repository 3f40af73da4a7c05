"""What a card asks of the columns of a log, checked before anything is counted: numbers, and values that occur."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import ibis

from pipeline.cards.parts import Aggregate, Panel
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.log_tables import in_words, kind
from pipeline.core.errors import InputError, Problem, near
from pipeline.reading.numbers import of_engine, remedy
from pipeline.wording.texts import Worded, as_is, either, worded

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


_WRITTEN = {
    "numbers": worded("without_quotes"),
    "text": worded("in_quotes"),
    "true or false": worded("as_true_or_false"),
}


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
                numbers(table, name, worded("numbers_for_aggregate", agg=part.agg, at=at), path, engine)
        elif len({kind(table[name]) for name in part.columns}) > 1:
            held = [worded("column_of_kind", column=name, kind=in_words(kind(table[name]))) for name in part.columns]
            raise InputError(
                Problem(
                    str(path),
                    reduce(lambda one, other: worded("one_and_other", one=one, other=other), held),
                    worded("columns_of_one_type", at=at),
                    worded("name_one_column_or_write_alike"),
                )
            )
        for name, value in part.where.items():
            if repr((name, value)) not in seen:
                _selection(table, name, value, f"{at}.where", path)
            seen.add(repr((name, value)))


def numbers(table: ibis.Table, name: str, expected: Worded, path: Path | str, engine: Engine) -> None:
    """Check that a column holds numbers, or text of which every value is one."""
    column = table[name]
    if column.type().is_floating():
        first = table.select(number=column).filter(lambda t: t.number.isinf()).limit(1).to_pyarrow()
        if len(first) == 0:
            return
        value = first["number"][0].as_py()
        found, fix = as_is(value), worded("correct_value_or_blank_cell")
        row = row_of(table, column, value) if engine.ordered else None
    elif kind(column) in ("numbers", "true or false", "null"):
        return
    elif column.type().is_string():
        texts = table.select(text=column).filter(lambda t: t.text.strip() != "")
        first = texts.filter(lambda t: number_of(t.text).isnull() | number_of(t.text).isinf()).limit(1).to_pyarrow()
        if len(first) == 0:
            return
        value = first["text"][0].as_py()
        fix = remedy(value) or worded("write_digits_or_blank_cell")
        found, row = as_is(repr(value)), row_of(table, column, value) if engine.ordered else None
    else:
        found, fix, row = worded("column_of_type", dtype=column.type()), worded("name_another_column"), None
    raise InputError(Problem(str(path), found, expected, fix, row, name))


def number_of(column: ibis.Value) -> ibis.Value:
    """A column as floats; of text, what `pipeline.reading.numbers` takes for a number, else missing."""
    return of_engine(column) if column.type().is_string() else column.cast("float64")


def named(entity: ibis.Value) -> ibis.expr.types.BooleanValue:
    """Events that say whose they are."""
    return entity.notnull() & (entity.strip() != "") if entity.type().is_string() else entity.notnull()


def from_unix(number: ibis.expr.types.IntegerValue, unit: str) -> ibis.Value:
    """The moment of a number of seconds or milliseconds since 1970; the cast takes off the zone that DuckDB adds."""
    return number.as_timestamp(unit).cast("timestamp(6)")


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
            found, fix = (
                worded("limits_on_column_of", limits=limits, holds=in_words(holds)),
                worded("list_values_or_other_column"),
            )
        elif isinstance(each, dict) or holds not in ("numbers", "text", "true or false") or _kind(each) == holds:
            continue
        else:
            found = worded("value_on_column_of", each=each, kind=in_words(_kind(each)), holds=in_words(holds))
            fix = worded("write_value_or_other_column", written=_WRITTEN[holds])
        raise InputError(Problem(str(path), found, worded("values_of_column_type", at=at), fix, column=name))
    if holds != "text" or len(table.select(text=column).filter(lambda t: t.text.isin(values)).limit(1).to_pyarrow()):
        return
    known = table.select(text=column).filter(lambda t: t.text.notnull()).distinct().limit(LISTED).to_pyarrow()
    meant = either(values)
    raise InputError(
        Problem(
            str(path),
            worded("no_event_with_value", name=name, meant=meant),
            worded("value_that_occurs", at=at),
            near(values[0], sorted(known["text"].to_pylist())),
            column=name,
        )
    )


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "numbers" if isinstance(value, int | float) else "text" if isinstance(value, str) else type(value).__name__
