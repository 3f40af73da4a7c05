"""The theory as data: constructs, hypotheses and platform types, each with its section in the paper.

The YAML files beside this module are the one place where they are declared; a social scientist edits them there.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.messages.forms import DeclarationError, Finding, Text
from models.theory.declared import (
    Construct,
    Grouping,
    Hypothesis,
    PlatformType,
    Smallest,
    Threat,
    constructs,
    groupings,
    hypotheses,
    platform_types,
    threats,
)
from models.theory.rules import All, Beyond, Chain, Contrast, Equivalence, Indirect, Link, RollOut, Rule, Sign, stated

__all__ = [
    "All",
    "Beyond",
    "Chain",
    "Construct",
    "Contrast",
    "DeclarationError",
    "Equivalence",
    "Finding",
    "Grouping",
    "Hypothesis",
    "Indirect",
    "Link",
    "PlatformType",
    "RollOut",
    "Rule",
    "Sign",
    "Smallest",
    "Text",
    "Threat",
    "constructs",
    "groupings",
    "groups_of",
    "decided_by",
    "hypotheses",
    "levels",
    "offered",
    "platform_types",
    "strategies",
    "threats",
]


def levels(mechanism: str) -> list[str]:
    """First-order constructs of a mechanism, lowest level first; empty for a first-order construct."""
    parts = [c for c in constructs().values() if c.part_of == mechanism]
    return [c.id for c in sorted(parts, key=lambda c: c.level or 0)]


def offered(measured: set[str]) -> set[str]:
    """What `measured` constructs offer the theory: themselves, and each mechanism with at least one level measured."""
    return measured | {c.part_of for c in constructs().values() if c.id in measured and c.part_of}


def strategies(names: Iterable[str]) -> list[str]:
    """Those of several constructs that are strategies of a platform, each once."""
    return [name for name in dict.fromkeys(names) if constructs()[name].role == "strategy"]


def decided_by(hypothesis: str, kind: str) -> str:
    """Today's rule for one kind of test, as verdicts hold it; empty for what is no hypothesis (any more)."""
    declared = hypotheses().get(hypothesis)
    return stated(declared.survey if kind == "survey" else declared.panel) if declared else ""


def groups_of(grouping: str) -> tuple[str, ...]:
    """The groups that a grouping of a card may have; empty where the card is free to name its own."""
    declared = groupings().get(grouping)
    if declared is None:
        return ()
    return tuple(platform_types()) if declared.named_in == "platforms.yaml" else declared.levels
