"""Checks of a card that a schema cannot express: does it mean what the theory and the card itself know?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from models import theory
from pipeline.cards import item_names
from pipeline.cards import panel as card_panel
from pipeline.cards import source as card_source
from pipeline.cards.data_card import Card
from pipeline.cards.panel import Finding
from pipeline.cards.parts import SEPARATORS, File, Group, Panel, Survey
from pipeline.core.errors import near
from pipeline.wording.texts import as_is, worded

# Likeness (difflib) from which on a name is a slip of another: platform_types of platform_type, not service_type.
SLIP = 0.85


def findings(card: Card, folder: str) -> Iterator[Finding]:
    """What is wrong with the constructs, platform types, tables, names and ranges of a card in a folder."""
    if card.id != folder:
        yield (
            ("id",),
            worded("id_of_card", id=card.id),
            worded("name_of_folder", folder=folder),
            worded("make_them_equal"),
        )
    constructs = theory.constructs()

    def unknown_construct(name: str, at: tuple) -> Finding:
        return (
            at,
            worded("unknown_construct", name=name),
            worded("construct_of_the_theory"),
            near(name, constructs),
        )

    survey, panel, cohort, source = card.survey, card.panel, card.cohort, card.source
    asked = [(part, *pair) for part in ("items", "marker") for pair in enumerate(getattr(survey, part, ()))]
    for part, index, item in asked:
        at: tuple = ("survey", part, index)
        if part == "items" and item.construct and item.construct not in constructs:
            yield unknown_construct(item.construct, (*at, "construct"))
        low, high = item.range
        if low >= high:
            yield (at, worded("range", low=low, high=high), worded("low_below_high"), worded("swap_or_correct_them"))
        yield from _values(item.values, [item.range], (*at, "values"))
    if survey:
        yield from _values(survey.values, [item.range for _, _, item in asked], ("survey", "values"))
    if survey and survey.exclude.min_seconds is not None and survey.duration is None:
        at = ("survey", "exclude", "min_seconds")
        yield (at, worded("min_seconds_without_duration"), as_is("survey.duration"), worded("name_its_column"))
    named = [("panel", "measures", name) for name in (panel.measures if panel else ())]
    named += [("cohort", "covariates", name) for name in (cohort.covariates if cohort else ())]
    for place in (*named, *(("proxies", name) for name in card.proxies)):
        if place[-1] not in constructs:
            yield unknown_construct(place[-1], place)
    treatments = panel.treatments if panel else {}
    for name, treatment in treatments.items():
        if treatment.stands_for not in constructs:
            yield unknown_construct(treatment.stands_for, ("panel", "treatments", name, "stands_for"))
    if cohort and cohort.of_events and not (panel and panel.of_events):
        yield (
            ("cohort",),
            worded("cohort_without_events"),
            worded("panel_of_events_for_cohort"),
            worded("describe_log_or_name_cohort_table"),
        )
    if cohort and cohort.of_events and panel and panel.time.gap:
        fix = worded("take_it_away_gaps")
        yield ("cohort",), worded("entry_with_gaps", at="cohort"), worded("weeks_from_own_start"), fix
    if panel:
        yield from _auxiliary(panel)
        yield from card_panel.findings(panel, card.raw["panel"])
    for table, file in source.files.items():
        yield from _text_file(table, file)
    if survey:
        yield from item_names.findings(survey)
    yield from card_source.findings(source)
    yield from _ordered_groups(card)
    if survey:
        yield from _own_names(survey)
    yield from _levels(card)
    yield from _group_names(card)
    yield from _times(card)
    for part, declared in card.parts.items():
        for group, entry in declared.groups.items():
            if meant := _almost(group):
                found, expected = worded("grouping_almost", name=group), worded("grouping_of_theory_or_own")
                yield ((part, "groups", group), found, expected, near(group, [meant]))
            known = theory.groups_of(group)
            for value in (value for value in entry.values if known and value not in known):
                yield (
                    (part, "groups", group),
                    worded("unknown_group", group=group.replace("_", " "), value=value),
                    worded("one_of", names=", ".join(known)),
                    near(value, known),
                )
    tables = set(source.files) or {"survey", "events"}
    wanted: list[tuple[tuple, str]] = [
        ((part, "table"), declared.table) for part, declared in card.parts.items() if declared.table
    ]
    wanted += [(("panel", "joins", i, "table"), join.table) for i, join in enumerate(panel.joins if panel else ())]
    for name, treatment in treatments.items():
        at = ("panel", "treatments", name)
        wanted += [((*at, "table"), treatment.table)]
        wanted += [((*at, "joins", i, "table"), join.table) for i, join in enumerate(treatment.joins)]
    wanted += [(("survey", "stack", i), table) for i, table in enumerate(survey.stack if survey else ())]
    wanted += [(("panel", "stack", i), table) for i, table in enumerate(panel.stack if panel else ())]
    if source.kind == "simulator":
        tables = {"survey", "events", "users"}
    for at, table in wanted:
        if table not in tables:
            yield (
                at,
                worded("unknown_table", table=table),
                worded("table_under_source_files"),
                near(table, tables),
            )


def _almost(grouping: str) -> str:
    """The grouping of the theory that a card's own one differs from by a slip, so that no hypothesis would find it."""
    known = list(theory.groupings())
    close = [] if grouping in known else get_close_matches(grouping, known, n=1, cutoff=SLIP)
    return close[0] if close else ""


def _ordered_groups(card: Card) -> Iterator[Finding]:
    """Comparisons that a card leaves out though its people are real, or groupings that its survey does not have."""
    named, known = card.own_ordered_groups, card.survey.groups if card.survey else {}
    if named and not card.simulated:
        expected, fix = worded("simulated_true"), worded("real_answers_over_all")
        yield (("ordered_groups",), worded("ordered_groups_of_real_data"), expected, fix)
    for place, name in enumerate(named):
        if name not in known:
            at = ("ordered_groups", place)
            yield (at, worded("unknown_grouping", name=name), worded("grouping_of_survey"), near(name, known))


def _values(values: dict[Any, float], ranges: list[tuple[float, ...]], at: tuple) -> Iterator[Finding]:
    """Labels that stand for numbers which none of the questions can have as an answer."""
    for word, value in values.items():
        if not any(low <= value <= high for low, high in ranges):
            expected = ", ".join(dict.fromkeys(f"{low:g}–{high:g}" for low, high in ranges))
            yield (
                at,
                worded("word_stands_for", word=word, value=value),
                worded("answer_within", expected=expected),
                worded("correct_it_or_the_range"),
            )


def _text_file(table: str, file: File) -> Iterator[Finding]:
    """What is said of how a table of text is written."""
    at: tuple = ("source", "files", table)
    if not file.header and not file.columns:
        yield (
            at,
            worded("header_false_without_columns"),
            worded("names_of_columns"),
            worded("list_them_under_columns"),
        )
    if file.point == file.thousands:
        yield (at, worded("decimal_is_thousands"), worded("two_signs"), worded("correct_one_or_leave_thousands_out"))
    twice = {name for name in file.columns if file.columns.count(name) > 1}
    for name in sorted(twice):
        yield ((*at, "columns"), worded("column_twice", column=name), worded("each_name_once"), worded("rename_one"))


def _levels(card: Card) -> Iterator[Finding]:
    """Raw values compare as text: 1 and "1" are one level, and one level has one group."""
    for part, declared in card.parts.items():
        for group, entry in declared.groups.items():
            keys = [key_of(value) for value in entry.levels]
            twice = next((key for i, key in enumerate(keys) if key in keys[:i]), None)
            if twice is not None:
                at = (part, "groups", group, "levels")
                yield (at, worded("level_twice", twice=twice), worded("each_raw_value_once"), worded("take_one_away"))
            yield from _bands((part, "groups", group, "bands"), entry)


def _group_names(card: Card) -> Iterator[Finding]:
    """Groups whose names hold what stands between the names of groups, so that results could be read in two ways."""
    for part, declared in card.parts.items():
        for group, entry in declared.groups.items():
            named: list[tuple[tuple, str]] = [(("constant",), entry.constant)]
            named += [(("levels", raw), name) for raw, name in entry.levels.items() if name]
            named += [(("bands", name), name) for name in entry.bands]
            for at, name in named:
                if signs := [sign for sign in SEPARATORS if sign in name]:
                    found = worded("separator_in_group", name=name, signs=", ".join(map(repr, signs)))
                    expected = worded("group_without_separator", signs=", ".join(map(repr, SEPARATORS)))
                    yield ((part, "groups", group, *at), found, expected, worded("word_it_under_names"))


def _bands(at: tuple, entry: Group) -> Iterator[Finding]:
    """Bands go upwards and share no number."""
    placed = sorted(entry.bands.items(), key=lambda band: band[1])
    for name, (low, high) in placed:
        if low > high:
            yield ((*at, name), as_is(f"{low:g} … {high:g}"), worded("lowest_before_highest"), worded("swap_them"))
    for (one, (_, end)), (other, (begin, _)) in pairwise(placed):
        if begin <= end:
            yield (
                (*at, other),
                worded("bands_overlap", other=other, begin=begin, one=one, end=end),
                worded("bands_apart"),
                worded("correct_one"),
            )


def _times(card: Card) -> Iterator[Finding]:
    """Dates that no calendar has, and forms that no time has."""
    cohort = card.cohort
    if cohort and cohort.end:
        try:
            date.fromisoformat(cohort.end)
        except ValueError as error:
            yield (
                ("cohort", "end"),
                worded("form_is_wrong", form=cohort.end, wrong=error),
                worded("day_of_calendar"),
                worded("correct_it"),
            )
    forms: list[tuple[tuple, str]] = [(("cohort", "format"), cohort.format)] if cohort and cohort.format else []
    for name, treatment in (card.panel.treatments if card.panel else {}).items():
        forms += [(("panel", "treatments", name, "start", "format"), form) for form in treatment.start.forms]
    for at, form in forms:
        if wrong := card_panel.unreadable(form):
            yield (
                at,
                worded("form_is_wrong", form=form, wrong=wrong),
                worded("strptime_pattern"),
                worded("correct_date_form"),
            )


def _own_names(survey: Survey) -> Iterator[Finding]:
    """Groups and controls are columns beside the items, each with a name of its own."""
    for part, others in (("controls", set(survey.groups)), ("groups", set())):
        for name in getattr(survey, part):
            if name in {*others, "respondent", "response_seconds"}:
                found = worded("name_of_another_clean_column", name=name)
                yield (
                    ("survey", part, name),
                    found,
                    worded("name_of_its_own"),
                    worded("call_it_with_part", name=name, part=part.removesuffix("s")),
                )


def _auxiliary(panel: Panel) -> Iterator[Finding]:
    """Instruments and negative controls are auxiliary measures; what is instrumented is measured."""
    auxiliary, measured = panel.auxiliary, theory.offered(set(panel.measures))
    for name in auxiliary:
        if name in {*theory.constructs(), *panel.groups, "entity", "time"}:
            at: tuple = ("panel", "auxiliary", name)
            yield (
                at,
                worded("auxiliary_has_taken_name", name=name),
                worded("own_name_for_auxiliary"),
                worded("call_it_aside", name=name),
            )
    named: list[tuple[tuple, str]] = []
    for cause, instruments in panel.instruments.items():
        at = ("panel", "instruments", cause)
        named += [((*at, i), name) for i, name in enumerate(instruments)]
        if cause not in measured:
            yield (
                at,
                worded("instruments_of_unmeasured_cause", cause=cause),
                worded("measure_or_mechanism_of_panel"),
                near(cause, measured),
            )
    named += [(("panel", "negative_controls", i), name) for i, name in enumerate(panel.negative_controls)]
    for at, name in named:
        if name not in auxiliary:
            yield (
                at,
                worded("unknown_auxiliary_measure", name=name),
                worded("auxiliary_of_panel"),
                near(name, auxiliary),
            )


def key_of(value: object) -> str:
    """Raw values compare as text; 2 and 2.0 are the same level."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)
