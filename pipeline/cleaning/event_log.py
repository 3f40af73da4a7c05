"""The table of events that a card describes: tables stacked and joined, columns made, every event at its moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import mul
from pathlib import Path

import ibis

from pipeline.cards.card import Card
from pipeline.cards.parts import MadeColumn, Panel, present
from pipeline.cleaning import event_conditions
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.gaps import by_gaps
from pipeline.cleaning.log_checks import check, from_unix, number_of, numbers, parts_of, row_of
from pipeline.cleaning.log_tables import gathered
from pipeline.core.errors import InputError, Problem, near
from pipeline.reading.moments import EARLIEST, LATEST, PER_SECOND, UNIX, YEARS, expected_in, remedy
from pipeline.wording.texts import as_is, worded

OWN = ("entity", "moment")


@dataclass(frozen=True)
class Log:
    """An event log during cleaning: Ibis table with `entity`, `moment` and the source's columns.

    `stored`: the rows lie there as they are; reading them again makes nothing anew.
    """

    table: ibis.Table
    path: str
    stored: bool = False


def wanted(card: Card) -> dict[str, str]:
    """Column of the panel's table → the entry of the card that asks for it."""
    spec = present(card.panel)
    wanted = {spec.entity: "panel.entity"}
    wanted |= {column: f"panel.time.{entry}" for column, entry in spec.time.entries.items()}
    wanted |= dict.fromkeys(spec.where, "panel.where")
    wanted |= {group.column: f"panel.groups.{name}" for name, group in spec.groups.items() if group.column}
    for part_of_card in ("measures", "auxiliary"):
        for name, measure in getattr(spec, part_of_card).items():
            for part in measure.parts:
                wanted |= dict.fromkeys((*part.columns, *part.where), f"panel.{part_of_card}.{name}")
    for name, covariate in card.cohort.covariates.items() if card.cohort and card.cohort.of_events else ():
        wanted |= dict.fromkeys((*covariate.columns, *covariate.where), f"cohort.covariates.{name}")
    wanted |= dict.fromkeys(spec.rules.same, "panel.rules.drop_duplicates")
    wanted |= dict.fromkeys(spec.rules.max_sum_per_entity_day, "panel.rules.max_sum_per_entity_day")
    for name, made in spec.columns.items():
        wanted |= dict.fromkeys(made.columns, f"panel.columns.{name}")
    return {column: asked for column, asked in wanted.items() if column not in spec.columns}


def used(spec: Panel, columns: Iterable[str]) -> list[str]:
    """The columns of the opened log that measures, groups and rules read."""
    parts = [part for measure in spec.every_measure.values() for part in measure.parts]
    read = {column for part in parts for column in (*part.columns, *part.where)}
    read |= {group.column for group in spec.groups.values()}
    read |= {*spec.where, *spec.rules.max_sum_per_entity_day, *spec.rules.same}
    return ["entity", "moment", *(column for column in columns if column in read - {"entity", "moment"})]


def open_log(card: Card, spec: Panel, tables: dict[str, Path], engine: Engine) -> Log:
    """Read the card's tables and make the columns that it describes."""
    path = tables[spec.table]
    table = gathered(card, spec, tables, engine)
    missing = [
        Problem(
            str(path),
            worded("no_column", column=column),
            worded("column_named_by_entry", asked=asked, path=card.path),
            near(column, table.columns),
            column=column,
        )
        for column, asked in wanted(card).items()
        if column not in table.columns
    ]
    if missing:
        raise InputError(missing)
    table = table.mutate(**{name: _made(table, made_from) for name, made_from in spec.columns.items()})
    _no_clash(card, spec, table, path)
    check(parts_of(card), table, path, engine)
    event_conditions.check(((f"{at}.where", part.where) for at, part in parts_of(card)), table, path, engine)
    others = [column for column in table.columns if column.lower() not in OWN]
    if spec.time.gap:
        table, moment = by_gaps(table, spec, path, engine)
    else:
        moment = _moment(table, spec, path, engine)
    return Log(table.select(*others, entity=table[spec.entity], moment=moment), str(path))


def _no_clash(card: Card, spec: Panel, table: ibis.Table, path: Path) -> None:
    """No column that the card reads may be named like those that every log gets, unless it is the same."""
    every = spec.rules.drop_duplicates is True
    read = table.columns if every else [*wanted(card), *spec.columns]
    clashes = [c for c in read if c.lower() in OWN and c not in (spec.entity, spec.time.column)]
    if clashes:
        raise InputError(
            [
                Problem(
                    str(path),
                    worded("column_named_like_clean_log", column=column, path=card.path),
                    worded("another_name_than_clean_log"),
                    worded("rename_column_in_file"),
                    column=column,
                )
                for column in clashes
            ]
        )


def _made(table: ibis.Table, made_from: MadeColumn) -> ibis.Value:
    """A product of columns, or the part of a text that a pattern's group captures (missing without a match)."""
    if made_from.product:
        return reduce(mul, (number_of(table[column]) for column in made_from.product))
    return table[made_from.from_].cast("string").re_extract(made_from.pattern, 1).nullif("")


def _moment(table: ibis.Table, spec: Panel, path: Path, engine: Engine) -> ibis.Value:
    """The event's time on the clock of the card's zone."""
    column, form = table[spec.time.column], spec.time.format
    if column.type().is_timestamp() or column.type().is_date():
        moment = column.cast("timestamp('UTC')" if getattr(column.type(), "timezone", None) else "timestamp")
        moment = engine.local(moment, "UTC") if getattr(column.type(), "timezone", None) else moment
    elif isinstance(form, str) and form in UNIX:
        numbers(table, spec.time.column, expected_in([form]), path, engine)
        moment = from_unix((number_of(column) if column.type().is_string() else column).cast("int64"), UNIX[form])
        second = number_of(column) / PER_SECOND[form]
        _check_moments(table, spec, (second < EARLIEST) | (second >= LATEST), path, engine)
        return _in_zone(moment, spec, engine)
    elif form:
        text = column.cast("string").strip()
        _check_forms(spec.time.forms, engine)
        moment = ibis.coalesce(*(engine.parse(text, each) for each in spec.time.forms))
        _check_moments(table, spec, moment.isnull() & (text != ""), path, engine)
    else:
        raise InputError(
            Problem(
                str(path),
                worded("column_of_type", dtype=column.type()),
                worded("date_or_time"),
                worded("give_panel_time_format"),
                column=spec.time.column,
            )
        )
    year = moment.year()
    _check_moments(table, spec, (year < YEARS[0]) | (year > YEARS[1]), path, engine)
    return _in_zone(moment, spec, engine)


def _check_forms(forms: Iterable[str], engine: Engine) -> None:
    """No form that Python knows and the engine does not."""
    for form in forms:
        try:
            engine.connection.execute(engine.parse(ibis.literal("2024-01-05"), form))
        except Exception as error:  # each engine has errors of its own
            said = str(error).split("\n")[0][:200]
            fix = worded("write_parts_of_time")
            problem = Problem(
                "card.yaml",
                worded("form_is_wrong", form=form, wrong=said),
                worded("form_that_engine_reads", engine=engine.name),
                fix,
            )
            raise InputError(replace(problem, column="panel.time.format")) from None


def _in_zone(moment: ibis.Value, spec: Panel, engine: Engine) -> ibis.Value:
    return moment if spec.time.zone == "UTC" else engine.local(moment, spec.time.zone)


def _check_moments(table: ibis.Table, spec: Panel, wrong: ibis.Value, path: Path, engine: Engine) -> None:
    """No time that is in no form of the card, or in a year that cannot be."""
    name, forms = spec.time.column, spec.time.forms
    found = table.select(value=table[name], wrong=wrong).filter(lambda t: t.wrong).limit(1).to_pyarrow()
    if not len(found):
        return
    value = found["value"][0].as_py()
    shown = as_is(repr(value) if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else value)
    expected = expected_in(forms) if forms else worded("time_of_years", first=YEARS[0], last=YEARS[1])
    row = row_of(table, table[name], value) if engine.ordered else None
    raise InputError(Problem(str(path), shown, expected, remedy(value, forms, "panel.time.format"), row, name))
