"""Checks of a card that a schema cannot express: does it mean what the theory and the card itself know?"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from models import theory
from pipeline import card_panel
from pipeline.card_panel import Finding
from pipeline.errors import near

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "big5", "latin-1", "cp1252")


def findings(raw: dict[str, Any], folder: str) -> Iterator[Finding]:
    """What is wrong with the constructs, platform types, tables, names and ranges of a card in a folder."""
    if raw["id"] != folder:
        yield (("id",), f"id {raw['id']!r}", f"the folder's name, {folder!r}", "make them equal")
    constructs = theory.constructs()

    def unknown_construct(name: str, at: tuple) -> Finding:
        return (
            at,
            f"unknown construct {name!r}",
            "a construct of models/theory/constructs.yaml",
            near(name, constructs),
        )

    survey, panel, cohort = (raw.get(part, {}) for part in ("survey", "panel", "cohort"))
    names: dict[str, int] = {"respondent": 0, "response_seconds": 0}
    asked = [("items", *pair) for pair in enumerate(survey.get("items", ()))]
    asked += [("marker", *pair) for pair in enumerate(survey.get("marker", ()))]
    for part, index, item in asked:
        at: tuple = ("survey", part, index)
        if part == "items" and item["construct"] not in constructs:
            yield unknown_construct(item["construct"], (*at, "construct"))
        low, high = item["range"]
        if low >= high:
            yield (at, f"range {low} … {high}", "low < high", "swap or correct them")
        name = item.get("item", item["column"].lower())
        if name in names:
            yield (at, f"item {name!r} a second time", "each item once", "rename one")
        names[name] = index
    if "min_seconds" in survey.get("exclude", {}) and "duration" not in survey:
        at = ("survey", "exclude", "min_seconds")
        yield (at, "min_seconds without a duration", "survey.duration", "name its column")
    named = [("panel", "measures", name) for name in panel.get("measures", ())]
    named += [("cohort", "covariates", name) for name in cohort.get("covariates", ())]
    for place in (*named, *(("proxies", name) for name in raw.get("proxies", ()))):
        if place[-1] not in constructs:
            yield unknown_construct(place[-1], place)
    for name, treatment in panel.get("treatments", {}).items():
        if treatment["stands_for"] not in constructs:
            yield unknown_construct(treatment["stands_for"], ("panel", "treatments", name, "stands_for"))
    if cohort.get("rows_are") == "events" and (not panel or panel.get("rows_are", "events") != "events"):
        yield (
            ("cohort",),
            "a cohort from events without a panel of events",
            "panel with rows_are: events, whose log gives the first and the next event",
            "describe the log under panel, or give cohort.table with a row a subject",
        )
    yield from _auxiliary(panel)
    yield from card_panel.findings(panel)
    for table, file in raw["source"].get("files", {}).items():
        yield from _text_file(table, file)
    for control in survey.get("controls", ()):
        if control in {*names, *survey.get("groups", ())}:
            at = ("survey", "controls", control)
            yield (
                at,
                f"control {control!r} has the name of an item or a group",
                "a name of its own",
                f"call it {control}_control",
            )
    for part in ("survey", "panel", "cohort"):
        for group, entry in raw.get(part, {}).get("groups", {}).items():
            if group != "platform_type":
                continue
            values = [entry["constant"]] if "constant" in entry else [v for v in entry["levels"].values() if v]
            for value in values:
                if value not in theory.platform_types():
                    at = (part, "groups", group)
                    yield (
                        at,
                        f"unknown platform type {value!r}",
                        "one of " + ", ".join(theory.platform_types()),
                        near(value, theory.platform_types()),
                    )
    tables = set(raw["source"].get("files", ())) or {"survey", "events"}
    wanted: list[tuple[tuple, str]] = [
        ((part, "table"), raw[part]["table"]) for part in ("survey", "panel", "cohort") if "table" in raw.get(part, {})
    ]
    wanted += [(("panel", "joins", i, "table"), join["table"]) for i, join in enumerate(panel.get("joins", ()))]
    for name, treatment in panel.get("treatments", {}).items():
        at = ("panel", "treatments", name)
        wanted += [((*at, "table"), treatment["table"])]
        wanted += [((*at, "joins", i, "table"), join["table"]) for i, join in enumerate(treatment.get("joins", ()))]
    wanted += [(("panel", "stack", i), table) for i, table in enumerate(panel.get("stack", ()))]
    if raw["source"]["kind"] == "simulator":
        tables = {"survey", "events", "users"}
    for at, table in wanted:
        if table not in tables:
            yield (
                at,
                f"unknown table {table!r}",
                "a table under source.files (the simulator makes survey, events and users)",
                near(table, tables),
            )


def _known_encoding(name: str) -> bool:
    """Whether bytes can be read as text in it."""
    try:
        codecs.lookup(name)
        return isinstance(b"".decode(name), str)
    except (LookupError, ValueError, TypeError):
        return False


def _text_file(table: str, file: dict[str, Any]) -> Iterator[Finding]:
    """What is said of how a table of text is written."""
    at: tuple = ("source", "files", table)
    if not _known_encoding(file.get("encoding", "utf-8")):
        encoding = file["encoding"]
        yield (
            (*at, "encoding"),
            f"unknown encoding {encoding!r}",
            "a name that Python knows",
            near(encoding, ENCODINGS),
        )
    if not file.get("header", True) and not file.get("columns"):
        yield (at, "header: false without columns", "the names of the columns", "list them under columns")
    if file.get("decimal", ".") == file.get("thousands"):
        yield (at, "decimal and thousands are the same sign", "two signs", "correct one, or leave thousands out")
    twice = {name for name in file.get("columns", ()) if file["columns"].count(name) > 1}
    for name in sorted(twice):
        yield ((*at, "columns"), f"column {name!r} a second time", "each name once", "rename one")


def _auxiliary(panel: dict[str, Any]) -> Iterator[Finding]:
    """Instruments and negative controls are auxiliary measures; what is instrumented is measured."""
    auxiliary, measured = panel.get("auxiliary", {}), theory.offered(set(panel.get("measures", ())))
    for name in auxiliary:
        if name in {*theory.constructs(), *panel.get("groups", ()), "entity", "time"}:
            at: tuple = ("panel", "auxiliary", name)
            yield (
                at,
                f"auxiliary measure {name!r} has the name of a construct, a group or a key",
                "a name of its own; what stands for a construct belongs under panel.measures",
                f"call it {name}_aside, or move it",
            )
    named: list[tuple[tuple, str]] = []
    for cause, instruments in panel.get("instruments", {}).items():
        at = ("panel", "instruments", cause)
        named += [((*at, i), name) for i, name in enumerate(instruments)]
        if cause not in measured:
            yield (
                at,
                f"instruments of {cause!r}, which the panel does not measure",
                "a measure under panel.measures, or a mechanism of which a level is measured",
                near(cause, measured),
            )
    named += [(("panel", "negative_controls", i), name) for i, name in enumerate(panel.get("negative_controls", ()))]
    for at, name in named:
        if name not in auxiliary:
            yield (at, f"unknown auxiliary measure {name!r}", "a measure under panel.auxiliary", near(name, auxiliary))
