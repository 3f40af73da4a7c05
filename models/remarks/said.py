"""A remark: a key of the catalogue and its named values; the words come from the catalogue when somebody reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, Protocol

from models.remarks.keys import kinds
from models.remarks.words import catalogue

LANGUAGES = ("en", "zh")
# What a field holds, and so how a reader's language writes it. The plural of a kind is a list of them. A number has
# three significant digits, a decimal two places; a given number stands as a card or a parameter has it; a word is one
# of the catalogue's.
KINDS = (
    "text", "texts", "count", "counts", "number", "numbers", "decimal", "decimals", "given", "p", "percent", "word",
    "construct", "constructs", "term", "terms", "model", "models", "level", "levels", "group", "groups", "member",
    "members", "remark", "remarks",
)  # fmt: skip


class Names(Protocol):
    """How a reader's language writes what remarks speak of."""

    language: str

    def value(self, kind: str, value: Any) -> str:
        """Find the words for a value.

        Parameters
        ----------
        kind : str
            One of `KINDS`, but a remark.
        value : object
            The value of a field.

        Returns
        -------
        str
            As a reader sees it.
        """
        ...


@dataclass(frozen=True)
class Remark:
    """One thing said, as data.

    Attributes
    ----------
    key : str
        Entry of the catalogue.
    values : mapping
        The entry's fields by name: texts, numbers, lists of them, remarks or lists of remarks.

    Raises
    ------
    KeyError
        For a key that the catalogue does not have.
    ValueError
        For fields that are not those of the entry.
    """

    key: str
    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse values that are not those of the key."""
        fields = set(kinds(self.key))
        if fields != set(self.values):
            raise ValueError(f"remark {self.key!r} has the fields {sorted(fields)}, not {sorted(self.values)}")

    def __str__(self) -> str:
        """Word the remark in English, with names as they stand."""
        return self.worded(_PLAIN)

    def __hash__(self) -> int:
        """Hash key and values, which may be lists."""
        return hash(packed([self]))

    def worded(self, names: Names) -> str:
        """Put the remark in words.

        Parameters
        ----------
        names : Names
            The language, and how it names constructs, models and groups.

        Returns
        -------
        str
            A clause, without capital letter and full stop.
        """
        form = catalogue()[self.key][names.language]
        known = kinds(self.key)
        filled = {field: _worded(known[field], value, names) for field, value in self.values.items()}
        parts = Formatter().parse(form)
        return "".join(literal + (filled[field] if field is not None else "") for literal, field, _, _ in parts)


def remark(key: str, **values: Any) -> Remark:
    """Make a remark by its key and the values of its fields.

    Parameters
    ----------
    key : str
        Entry of the catalogue.
    **values : Any
        Values of the fields of the entry.

    Returns
    -------
    Remark
        Said in English where it is shown.

    Raises
    ------
    KeyError
        For a key that the catalogue does not have.
    ValueError
        For fields that are not those of the entry.

    Examples
    --------
    >>> from models.remarks import remark
    >>> print(remark("few_pairs", n=4, least=10))
    4 complete pairs of condition and outcome; at least 10 are needed
    """
    return Remark(key, values)


class Stated(ValueError):
    """An error that says what is wrong as a remark, so that a page can say it in the reader's language.

    A text instead of a remark is for messages that point into somebody's own text and reach no page. A remedy speaks to
    whoever called the function: it follows the remark in the message and reaches no page.
    """

    def __init__(self, said: Remark | str, remedy: str = "") -> None:
        super().__init__(said, *filter(None, [remedy]))

    @property
    def remark(self) -> Remark:
        """What was found, as a page shows it; of a text its first line, in the language it has."""
        said = self.args[0]
        return said if isinstance(said, Remark) else remark("as_said", text=str(said).splitlines()[0])

    def __str__(self) -> str:
        """Write what was found and the remedy as sentences."""
        found, *remedy = map(str, self.args)
        return f"{found[0].upper()}{found[1:]}. {remedy[0]}" if remedy else found


class Caused(Stated):
    """An error that the data cause, not who called: a page shows it, so that it is a remark and never a text."""

    def __init__(self, said: Remark, remedy: str = "") -> None:
        super().__init__(said, remedy)


@dataclass
class Plain:
    """Names as they stand, where no page gives them others.

    Attributes
    ----------
    language : str
        One of `LANGUAGES`.
    """

    language: str = "en"

    def value(self, kind: str, value: Any) -> str:
        """Write a value as it stands.

        Parameters
        ----------
        kind : str
            One of `KINDS`.
        value : object
            The value of a field.

        Returns
        -------
        str
            As a reader sees it.
        """
        if isinstance(value, list | tuple):
            return ", ".join(self.value(kind.removesuffix("s"), one) for one in value)
        if kind == "p":
            return "< .001" if value < 0.0005 else f"= {value:.3f}".replace("0.", ".", 1)
        if kind == "count":
            return f"{value:,}"
        if kind == "percent":
            return f"{100 * value:.1f}%"
        if kind == "word":
            return str(value).replace("_", " ")
        forms = {"number": ".3g", "decimal": ".2f", "given": "g"}
        return f"{value:{forms.get(kind, '')}}"


_PLAIN = Plain()


def _worded(kind: str, value: Any, names: Names) -> str:
    if kind == "remark":
        return value.worded(names)
    if kind == "remarks":
        return {"en": "; ", "zh": "；"}[names.language].join(one.worded(names) for one in value)
    return names.value(kind, value)


def packed(remarks: Iterable[Remark]) -> str:
    """Remarks as one cell of a table: a JSON list of `[key, values]`, or nothing.

    Numbers keep six significant digits, beyond what is ever worded and within what differs between processors.

    Parameters
    ----------
    remarks : iterable of Remark
        What is said.

    Returns
    -------
    str
        What `unpacked` reads.

    Examples
    --------
    >>> from models.remarks import packed, remark
    >>> packed([remark("few_pairs", n=4, least=10)])
    '[["few_pairs", {"least": 10, "n": 4}]]'
    """
    listed = [_plain(one) for one in remarks]
    return json.dumps(listed, ensure_ascii=False, sort_keys=True) if listed else ""


def refuse_words(cells: Iterable[object]) -> None:
    """Raise ValueError for a text that `packed` did not write; what is missing is none."""
    for cell in cells:
        if isinstance(cell, str) and cell and not cell.startswith("[["):
            raise ValueError(f"{cell!r} are words; a remark is a key with values, packed")


def unpacked(cell: str) -> list[Remark]:
    """Read the remarks of a cell that `packed` wrote.

    Parameters
    ----------
    cell : str
        What `packed` wrote, or nothing.

    Returns
    -------
    list of Remark
        What is said; empty for nothing.

    Raises
    ------
    ValueError
        For a cell of words.

    Examples
    --------
    >>> from models.remarks import unpacked
    >>> print(unpacked('[["few_pairs", {"least": 10, "n": 4}]]')[0])
    4 complete pairs of condition and outcome; at least 10 are needed
    """
    refuse_words([cell])
    return [_remark(one) for one in json.loads(cell)] if cell else []


def _plain(value: Any) -> Any:
    if isinstance(value, Remark):
        return [value.key, {field: _plain(inner) for field, inner in value.values.items()}]
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    value = value.item() if hasattr(value, "item") else value
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _remark(value: Any) -> Remark:
    key, values = value
    known = kinds(key)
    return Remark(key, {field: _inner(known[field], inner) for field, inner in values.items()})


def _inner(kind: str, value: Any) -> Any:
    if kind == "remark":
        return _remark(value)
    return [_remark(one) for one in value] if kind == "remarks" else value
