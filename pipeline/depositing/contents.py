"""What goes into a deposit, and what its licence keeps out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.cards import card as cards
from pipeline.core import paths
from pipeline.core.errors import InputError
from pipeline.examining.tree import Tree
from pipeline.reading import sources
from pipeline.verifying import published
from pipeline.wording.texts import Text

_NO_PART = (".ci/", ".github/", ".pre-commit-config.yaml")


@dataclass(frozen=True)
class LeftOut:
    """A source file that is not packed.

    Attributes
    ----------
    data_set, file
        Of which data set, and its name.
    licence
        What the card says of it.
    get
        Where it comes from.
    """

    data_set: str
    file: str
    licence: Text
    get: Text


@dataclass(frozen=True)
class Contents:
    """The files of a deposit.

    Attributes
    ----------
    code
        Path below the project's folder; it stands at the same place in the deposit.
    data
        Place in the deposit → the file that is copied there.
    left_out
        Source files that others have to get for themselves.
    data_sets
        Those that are packed with their cards.
    """

    code: list[str]
    data: dict[str, Path]
    left_out: list[LeftOut]
    data_sets: list[str]


def contents(data_sets: list[str], download_to: Path) -> Contents:
    """The files for these data sets: all code, their published results, data that may be passed on.

    Cards of other sets go along if git keeps them: they hold no data, and texts and tests of the project read them.

    Parameters
    ----------
    download_to
        Folder into which data that may be passed on are fetched where they are not at hand.

    Raises
    ------
    InputError
        For a data set without published results.
    """
    published.chosen(data_sets)
    tree = Tree()
    others = {path.parent.name for path in Path("data").glob("*/card.yaml")} - set(data_sets)
    code = [
        name
        for name in tree.files
        if not name.startswith(_NO_PART)
        and not any(name.startswith(f"published/{other}/") for other in others)
        and not any(name.startswith(f"data/{other}/") and name not in tree.tracked for other in others)
        and not (name.startswith("data/") and name.count("/") > 1 and not name.endswith("/card.yaml"))
    ]
    code += sorted(
        path.as_posix()
        for name in data_sets
        for path in (paths.PUBLISHED / name).rglob("*")
        if path.is_file() and path.as_posix() not in code
    )
    data: dict[str, Path] = {}
    left_out: list[LeftOut] = []
    for name in data_sets:
        card = cards.load(paths.card_path(name))
        for table, entry in card.source.files.items() if card.source.kind != "simulator" else ():
            if card.source.redistributable and (found := _found(card, table, download_to)) is not None:
                data[f"data/{name}/{Path(entry.path).name}"] = found
            else:
                left_out.append(LeftOut(name, entry.path, card.source.licence, card.source.official))
    return Contents(sorted(set(code)), data, left_out, list(data_sets))


def _found(card: cards.Card, table: str, download_to: Path) -> Path | None:
    try:
        return sources.locate(card, table, paths.params().mirror, download_to)
    except InputError:
        return None
