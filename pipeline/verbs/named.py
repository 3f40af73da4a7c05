"""The data sets that a command is about, with everything checked that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded


def checked(names: Sequence[str] = ()) -> list[str]:
    """Names of data sets: those that are given, else those of params.yaml.

    Raises
    ------
    InputError
        With everything that is wrong with the theory, the specifications, the parameters and these cards.
    """
    from pipeline.cards import card
    from pipeline.core import declarations, paths

    declared = list(declarations.check_with_parameters().data_sets)
    problems: list[Problem] = []
    if not names and not declared:
        fix = worded("name_one")
        problems.append(Problem("params.yaml", worded("no_data_set"), worded("a_list"), fix, column="data_sets"))
    chosen = list(dict.fromkeys(map(folder, names))) if names else declared
    for name in chosen:
        try:
            card.load(paths.card_path(name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return chosen


def folder(name: str) -> str:
    """The name of a data set of which the folder or the card was given, as a shell completes them."""
    parts = Path(name).parts
    return parts[1] if len(parts) > 1 and parts[0] == "data" else name


def present() -> list[str]:
    """Every folder under data/ that has a card."""
    return sorted(path.parent.name for path in Path("data").glob("*/card.yaml"))
