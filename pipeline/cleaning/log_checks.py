"""What a card asks of the columns of a log, checked before anything is counted: numbers, and types that agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path

import ibis

from pipeline.cards.card import Card
from pipeline.cards.parts import Aggregate, present
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.log_tables import in_words, kind
from pipeline.core.errors import InputError, Problem
from pipeline.reading.numbers import of_engine, remedy
from pipeline.wording.texts import Worded, as_is, worded


def parts_of(card: Card) -> Iterator[tuple[str, Aggregate]]:
    """Entry of the card → an aggregate or selection of events that it describes."""
    spec, cohort = present(card.panel), card.cohort
    yield "panel", Aggregate(where=spec.where)
    for group in ("measures", "auxiliary"):
        for name, measure in getattr(spec, group).items():
            for part in measure.parts:
                yield f"panel.{group}.{name}", part
    for name, covariate in cohort.covariates.items() if cohort and cohort.of_events else ():
        yield f"cohort.covariates.{name}", covariate
    for column in spec.rules.max_sum_per_entity_day:
        yield "panel.rules.max_sum_per_entity_day", Aggregate("sum", column)
    for name, made in spec.columns.items():
        if made.product:
            yield f"panel.columns.{name}", Aggregate("sum", made.product)


def check(parts: Iterable[tuple[str, Aggregate]], table: ibis.Table, path: Path | str, engine: Engine) -> None:
    """Check what aggregates ask of a log.

    Raises
    ------
    InputError
        For text that is no number where numbers are added up, for columns of unlike types that are counted together.
    """
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


def numbers(
    table: ibis.Table, name: str, expected: Worded, path: Path | str, engine: Engine, otherwise: Worded | None = None
) -> None:
    """Check that a column holds numbers, or text of which every value is one.

    Parameters
    ----------
    otherwise
        What to do about a text that is a number in no notation, where blanks are no way out.
    """
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
        fix = remedy(value) or otherwise or worded("write_digits_or_blank_cell")
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
