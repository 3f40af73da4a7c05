"""Which events of a log a `where` of the card means, as expressions that every engine follows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from math import inf, isfinite
from operator import and_
from pathlib import Path

import ibis
from ibis.expr.types import BooleanValue

from pipeline.cards.parts import Limits, Values, Where, listed
from pipeline.cleaning.conditions import absent, asked, text_of
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.log_checks import number_of, numbers
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded

# So many of a column's values are looked through for what may have been meant.
LISTED = 1_000


def condition(table: ibis.Table, where: Where) -> BooleanValue:
    """The events that are meant."""
    return reduce(and_, (_meets(table[column], meant) for column, meant in where.items()))


def check(selections: Iterable[tuple[str, Where]], table: ibis.Table, path: Path | str, engine: Engine) -> None:
    """Check what selections, each with its entry of the card, ask of a log.

    Raises
    ------
    InputError
        For every value that is named and occurs in no event, for limits on what is no number.
    """
    selections = list(selections)
    limited: dict[str, str] = {}
    for at, where in selections:
        for column, meant in where.items():
            if isinstance(meant, Limits):
                limited.setdefault(column, at)
    for column, at in limited.items():
        fix = worded("correct_or_list_values_of_where", column=column, at=at)
        numbers(table, column, worded("numbers_for", at=at), path, engine, fix)
    problems: list[Problem] = []
    for column, values in asked(selections).items():
        cells = table.select(cell=table[column])
        known = _texts(cells.filter(_says(cells.cell, list(values))))
        if known < set(values):
            known |= _texts(cells.filter(cells.cell.notnull()), LISTED)
        problems += absent(column, values, known, str(path))
    if problems:
        raise InputError(problems)


def _texts(cells: ibis.Table, most: int | None = None) -> set[str]:
    """What cells say, up to so many different ones."""
    return {text_of(cell) for cell in cells.distinct().limit(most).to_pyarrow()["cell"].to_pylist()}


def _meets(column: ibis.Value, meant: Values | Limits) -> BooleanValue:
    if not isinstance(meant, Limits):
        return _says(column, [text_of(value) for value in listed(meant)])
    number = column if column.type().is_numeric() else number_of(column)
    sides = [number > meant.above] if meant.above > -inf else []
    sides += [number < meant.below] if meant.below < inf else []
    return reduce(and_, sides)


def _says(column: ibis.Value, texts: list[str]) -> BooleanValue:
    """Cells that say one of the texts; these are put into the column's type, which engines compare at once."""
    held = column.type()
    if held.is_boolean():
        return column.isin([text == "True" for text in texts if text in ("True", "False")])
    if held.is_numeric():
        found = [number for text in texts if (number := _number(text)) is not None]
        return column.isin([n for n in found if isinstance(n, int)] if held.is_integer() else list(map(float, found)))
    return (column if held.is_string() else column.cast("string")).strip().isin(texts)


def _number(text: str) -> int | float | None:
    """The number that says a text, where there is one."""
    try:
        number = float(text)
    except ValueError:
        return None
    whole = int(text) if text.lstrip("-").isdecimal() else number
    return whole if isfinite(number) and text_of(whole) == text and abs(number) < 2**63 else None
