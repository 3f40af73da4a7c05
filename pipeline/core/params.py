"""The parameters of the project (`params.yaml`), checked against their schema before anything reads them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.core import yaml_files
from pipeline.core.errors import InputError, Problem, near, worded
from pipeline.core.schemas import Draft202012Validator, ValidationError, extend

FILE = Path("params.yaml")
SCHEMA = Path(__file__).with_name("params.schema.json")
_FIX = {
    "integer": "write it in digits, without a point, a unit or quotes",
    "number": "write it in digits, without a unit or quotes",
    "string": "write it in letters; in quotes if it looks like a number or a date",
    "array": "write it as a list: [a, b], or a line `- a` for each",
    "object": "write its entries below it, each indented: `name: value`",
}


def load() -> dict[str, Any]:
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
                worded("no such file in {name}/", name=Path.cwd().name),
                "the project's folder as the working directory",
                "change to the folder that holds dvc.yaml",
            )
        )
    document = yaml_files.read(FILE)
    raw, line = document.value, document.line
    if raw is None:
        raise InputError(_unreadable("an empty file"))
    found = list(_checker().iter_errors(raw))
    if found:
        found.sort(key=lambda error: [str(part) for part in error.absolute_path])
        raise InputError(list(dict.fromkeys(problem for error in found for problem in _problems(error, line))))
    return raw


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
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return extend(Draft202012Validator, type_checker=types)(schema)


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
                found = worded("unknown entry {name}", name=_shown(name))
                expected, at_name = worded("one of {names}", names=", ".join(known)), line((*at, name)) or row
                yield Problem(str(FILE), found, expected, near(name, known), at_name, inner(str(name)))
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in value:
                expected = schema["properties"][name]["description"]
                yield Problem(
                    str(FILE),
                    worded("no entry {name!r}", name=name),
                    expected,
                    worded("add {name}: …", name=name),
                    row,
                    inner(name),
                )
    elif error.validator == "enum":
        known = list(error.validator_value)
        kind = "flag" if at[-2:-1] == ("any_of",) else at[-1]
        yield Problem(
            str(FILE),
            worded("unknown {kind} {value}", kind=kind, value=_shown(value)),
            worded("one of {names}", names=", ".join(known)),
            near(value, known),
            row,
            dotted,
        )
    else:
        kind = schema.get("type", "")
        fix = _FIX.get(kind[0] if isinstance(kind, list) else kind, "correct it")
        if error.validator == "uniqueItems":
            twice = next(one for place, one in enumerate(value) if one in value[:place])
            value, fix = worded("a name twice: {twice}", twice=twice), "name each once"
            yield Problem(str(FILE), value, schema["description"], fix, row, dotted)
        else:
            yield Problem(str(FILE), _shown(value), schema["description"], fix, row, dotted)


def _shown(value: object) -> str:
    """A value as a message shows it, cut to a line."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        text = "a number of thousands of digits"
    return text if len(text) <= 80 else text[:77] + "…"


def _unreadable(found: str, row: int | None = None) -> Problem:
    return Problem(
        str(FILE),
        found,
        "YAML in UTF-8, as it was delivered",
        "correct it there, or take the file back: git checkout",
        row,
    )
