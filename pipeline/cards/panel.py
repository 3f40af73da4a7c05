"""What a card asks of a panel and cannot mean: checked before any file is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cards.parts import Measure, Panel
from pipeline.core.errors import near
from pipeline.wording.texts import Worded, as_is, worded

# Place in the card, what was found, what was expected, how to fix it.
Finding = tuple[tuple, Worded, Worded, Worded]

NEEDS_COLUMN = ("sum", "mean", "max", "nunique")
FOR_EVENTS = ("stack", "joins", "columns", "span", "session_minutes")
# What the engines' patterns do not know: looking around and referring back.
# What every reader of times knows; with a dash for numbers without a zero in front.
DIRECTIVES = {*"aAwdbBmyYHIpMSfzZj%", "-d", "-m", "-y", "-H", "-I", "-M", "-S", "-j"}
FOREIGN = re.compile(r"\(\?<?[=!]|\\[1-9]")


def findings(panel: Panel, said: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong with the measures, times and made columns of a panel; `said` is what the card says of it itself."""
    for group in ("measures", "auxiliary"):
        for name, measure in getattr(panel, group).items():
            yield from _measure(measure, ("panel", group, name), panel.of_events)
    if not panel.of_events:
        yield from _of_events(said)
    elif panel.time.gap:
        yield from _of_gaps(panel, said)
    for name, made in panel.columns.items():
        if made.pattern and (wrong := _pattern(made.pattern)):
            fix = worded("correct_pattern")
            yield (
                ("panel", "columns", name, "pattern"),
                worded("form_is_wrong", form=made.pattern, wrong=wrong),
                worded("one_group_in_brackets"),
                fix,
            )
    zone, known = panel.time.zone, _time_zones()
    if known and zone not in known:
        at: tuple = ("panel", "time", "timezone")
        yield (
            at,
            worded("unknown_time_zone", zone=zone),
            worded("name_of_time_zone_database"),
            near(zone, sorted(known)),
        )
    for form in panel.time.forms:
        if form in ("unix", "unix_ms") and isinstance(panel.time.format, str):
            continue
        if wrong := unreadable(form):
            at = ("panel", "time", "format")
            fix = worded("correct_time_form")
            yield (at, worded("form_is_wrong", form=form, wrong=wrong), worded("strptime_pattern"), fix)


_time_zones = cache(available_timezones)


def _of_events(panel: dict[str, Any]) -> Iterator[Finding]:
    """What only a log of events can have, in a panel whose rows are periods."""
    fix = worded("take_it_away_or_events")
    asked: list[tuple] = [("panel", key) for key in FOR_EVENTS if key in panel]
    asked += [("panel", "time", entry) for entry in ("timezone", "gap", "order") if entry in panel.get("time", {})]
    asked += [("panel", "rules", rule) for rule in panel.get("rules", {}) if rule != "min_periods"]
    for group in ("measures", "auxiliary"):
        for name, measure in panel.get(group, {}).items():
            asked += [("panel", group, name, key) for key in ("agg", "ratio", "where", "empty") if key in measure]
    for at in asked:
        yield (
            at,
            worded("entry_with_rows_are_periods", at=at[-1]),
            worded("rows_as_they_are"),
            fix,
        )


def _of_gaps(panel: Panel, said: dict[str, Any]) -> Iterator[Finding]:
    """What asks for dates, for the time of a day or for what comes after the last event, of a log that tells gaps."""
    asked: list[tuple] = [("panel", key) for key in ("treatments", "session_minutes") if key in said]
    asked += [("panel", "period")] if panel.period != "week" else []
    asked += [("panel", "span")] if panel.span != "observed" else []
    asked += [("panel", "rules", "drop_left_censored")] if panel.rules.drop_left_censored else []
    for group in ("measures", "auxiliary"):
        for name, measure in getattr(panel, group).items():
            asked += [("panel", group, name)] if any(part.agg == "sessions" for part in measure.parts) else []
    for at in asked:
        told = "agg: sessions" if at[1] in ("measures", "auxiliary") else at[-1]
        told = f"{told}: {said[told]}" if told in ("period", "span") else told
        yield at, worded("entry_with_gaps", at=told), worded("weeks_from_own_start"), worded("take_it_away_gaps")


def _measure(measure: Measure, at: tuple, events: bool) -> Iterator[Finding]:
    if events and not measure.agg and not measure.ratio:
        fix = worded("add_agg_or_periods")
        yield (at, worded("measure_without_agg"), worded("how_events_become_one_number"), fix)
    for part in measure.parts if events else ():
        agg = part.agg
        if agg in NEEDS_COLUMN and not part.columns:
            yield (at, worded("agg_without_column", agg=agg), worded("column_that_is_aggregated"), worded("add_column"))
        if agg and agg not in NEEDS_COLUMN and part.columns:
            fix = worded("leave_column_out_or_nunique")
            yield (
                at,
                worded("agg_with_column", agg=agg),
                worded("no_column_for_agg", agg=agg),
                fix,
            )


def _pattern(pattern: str) -> Worded | None:
    """Why the engines cannot use a pattern; None for a good one."""
    try:
        groups = re.compile(pattern).groups
        if FOREIGN.search(pattern):
            return worded("looks_around")
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, OverflowError, RecursionError, pa.ArrowInvalid) as error:
        return as_is(error)
    import duckdb

    try:
        duckdb.connect().execute("SELECT regexp_extract('', ?, 1)", [pattern])
    except duckdb.Error as error:
        return as_is(str(error).splitlines()[0])
    return None if groups else worded("no_group")


def unreadable(form: str) -> Worded | None:
    """Why no time can be read by a strptime pattern; None for a good one."""
    used = [match[1] for match in re.finditer(r"%(-?.?)", form, flags=re.DOTALL)]
    if not set(used) - {"%"}:
        return worded("no_directive")
    for directive in used:
        if directive not in DIRECTIVES:
            weeks = directive in ("U", "W", "G", "V", "u")
            return (
                worded("directive_is_unknown", directive=directive)
                if not weeks
                else worded("directive_counts_weeks", directive=directive)
            )
    if len(set(used) - {"%"}) < len([each for each in used if each != "%"]):
        return worded("directive_twice")
    return None if set(used) & {"Y", "y", "-y"} else worded("no_year_directive")
