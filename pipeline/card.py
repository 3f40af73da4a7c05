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

from pipeline import paths
from pipeline.card_meaning import findings
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
        problems = [
            Problem(str(path), found, expected, fix, lines.get(at), _dotted(at))
            for at, found, expected, fix in findings(raw, path.parent.name)
        ]
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
