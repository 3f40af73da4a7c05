"""What a card asks of a panel and cannot mean: checked before any file is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cards.parts import Measure, Panel
from pipeline.core.errors import near, worded

# Place in the card, what was found, what was expected, how to fix it.
Finding = tuple[tuple, str, str, str]

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
    for name, made in panel.columns.items():
        if made.pattern and (wrong := _pattern(made.pattern)):
            fix = "correct the pattern, such as ^([0-9]+)_"
            yield (
                ("panel", "columns", name, "pattern"),
                worded("{pattern!r}: {wrong}", pattern=made.pattern, wrong=wrong),
                "one group in brackets",
                fix,
            )
    zone, known = panel.time.zone, available_timezones()
    if known and zone not in known:
        at: tuple = ("panel", "time", "timezone")
        yield (
            at,
            worded("unknown time zone {zone!r}", zone=zone),
            "a name of the time zone database",
            near(zone, sorted(known)),
        )
    for form in panel.time.forms:
        if form in ("unix", "unix_ms") and isinstance(panel.time.format, str):
            continue
        if wrong := unreadable(form):
            at = ("panel", "time", "format")
            fix = "correct it, such as %Y-%m-%d %H:%M:%S; unix or unix_ms stand alone"
            yield (at, worded("{form_!r}: {wrong}", form_=form, wrong=wrong), "a strptime pattern", fix)


def _of_events(panel: dict[str, Any]) -> Iterator[Finding]:
    """What only a log of events can have, in a panel whose rows are periods."""
    fix = "take it away, or say rows_are: events if the table has a row an event"
    asked: list[tuple] = [("panel", key) for key in FOR_EVENTS if key in panel]
    asked += [("panel", "time", "timezone")] if "timezone" in panel.get("time", {}) else []
    asked += [("panel", "rules", rule) for rule in panel.get("rules", {}) if rule != "min_periods"]
    for group in ("measures", "auxiliary"):
        for name, measure in panel.get(group, {}).items():
            asked += [("panel", group, name, key) for key in ("agg", "ratio", "where", "empty") if key in measure]
    for at in asked:
        yield (
            at,
            worded("{at} with rows_are: periods", at=at[-1]),
            "the rows as they are, one an entity and period",
            fix,
        )


def _measure(measure: Measure, at: tuple, events: bool) -> Iterator[Finding]:
    if events and not measure.agg and not measure.ratio:
        fix = "add agg, or say rows_are: periods if the table has one row an entity and period"
        yield (at, "a measure without agg", "agg: how the events of a period become one number", fix)
    for part in measure.parts if events else ():
        agg = part.agg
        if agg in NEEDS_COLUMN and not part.columns:
            yield (at, worded("agg: {agg} without a column", agg=agg), "the column that is aggregated", "add column")
        if agg and agg not in NEEDS_COLUMN and part.columns:
            fix = "leave column out, or count its different values with agg: nunique"
            yield (
                at,
                worded("agg: {agg} with a column", agg=agg),
                worded("no column: {agg} looks at none", agg=agg),
                fix,
            )


def _pattern(pattern: str) -> str:
    """Why the engines cannot use a pattern; empty for a good one."""
    try:
        groups = re.compile(pattern).groups
        if FOREIGN.search(pattern):
            return "it looks around or refers back, which the engines cannot"
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, OverflowError, RecursionError, pa.ArrowInvalid) as error:
        return str(error)
    import duckdb

    try:
        duckdb.connect().execute("SELECT regexp_extract('', ?, 1)", [pattern])
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return "" if groups else "no group"


def unreadable(form: str) -> str:
    """Why no time can be read by a strptime pattern; empty for a good one."""
    used = [match[1] for match in re.finditer(r"%(-?.?)", form, flags=re.DOTALL)]
    if not set(used) - {"%"}:
        return "no directive"
    for directive in used:
        if directive not in DIRECTIVES:
            weeks = directive in ("U", "W", "G", "V", "u")
            return (
                worded("%{directive} is unknown", directive=directive)
                if not weeks
                else worded("%{directive} counts weeks, which is no date", directive=directive)
            )
    if len(set(used) - {"%"}) < len([each for each in used if each != "%"]):
        return "a directive twice"
    return "" if set(used) & {"Y", "y", "-y"} else "no year (%Y)"
