"""What a card does with the columns of a table: keys, written times, values that it names, numbers."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.cards.card import Card
from pipeline.cards.parts import Cohort, Panel, Time, Treatment, Where, listed

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
    """Column → the texts that a `where` or the levels of a group of the card name."""
    selections = [card.survey.where] if card.survey else []
    selections += [*_of_log(card.panel, card.cohort)] if card.panel else []
    named = [(column, listed(meant)) for where in selections for column, meant in where.items()]
    named += [(g.column, tuple(g.levels)) for part in card.parts.values() for g in part.groups.values() if g.column]
    found: dict[str, set[str]] = {}
    for column, values in named:
        found.setdefault(column, set()).update(value for value in values if isinstance(value, str))
    return found


def read_as_numbers(card: Card, table: str) -> set[str]:
    """Columns of a table whose cells the card takes for numbers."""
    survey, panel = card.survey, card.panel
    covariates = card.cohort.covariates.values() if card.cohort else ()
    found: set[str] = set()
    if survey and table in survey.tables:
        found |= {item.column for item in (*card.items, *card.marker)}
        found |= {control.column for control in survey.controls.values() if control.kind == "number"}
        found |= {survey.duration.column} if survey.duration else set()
        found |= _numeric(survey.where)
        found |= {group.column for group in survey.groups.values() if group.bands}
    if card.cohort and card.cohort.table == table:
        found |= {column for entry in covariates for column in entry.columns}
    if panel and table in {panel.table, *panel.stack, *(join.table for join in panel.joins)}:
        found |= _of_panel(panel)
        found |= {column for entry in covariates for column in entry.columns}
        found |= {column for where in _of_log(panel, card.cohort) for column in _numeric(where)}
    return found - keys(card, table) - dates(card, table)


def _of_panel(panel: Panel) -> set[str]:
    found = set(panel.rules.max_sum_per_entity_day)
    found |= {column for made in panel.columns.values() for column in made.product}
    if panel.time.format in UNIX:
        found.add(panel.time.column)
    found |= {panel.time.gap, panel.time.order} - {""}
    for measure in panel.every_measure.values():
        for part in measure.parts:
            if part.agg in ("", "sum", "mean", "max"):
                found |= set(part.columns)
    return found


def _of_log(panel: Panel, cohort: Cohort | None) -> Iterator[Where]:
    """Every selection of rows of the panel and of what is read beside it."""
    yield panel.where
    yield from (part.where for measure in panel.every_measure.values() for part in measure.parts)
    yield from (treatment.where for treatment in panel.treatments.values())
    yield from (covariate.where for covariate in (cohort.covariates.values() if cohort else ()))


def _numeric(where: Where) -> set[str]:
    """Columns with limits, or of which numbers are named."""
    return {
        column
        for column, meant in where.items()
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in listed(meant))
    }
