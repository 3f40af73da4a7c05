"""The theory as data: constructs, hypotheses and platform types, each with its section in the paper.

The YAML files beside this module are the one place where they are declared; a social scientist edits them there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

Text = dict[str, str]


@dataclass(frozen=True)
class Construct:
    """A construct of the theory.

    Attributes
    ----------
    id, label, definition, section : identifier, name and definition in English and Chinese, place in the paper.
    part_of, level : the mechanism that a first-order construct belongs to and its place (1, 2, 3) in it, or None.
    role : mechanism, mediator, outcome, control, driver, treatment, moderator, risk or rival cause.
    scale : DOIs of the scales that usually measure it.
    """

    id: str
    label: Text
    definition: Text
    section: str
    part_of: str | None = None
    level: int | None = None
    role: str | None = None
    scale: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hypothesis:
    """A hypothesis with its family (for the family-wise correction) and its survey and panel tests."""

    id: str
    family: str
    claim: Text
    section: str
    survey: dict[str, Any]
    panel: dict[str, Any]


def _declared(name: str) -> dict[str, Any]:
    return yaml.safe_load((files(__package__) / name).read_text(encoding="utf-8"))


@cache
def constructs() -> dict[str, Construct]:
    """All constructs by identifier, in the order of the paper."""
    return {
        key: Construct(id=key, **{**entry, "scale": tuple(entry.get("scale", ()))})
        for key, entry in _declared("constructs.yaml").items()
    }


@cache
def hypotheses() -> dict[str, Hypothesis]:
    """All hypotheses by identifier, in the order of the theory."""
    return {key: Hypothesis(id=key, **entry) for key, entry in _declared("hypotheses.yaml").items()}


@cache
def platform_types() -> dict[str, dict[str, Any]]:
    """The five platform types of §6 by identifier."""
    return _declared("platforms.yaml")


def levels(mechanism: str) -> list[str]:
    """First-order constructs of a mechanism, lowest level first; empty for a first-order construct."""
    parts = [c for c in constructs().values() if c.part_of == mechanism]
    return [c.id for c in sorted(parts, key=lambda c: c.level or 0)]


def offered(measured: set[str]) -> set[str]:
    """What `measured` constructs offer the theory: themselves, and each mechanism with at least one level measured."""
    return measured | {c.part_of for c in constructs().values() if c.id in measured and c.part_of}
