"""A card as it is read: checked against the published schema and the theory before anything runs."""

from __future__ import annotations

from pathlib import Path

from pipeline.cards import refused, waves
from pipeline.cards.data_card import Card, Item
from pipeline.cards.meaning import findings
from pipeline.core import yaml_files
from pipeline.core.errors import InputError, Problem, near
from pipeline.wording.texts import worded

__all__ = ["Card", "Item", "load"]


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
                worded("no_such_card"),
                worded("folder_of_every_card"),
                near(path.parent.name, present),
            )
        )
    document = waves.whole(path, yaml_files.read(path))
    card = Card(path, document.value)
    problems = list(refused.problems(path, document))
    if not problems:
        problems = [
            Problem(str(path), found, expected, fix, document.line(at), refused.dotted(at))
            for at, found, expected, fix in findings(card, path.parent.name)
        ]
    if problems:
        raise InputError(problems)
    return card
