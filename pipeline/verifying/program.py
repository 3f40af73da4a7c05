"""The files of the program that the results of a data set rest on, with their checksums."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline import graph
from pipeline.core import declared, paths
from pipeline.reading.sources import sha256

LAST = "judge"


def stages() -> list[str]:
    """The stages from the source to the verdicts, in their order."""
    found = list(declared.stages())
    return found[: found.index(LAST) + 1]


def files(data_set: str, root: Path = Path()) -> dict[str, str]:
    """Path → SHA-256 of the card and of every file that a stage can read of the program.

    Parameters
    ----------
    root
        The project's folder.
    """
    found = {paths.card_path(data_set).as_posix()}
    for stage in stages():
        for name in graph.dependencies(stage, root):
            found |= {path.relative_to(root).as_posix() for path in _within(root / name)}
    return {name: sha256(root / name) for name in sorted(found)}


def changed(before: dict[str, str], now: dict[str, str]) -> list[tuple[str, str]]:
    """Files that differ between two trees: path, and whether it was `changed`, `removed` or `added`."""
    how = {True: {True: "changed", False: "removed"}, False: {True: "added"}}
    return [
        (name, how[name in before][name in now])
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]


def _within(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (each for each in path.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
