"""A card that extends another one: a second wave says only what is new."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.core import yaml_files
from pipeline.core.errors import InputError, Problem, near
from pipeline.core.yaml_files import Document
from pipeline.wording.texts import Worded, as_is, worded

AT = ("extends",)


def whole(path: Path, document: Document) -> Document:
    """A card with the entries of the card that it extends, where it extends one.

    Mappings are merged, lists and values replaced. The card names the checksum of the other one, so that it changes
    whenever what it takes from there does, and every stage that rests on it runs again.

    Raises
    ------
    InputError
        For a card that is not there, that has changed, or that extends another one itself.
    """
    said = document.value.get("extends") if isinstance(document.value, dict) else None
    if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in ("card", "sha256")):
        return document
    other = path.parent.parent / Path(said["card"]).name / path.name
    if not other.exists():
        present = sorted(each.parent.name for each in path.parent.parent.glob("*/card.yaml"))
        fix = near(said["card"], present)
        raise _problem(
            path, document, "card", worded("no_card_of_name", said=said["card"]), worded("folder_with_card"), fix
        )
    digest = sha256(other.read_bytes()).hexdigest()
    if digest != said["sha256"]:
        fix = worded("see_what_has_changed", digest=digest)
        raise _problem(
            path,
            document,
            "sha256",
            worded("card_has_another_checksum", other=other.as_posix()),
            as_is(said["sha256"]),
            fix,
        )
    base = yaml_files.read(other).value
    if not isinstance(base, dict) or "extends" in base:
        found, fix = worded("card_extends_itself", other=other.as_posix()), worded("extend_first_one")
        raise _problem(path, document, "card", found, worded("card_that_stands_alone"), fix)
    return Document(_merged(base, document.value), document.lines)


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    found = dict(base)
    for key, value in own.items():
        inside = found.get(key)
        found[key] = _merged(inside, value) if isinstance(inside, dict) and isinstance(value, dict) else value
    return found


def _problem(path: Path, document: Document, key: str, found: Worded, expected: Worded, fix: Worded) -> InputError:
    return InputError(Problem(path.as_posix(), found, expected, fix, document.line((*AT, key)), f"extends.{key}"))
