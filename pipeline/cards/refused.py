"""What the published schema refuses of a card, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pipeline.core import paths
from pipeline.core.errors import Problem, near, shown
from pipeline.core.schemas import Draft202012Validator, ValidationError, best_match
from pipeline.core.yaml_files import Document
from pipeline.wording.texts import Worded, as_is, in_both, worded

_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "pattern")
_EMPTY = ("minItems", "minLength", "minProperties")


def problems(path: Path, document: Document) -> Iterator[Problem]:
    """Every entry that the schema does not know, lacks or does not take."""
    schema = json.loads(_form().read_text(encoding="utf-8"))
    found = Draft202012Validator(schema).iter_errors(document.value)
    for error in sorted(found, key=lambda e: list(map(str, e.path))):
        yield _explained(path, error, document)


def dotted(at: tuple) -> str | Worded:
    """A path of keys as one writes it."""
    return ".".join(str(part) for part in at) or worded("top_level")


def _form() -> Path:
    """The project's own schema, or in a project without one that of the installed package."""
    shipped = Path(__file__).with_name("card.schema.json")
    return shipped if shipped.exists() and not paths.SCHEMA.exists() else paths.SCHEMA


def _explained(path: Path, error: ValidationError, document: Document) -> Problem:
    error = best_match([error]) or error  # of several forms that are possible, the one that was meant
    at, row = tuple(error.absolute_path), document.line(tuple(error.absolute_path))
    found, expected, fix = _words(error)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {})
        unknown = next((name for name in error.instance if name not in known), None)
        if unknown is not None:
            row = document.line((*at, unknown))
            found, expected, fix = (
                worded("unknown_entry", name=shown(unknown)),
                worded("entry_of_schema"),
                near(unknown, known),
            )
    return Problem(str(path), found, expected, fix, row, dotted(at))


def _words(error: ValidationError) -> tuple[Worded, Worded, Worded]:
    """What was found, what was expected, what to do."""
    asked = error.validator_value
    if error.validator == "required":
        missing = next(name for name in asked if name not in error.instance)
        expected = worded("entries", names=", ".join(asked))
        return worded("no_entry", missing=missing), expected, worded("add", missing=missing)
    if error.validator == "enum":
        found, expected = as_is(shown(error.instance)), worded("one_of", names=", ".join(map(str, asked)))
        return found, expected, near(error.instance, asked)
    if error.validator == "type":
        return as_is(shown(error.instance)), worded("value_of_type", kind=asked), worded("change_value")
    expected = in_both(error.schema) if "description" in error.schema else as_is(str(asked)[:160])
    return _against(error), expected, worded("see", schema=paths.SCHEMA)


def _against(error: ValidationError) -> Worded:
    """What a value is that a rule of the schema does not take; of a rare rule what the validator says."""
    value, rule, limit = shown(error.instance), error.validator, error.validator_value
    if rule in _LIMITS:
        return worded(f"against_{rule}", value=value, limit=limit)
    if rule in _EMPTY and limit == 1:
        return worded("against_empty", value=value)
    if rule in ("anyOf", "oneOf") and error.context:
        return worded("against_every_form", value=value)
    return as_is(str(error.message)[:160])
