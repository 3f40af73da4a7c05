"""What a card does with the columns of a table: keys, written times, values that it names, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.cards.card import Card

UNIX = ("unix", "unix_ms")


def keys(card: Card, table: str) -> set[str]:
    """Columns of a table by which rows belong to somebody or to rows of another table."""
    survey, panel = card.survey or {}, card.panel or {}
    found = {survey["respondent"]} if survey.get("table") == table and "respondent" in survey else set()
    for of in (panel, *panel.get("treatments", {}).values()):
        joins = of.get("joins", ())
        own = {of.get("table"), *of.get("stack", ())}
        if table in own | {join["table"] for join in joins}:
            found |= {of.get("entity", panel.get("entity"))}
        found |= {join["by"] for join in joins if table in own | {join["table"]}}
    return found


def dates(card: Card, table: str) -> set[str]:
    """Columns whose times are written in a form of the card (20240131 may begin with a zero in another form)."""
    panel, cohort, found = card.panel or {}, card.cohort or {}, set()
    timed = table in {panel.get("table"), *panel.get("stack", ())}
    if timed and panel["time"].get("format", "unix") not in UNIX:
        found.add(panel["time"]["column"])
    for treatment in panel.get("treatments", {}).values():
        tables = {treatment["table"], *(join["table"] for join in treatment.get("joins", ()))}
        if table in tables and treatment["start"].get("format", "unix") not in UNIX:
            found.add(treatment["start"]["column"])
    if cohort.get("table") == table and "format" in cohort:
        found |= {cohort["origin"], cohort["event"]}
        found |= {column for entry in cohort["covariates"].values() for column in entry.get("days", ())}
    return found


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
    survey, panel, cohort = card.survey or {}, card.panel or {}, card.cohort or {}
    found: set[str] = set()
    if survey.get("table") == table:
        found |= {item.column for item in (*card.items, *card.marker)}
        found |= {c["column"] for c in survey.get("controls", {}).values() if c["kind"] == "number"}
        found |= {survey["duration"]["column"]} if "duration" in survey else set()
    if cohort.get("table") == table:
        found |= {entry["column"] for entry in cohort["covariates"].values() if "column" in entry}
    if table in {panel.get("table"), *panel.get("stack", ()), *(join["table"] for join in panel.get("joins", ()))}:
        found |= _of_panel(panel)
        found |= {c for entry in cohort.get("covariates", {}).values() for c in _columns(entry.get("column"))}
    return found - keys(card, table) - dates(card, table)


def _of_panel(panel: dict[str, Any]) -> set[str]:
    found = set(panel.get("rules", {}).get("max_sum_per_entity_day", ()))
    found |= {column for made in panel.get("columns", {}).values() for column in made.get("product", ())}
    if panel["time"].get("format") in UNIX:
        found.add(panel["time"]["column"])
    for measure in (*panel.get("measures", {}).values(), *panel.get("auxiliary", {}).values()):
        for part in measure.get("ratio", [measure]):
            if part.get("agg", "sum") in ("sum", "mean", "max"):
                found |= set(_columns(part.get("column")))
    for entry in _entries(panel):
        found |= {column for column, value in entry.get("where", {}).items() if _numeric(value)}
    return found


def _columns(column: str | list[str] | None) -> list[str]:
    return [] if column is None else [column] if isinstance(column, str) else column


def _numeric(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(each, int | float | dict) and not isinstance(each, bool) for each in values)
