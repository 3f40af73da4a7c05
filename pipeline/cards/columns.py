"""What a card does with the columns of a table: keys, written times, values that it names, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.cards.card import Card
from pipeline.cards.parts import Panel, Time, Treatment

UNIX = ("unix", "unix_ms")


def keys(card: Card, table: str) -> set[str]:
    """Columns of a table by which rows belong to somebody or to rows of another table."""
    survey, panel = card.survey, card.panel
    found = {survey.respondent} if survey and table in survey.tables and survey.respondent else set()
    if panel:
        described: list[Panel | Treatment] = [panel, *panel.treatments.values()]
        for of in described:
            own = {of.table, *(of.stack if isinstance(of, Panel) else ())}
            if table in own | {join.table for join in of.joins}:
                found |= {of.entity or panel.entity}
            found |= {join.by for join in of.joins if table in own | {join.table}}
    return found


def dates(card: Card, table: str) -> set[str]:
    """Columns whose times are written in a form of the card (20240131 may begin with a zero in another form)."""
    panel, cohort, found = card.panel, card.cohort, set()
    if panel and table in {panel.table, *panel.stack} and _written(panel.time):
        found.add(panel.time.column)
    for treatment in panel.treatments.values() if panel else ():
        if table in {treatment.table, *(join.table for join in treatment.joins)} and _written(treatment.start):
            found.add(treatment.start.column)
    if cohort and cohort.table == table and cohort.format:
        found |= {cohort.origin, cohort.event}
        found |= {column for entry in cohort.covariates.values() for column in entry.days}
    return found


def _written(time: Time) -> bool:
    """Whether times are in a form of dates, rather than numbers of seconds or what the file holds as times."""
    return bool(time.format) and time.format not in UNIX


def named_values(card: Card) -> dict[str, set[str]]:
    """Column → the values that a `where` or the levels of a group of the card name."""
    found: dict[str, set[str]] = {}
    for entry in _entries(card.raw):
        listed = {c: v if isinstance(v, list) else [v] for c, v in entry.get("where", {}).items()}
        if "levels" in entry and "column" in entry:
            listed[entry["column"]] = list(entry["levels"])
        for column, values in listed.items():
            found.setdefault(column, set()).update(value for value in values if isinstance(value, str))
    return found


def _entries(node: Any) -> Iterator[dict[str, Any]]:
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and isinstance(node.get("where", {}), dict):
        yield node
    for part in inside:
        yield from _entries(part)


def read_as_numbers(card: Card, table: str) -> set[str]:
    """Columns of a table whose cells the card takes for numbers."""
    survey, panel = card.survey, card.panel
    covariates = card.cohort.covariates.values() if card.cohort else ()
    found: set[str] = set()
    if survey and table in survey.tables:
        found |= {item.column for item in (*card.items, *card.marker)}
        found |= {control.column for control in survey.controls.values() if control.kind == "number"}
        found |= {survey.duration.column} if survey.duration else set()
        found |= {column for column, value in survey.where.items() if _numeric(value)}
        found |= {group.column for group in survey.groups.values() if group.bands}
    if card.cohort and card.cohort.table == table:
        found |= {column for entry in covariates for column in entry.columns}
    if panel and table in {panel.table, *panel.stack, *(join.table for join in panel.joins)}:
        found |= _of_panel(panel, card.raw["panel"])
        found |= {column for entry in covariates for column in entry.columns}
    return found - keys(card, table) - dates(card, table)


def _of_panel(panel: Panel, said: dict[str, Any]) -> set[str]:
    found = set(panel.rules.max_sum_per_entity_day)
    found |= {column for made in panel.columns.values() for column in made.product}
    if panel.time.format in UNIX:
        found.add(panel.time.column)
    found |= {panel.time.gap, panel.time.order} - {""}
    for measure in panel.every_measure.values():
        for part in measure.parts:
            if part.agg in ("", "sum", "mean", "max"):
                found |= set(part.columns)
    for entry in _entries(said):
        found |= {column for column, value in entry.get("where", {}).items() if _numeric(value)}
    return found


def _numeric(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(each, int | float | dict) and not isinstance(each, bool) for each in values)
