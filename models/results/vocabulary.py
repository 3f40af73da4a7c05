"""What the long results table may say: every table with its quantities, as `tables.yaml` and `words.yaml` declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from models.messages import near_names

# Columns that hold something else in every table.
PLACES = ("model", "group", "term")
LANGUAGES = ("en", "zh")


class UnknownName(ValueError):
    """A table, quantity, column or definition that the vocabulary does not have."""

    def __init__(self, what: str, name: object, known: Iterable[str], where: str) -> None:
        known = tuple(known)
        near = ", ".join(near_names(name, known)) or ", ".join(sorted(known)) or "none"
        super().__init__(f"{what} {name!r} is not in models/results/{where}; known and near: {near}")
        self.given = what, name, known, where

    def __reduce__(self) -> tuple[type[UnknownName], tuple[str, object, tuple[str, ...], str]]:
        """Copy by its parts: an error of a process reaches the one that started it."""
        return type(self), self.given


@dataclass(frozen=True)
class Quantity:
    """One number that a table has of a term.

    Attributes
    ----------
    text : mapping
        Language → what it is.
    measured : mapping
        Language → its unit.
    unit : str
        The unit, as a word of `words.yaml`.
    definitions : tuple of str
        Keys of `reports/definitions.yaml` that a row may name, or the key of another way of one of them.
    implied : str
        The definition of a row that names none.
    decides : bool
        Whether it may decide a hypothesis.
    """

    text: dict[str, str]
    measured: dict[str, str]
    unit: str
    definitions: tuple[str, ...] = ()
    implied: str = ""
    decides: bool = False


@dataclass(frozen=True)
class Family:
    """A family of rows.

    Attributes
    ----------
    text : mapping
        Language → what it shows.
    places : mapping
        `model`, `group` and `term` → language → what the column holds; absent where it is empty.
    counts : str
        What `n` counts, as a word of `words.yaml`; empty where there is no `n`.
    counted : mapping
        Language → what `n` counts; empty where there is no `n`.
    quantities : mapping
        Name → quantity.
    meanings : mapping
        `model`, `group` and `term` → what the column holds, as a word of `words.yaml`; absent where it is empty.
    samples : tuple of str
        The kinds of data whose rows are there when verdicts are set beside their threats.
    tested, bounded, claims : tuple of str
        The quantities of which rows have a p-value, an interval, a hypothesis.
    """

    text: dict[str, str]
    places: Mapping[str, dict[str, str]]
    counts: str
    counted: dict[str, str]
    quantities: Mapping[str, Quantity]
    meanings: Mapping[str, str]
    samples: tuple[str, ...] = ()
    tested: tuple[str, ...] = ()
    bounded: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@cache
def words() -> dict[str, dict[str, dict[str, Any]]]:
    """The words that tables are declared in: columns, units, counted, meanings, quantities."""
    return _read("words.yaml")


def columns() -> dict[str, dict[str, str]]:
    """Column of the long table → language → what it holds.

    Returns
    -------
    dict of str to dict of str to str
        In the order of the table.

    Examples
    --------
    >>> from models import results
    >>> list(results.columns())[:4]
    ['data_set', 'simulated', 'stage', 'table']
    """
    return words()["columns"]


@cache
def tables() -> dict[str, Family]:
    """Every table by its name, in the order of the file.

    Returns
    -------
    dict of str to Family
        With the quantities of each.

    Raises
    ------
    UnknownName
        For a unit or meaning that `words.yaml` does not have.

    Examples
    --------
    >>> from models import results
    >>> "mean" in results.tables()["items"].quantities
    True
    """
    return {name: _table(entry) for name, entry in _read("tables.yaml").items()}


@cache
def known(table: str, quantity: str) -> Quantity:
    """The quantity of a table.

    Raises
    ------
    UnknownName
        When the vocabulary lacks the table, or the table the quantity.
    """
    if table not in tables():
        raise UnknownName("table", table, tables(), "tables.yaml")
    quantities = tables()[table].quantities
    if quantity not in quantities:
        raise UnknownName(f"quantity of the table {table!r},", quantity, quantities, "tables.yaml")
    return quantities[quantity]


def _table(entry: dict[str, Any]) -> Family:
    return Family(
        text=entry["text"],
        places={place: _word("meanings", entry[place]) for place in PLACES if place in entry},
        counts=entry.get("n", ""),
        counted=_word("counted", entry["n"]) if "n" in entry else {},
        quantities={name: _quantity(name, own or {}) for name, own in entry["quantities"].items()},
        meanings={place: entry[place] for place in PLACES if place in entry},
        samples=tuple(entry.get("samples", ())),
        **{name: _some(entry.get(name, ()), entry["quantities"]) for name in ("tested", "bounded", "claims")},
    )


def _some(named: Iterable[str], quantities: Mapping[str, Any]) -> tuple[str, ...]:
    for name in named:
        if name not in quantities:
            raise UnknownName("quantity,", name, quantities, "tables.yaml")
    return tuple(named)


def _quantity(name: str, own: dict[str, Any]) -> Quantity:
    entry = words()["quantities"].get(name, {}) | own
    given = entry.get("definition", "")
    return Quantity(
        text={language: entry[language] for language in LANGUAGES},
        measured=_word("units", entry["unit"]),
        unit=entry["unit"],
        definitions=tuple(given) if isinstance(given, list) else (given,) if given else (),
        implied="" if isinstance(given, list) else given,
        decides=bool(entry.get("decides", False)),
    )


def _word(kind: str, name: str) -> dict[str, str]:
    if name not in words()[kind]:
        raise UnknownName(f"word of the {kind},", name, words()[kind], "words.yaml")
    return words()[kind][name]


def _read(name: str) -> dict[str, dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(files("models.results").joinpath(name).read_text(encoding="utf-8"), loader)
