"""The parameters of the project (`params.yaml`), checked against their schema before anything reads them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from models.messages.forms import made
from pipeline.core import yaml_files
from pipeline.core.blocks import Parameters, schema
from pipeline.core.errors import InputError, Problem, near
from pipeline.core.schemas import Draft202012Validator, ValidationError, extend
from pipeline.wording.texts import Worded, as_is, in_both, worded

FILE = Path("params.yaml")
_FIX = {
    "integer": worded("write_whole_number"),
    "number": worded("write_number"),
    "string": worded("write_text"),
    "array": worded("write_list"),
    "object": worded("write_entries_below"),
}


def load() -> Parameters:
    """Read and check the parameters.

    Raises
    ------
    InputError
        With every unknown, missing or impossible entry and its line.
    """
    if not FILE.exists():
        raise InputError(
            Problem(
                str(FILE),
                worded("no_such_file_in_folder", name=Path.cwd().name),
                worded("project_folder_as_working_directory"),
                worded("change_to_project_folder"),
            )
        )
    document = yaml_files.read(FILE)
    raw, line = document.value, document.line
    if raw is None:
        raise InputError(_unreadable(worded("empty_file")))
    found = list(_checker().iter_errors(raw))
    if found:
        found.sort(key=lambda error: [str(part) for part in error.absolute_path])
        raise InputError(list(dict.fromkeys(problem for error in found for problem in _problems(error, line))))
    return made(Parameters, raw)


@cache
def _checker() -> Draft202012Validator:
    """The schema; 2.0 is no whole number and `.nan` or `.inf` is none at all."""
    types = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
            "number": lambda _, value: (
                (isinstance(value, int) and not isinstance(value, bool))
                or (isinstance(value, float) and math.isfinite(value))
            ),
        }
    )
    return extend(Draft202012Validator, type_checker=types)(schema())


def _problems(error: ValidationError, line: Callable[[tuple], int | None]) -> Iterator[Problem]:
    at, value, schema = tuple(error.absolute_path), error.instance, error.schema
    dotted = ".".join(map(str, at)) or None
    row = line(at)

    def inner(name: str) -> str:
        return f"{dotted}.{name}" if dotted else name

    if error.validator == "additionalProperties":
        known = list(schema["properties"])
        for name in value:
            if name not in known:
                found = worded("unknown_entry", name=_shown(name))
                expected, at_name = worded("one_of", names=", ".join(known)), line((*at, name)) or row
                yield Problem(str(FILE), found, expected, near(name, known), at_name, inner(str(name)))
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in value:
                expected = in_both(schema["properties"][name])
                yield Problem(
                    str(FILE),
                    worded("no_entry", missing=name),
                    expected,
                    worded("add_entry", name=name),
                    row,
                    inner(name),
                )
    elif error.validator == "enum":
        known = list(error.validator_value)
        kind = "flag" if at[-2:-1] == ("any_of",) else at[-1]
        yield Problem(
            str(FILE),
            worded("unknown_level", name=kind, value=_shown(value)),
            worded("one_of", names=", ".join(known)),
            near(value, known),
            row,
            dotted,
        )
    else:
        kind = schema.get("type", "")
        fix = _FIX.get(kind[0] if isinstance(kind, list) else kind, worded("correct_it"))
        if error.validator == "uniqueItems":
            twice = next(one for place, one in enumerate(value) if one in value[:place])
            found, fix = worded("listed_twice", twice=twice), worded("name_each_once")
        else:
            found = _shown(value)
        yield Problem(str(FILE), found, in_both(schema), fix, row, dotted)


def _shown(value: object) -> Worded:
    """A value as a message shows it, cut to a line."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        return worded("thousands_of_digits")
    return as_is(text if len(text) <= 80 else text[:77] + "…")


def _unreadable(found: Worded, row: int | None = None) -> Problem:
    return Problem(
        str(FILE),
        found,
        worded("yaml_in_utf_8"),
        worded("correct_or_take_file_back"),
        row,
    )
