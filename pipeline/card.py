"""The data card: what a data set is; checked against the published schema and the theory before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from jsonschema.exceptions import best_match

from models import theory
from pipeline import paths
from pipeline.errors import InputError, Problem, near

Text = dict[str, str]


@dataclass(frozen=True)
class Item:
    """A question of a survey: raw column, name in the analysis, construct, response range, label."""

    column: str
    name: str
    construct: str
    low: float
    high: float
    reversed: bool
    label: Text


def _item(entry: dict[str, Any]) -> Item:
    return Item(
        column=entry["column"],
        name=entry.get("item", entry["column"].lower()),
        construct=entry["construct"],
        low=entry["range"][0],
        high=entry["range"][1],
        reversed=entry.get("reversed", False),
        label=entry["label"],
    )


@dataclass(frozen=True)
class Card:
    """A validated data card; `raw` is the parsed YAML."""

    path: Path
    raw: dict[str, Any]

    @property
    def id(self) -> str:
        return self.raw["id"]

    @property
    def simulated(self) -> bool:
        return self.raw["simulated"]

    @property
    def source(self) -> dict[str, Any]:
        return self.raw["source"]

    @property
    def official(self) -> str:
        """Where a person gets the data."""
        place = self.source["official"]
        return place if isinstance(place, str) else place["en"]

    @property
    def survey(self) -> dict[str, Any] | None:
        return self.raw.get("survey")

    @property
    def panel(self) -> dict[str, Any] | None:
        return self.raw.get("panel")

    @property
    def cohort(self) -> dict[str, Any] | None:
        return self.raw.get("cohort")

    @cached_property
    def items(self) -> list[Item]:
        """Items of the codebook in its order; empty without a survey."""
        return [_item(entry) for entry in (self.survey or {}).get("items", ())]

    @cached_property
    def marker(self) -> list[Item]:
        """Items of the marker variable, which belong to no construct."""
        return [_item(entry | {"construct": ""}) for entry in (self.survey or {}).get("marker", ())]

    @cached_property
    def scales(self) -> dict[str, list[str]]:
        """Construct → its items, in the order of the codebook."""
        found: dict[str, list[str]] = {}
        for item in self.items:
            found.setdefault(item.construct, []).append(item.name)
        return found

    @property
    def controls(self) -> list[str]:
        """Names of the covariates for the sensitivity analysis."""
        return list((self.survey or {}).get("controls", ()))


def load(path: Path) -> Card:
    """Read and check a card.

    Raises
    ------
    InputError
        With every typo, missing entry and unknown construct or platform type, each with its line.
    """
    if not path.exists():
        present = sorted(p.parent.name for p in path.parent.parent.glob("*/card.yaml"))
        raise InputError(
            Problem(
                str(path),
                "no such card",
                "a folder with a card.yaml for every name under data_sets in params.yaml",
                near(path.parent.name, present),
            )
        )
    text = path.read_text(encoding="utf-8")
    try:
        raw = yaml.safe_load(text)
        lines = _lines(yaml.compose(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        row = mark.line + 1 if mark else None
        raise InputError(
            Problem(str(path), str(error.problem), "valid YAML", "check indentation, colons and quotes there", row)
        ) from None
    problems = list(_schema_problems(path, raw, lines))
    if not problems:
        problems = list(_theory_problems(path, raw, lines))
    if problems:
        raise InputError(problems)
    return Card(path, raw)


def _lines(node: yaml.Node | None, at: tuple = ()) -> dict[tuple, int]:
    """Path of each node → line in the file."""
    found: dict[tuple, int] = {}
    if node is None:
        return found
    found[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found |= _lines(value, (*at, key.value))
            found[(*at, key.value)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            found |= _lines(value, (*at, index))
    return found


def _dotted(at: tuple) -> str:
    return ".".join(str(part) for part in at) or "(top level)"


def _schema_problems(path: Path, raw: Any, lines: dict[tuple, int]) -> Iterator[Problem]:
    schema = json.loads(paths.SCHEMA.read_text(encoding="utf-8"))
    for error in sorted(jsonschema.Draft202012Validator(schema).iter_errors(raw), key=lambda e: list(map(str, e.path))):
        yield _explain(path, error, lines)


def _explain(path: Path, error: jsonschema.ValidationError, lines: dict[tuple, int]) -> Problem:
    error = best_match([error]) or error  # of several forms that are possible, the one that was meant
    at = tuple(error.absolute_path)
    row, key = lines.get(at), _dotted(at)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {})
        unknown = [name for name in error.instance if name not in known]
        if unknown:
            row = lines.get((*at, unknown[0]), row)
            return Problem(
                str(path), f"unknown entry {unknown[0]!r}", "an entry of the schema", near(unknown[0], known), row, key
            )
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return Problem(
            str(path),
            f"no entry {missing[0]!r}",
            f"entries {', '.join(error.validator_value)}",
            f"add {missing[0]!r}",
            row,
            key,
        )
    if error.validator == "enum":
        allowed = error.validator_value
        return Problem(
            str(path),
            repr(error.instance),
            "one of " + ", ".join(map(str, allowed)),
            near(error.instance, allowed),
            row,
            key,
        )
    if error.validator == "type":
        return Problem(
            str(path), f"{error.instance!r}", f"a value of type {error.validator_value}", "change the value", row, key
        )
    expected = error.schema.get("description") or str(error.validator_value)[:160]
    return Problem(str(path), str(error.message)[:160], expected, f"see {paths.SCHEMA}", row, key)


def _theory_problems(path: Path, raw: dict, lines: dict[tuple, int]) -> Iterator[Problem]:
    """Checks that a schema cannot express: constructs, platform types, table names, item names, ranges."""
    if raw["id"] != path.parent.name:
        yield Problem(
            str(path),
            f"id {raw['id']!r}",
            f"the folder's name, {path.parent.name!r}",
            "make them equal",
            lines.get(("id",)),
            "id",
        )
    constructs = theory.constructs()

    def unknown_construct(name: str, at: tuple) -> Problem:
        return Problem(
            str(path),
            f"unknown construct {name!r}",
            "a construct of models/theory/constructs.yaml",
            near(name, constructs),
            lines.get(at),
            _dotted(at),
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
            yield Problem(
                str(path), f"range {low} … {high}", "low < high", "swap or correct them", lines.get(at), _dotted(at)
            )
        name = item.get("item", item["column"].lower())
        if name in names:
            yield Problem(
                str(path), f"item {name!r} a second time", "each item once", "rename one", lines.get(at), _dotted(at)
            )
        names[name] = index
    if "min_seconds" in survey.get("exclude", {}) and "duration" not in survey:
        at = ("survey", "exclude", "min_seconds")
        yield Problem(
            str(path),
            "min_seconds without a duration",
            "survey.duration",
            "name its column",
            lines.get(at),
            _dotted(at),
        )
    named = [("panel", "measures", name) for name in panel.get("measures", ())]
    named += [("cohort", "covariates", name) for name in cohort.get("covariates", ())]
    for place in (*named, *(("proxies", name) for name in raw.get("proxies", ()))):
        if place[-1] not in constructs:
            yield unknown_construct(place[-1], place)
    for name, treatment in panel.get("treatments", {}).items():
        if treatment["stands_for"] not in constructs:
            yield unknown_construct(treatment["stands_for"], ("panel", "treatments", name, "stands_for"))
    if cohort.get("rows_are") == "events" and (not panel or panel.get("rows_are", "events") != "events"):
        yield Problem(
            str(path),
            "a cohort from events without a panel of events",
            "panel with rows_are: events, whose log gives the first and the next event",
            "describe the log under panel, or give cohort.table with a row a subject",
            lines.get(("cohort",)),
            "cohort",
        )
    yield from _auxiliary_problems(path, panel, lines)
    for control in survey.get("controls", ()):
        if control in {*names, *survey.get("groups", ())}:
            at = ("survey", "controls", control)
            yield Problem(
                str(path),
                f"control {control!r} has the name of an item or a group",
                "a name of its own",
                f"call it {control}_control",
                lines.get(at),
                _dotted(at),
            )
    for part in ("survey", "panel", "cohort"):
        for group, entry in raw.get(part, {}).get("groups", {}).items():
            if group != "platform_type":
                continue
            values = [entry["constant"]] if "constant" in entry else [v for v in entry["levels"].values() if v]
            for value in values:
                if value not in theory.platform_types():
                    at = (part, "groups", group)
                    yield Problem(
                        str(path),
                        f"unknown platform type {value!r}",
                        "one of " + ", ".join(theory.platform_types()),
                        near(value, theory.platform_types()),
                        lines.get(at),
                        _dotted(at),
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
            yield Problem(
                str(path),
                f"unknown table {table!r}",
                "a table under source.files (the simulator makes survey, events and users)",
                near(table, tables),
                lines.get(at),
                _dotted(at),
            )


def _auxiliary_problems(path: Path, panel: dict[str, Any], lines: dict[tuple, int]) -> Iterator[Problem]:
    """Instruments and negative controls are auxiliary measures; what is instrumented is measured."""
    auxiliary, measured = panel.get("auxiliary", {}), theory.offered(set(panel.get("measures", ())))
    for name in auxiliary:
        if name in {*theory.constructs(), *panel.get("groups", ()), "entity", "time"}:
            at: tuple = ("panel", "auxiliary", name)
            yield Problem(
                str(path),
                f"auxiliary measure {name!r} has the name of a construct, a group or a key",
                "a name of its own; what stands for a construct belongs under panel.measures",
                f"call it {name}_aside, or move it",
                lines.get(at),
                _dotted(at),
            )
    named: list[tuple[tuple, str]] = []
    for cause, instruments in panel.get("instruments", {}).items():
        at = ("panel", "instruments", cause)
        named += [((*at, i), name) for i, name in enumerate(instruments)]
        if cause not in measured:
            yield Problem(
                str(path),
                f"instruments of {cause!r}, which the panel does not measure",
                "a measure under panel.measures, or a mechanism of which a level is measured",
                near(cause, measured),
                lines.get(at),
                _dotted(at),
            )
    named += [(("panel", "negative_controls", i), name) for i, name in enumerate(panel.get("negative_controls", ()))]
    for at, name in named:
        if name not in auxiliary:
            yield Problem(
                str(path),
                f"unknown auxiliary measure {name!r}",
                "a measure under panel.auxiliary",
                near(name, auxiliary),
                lines.get(at),
                _dotted(at),
            )
