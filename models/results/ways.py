"""Definitions of what may be estimated in several ways: a key for each way, made of what the declaration says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from models.messages.yaml_text import parsed
from models.results.vocabulary import UnknownName

FILE = "ways.yaml"


@dataclass(frozen=True)
class _Declared:
    """Of which kinds of ways a definition speaks, and what its key begins with where the way is not the usual one."""

    says: tuple[str, ...]
    otherwise: str


@dataclass(frozen=True)
class Way:
    """A definition and the way in which it says that something was estimated.

    Attributes
    ----------
    definition : str
        The key under which `reports/definitions.yaml` has it.
    values : mapping
        What the definition speaks of, as `effects` or `cluster` → what it was.
    """

    definition: str
    values: Mapping[str, str] = field(default_factory=dict)


def defined(definition: str, **values: str) -> str:
    """Key of a definition for what was estimated with these effects, clusters or errors.

    Parameters
    ----------
    definition : str
        One of those that `ways.yaml` declares.
    **values : str
        What it was estimated with; what the definition says nothing of makes no difference.

    Returns
    -------
    str
        The definition itself for the usual way, else its name with what is unusual.

    Raises
    ------
    UnknownName
        For a definition or a value that `ways.yaml` does not have.

    Examples
    --------
    >>> from models import results
    >>> results.defined("two_way_clustered", effects="twoway", cluster="entity")
    'two_way_clustered'
    >>> results.defined("two_way_clustered", effects="entity", cluster="time")
    'slope_user_effects_by_time'
    >>> results.defined("placebo_lead", effects="pooled", cluster="time")
    'placebo_lead_pooled'
    """
    if definition not in _definitions():
        raise UnknownName("definition of several ways,", definition, _definitions(), FILE)
    entry = _definitions()[definition]
    ends = [end for kind in entry.says if (end := _end(kind, values[kind]))]
    return "_".join([entry.otherwise, *ends]) if ends else definition


@cache
def way(key: str) -> Way:
    """Read the definition and the way that a key stands for.

    Parameters
    ----------
    key : str
        What `defined` made, or any other definition, which has no ways.

    Returns
    -------
    Way
        The definition and, for each kind of ways that it speaks of, the way.

    Examples
    --------
    >>> from models import results
    >>> results.way("slope_user_effects_by_time").values
    {'effects': 'entity', 'cluster': 'time'}
    >>> results.way("two_way_clustered").values
    {'effects': 'twoway', 'cluster': 'entity'}
    >>> results.way("alpha")
    Way(definition='alpha', values={})
    """
    for definition, entry in _definitions().items():
        stem = entry.otherwise if key.startswith(f"{entry.otherwise}_") else definition
        if key.startswith(stem):
            values, rest = _read(entry.says, key.removeprefix(stem))
            if not rest and key == defined(definition, **values):
                return Way(definition, values)
    return Way(key)


@cache
def _ends() -> dict[str, dict[str, str]]:
    """Kind of ways → way → what it adds to a key."""
    found: dict[str, dict[str, str]] = _declared()["ways"]
    return found


@cache
def _definitions() -> dict[str, _Declared]:
    entries = _declared()["definitions"]
    return {key: _Declared(tuple(entry["says"]), entry.get("otherwise", key)) for key, entry in entries.items()}


@cache
def _declared() -> dict[str, dict]:
    found: dict[str, dict] = parsed(files("models.results").joinpath(FILE).read_text(encoding="utf-8"))
    return found


def _end(kind: str, value: str) -> str:
    """What a way adds to a key."""
    known = _ends()[kind]
    if value in known:
        return known[value]
    if kind != "cluster":
        raise UnknownName(f"{kind},", value, known, FILE)
    return f"by_{value}"


def _read(kinds: tuple[str, ...], rest: str) -> tuple[dict[str, str], str]:
    """The ways that the end of a key stands for, and what of it stands for none."""
    values = {}
    for kind in kinds:
        usual, *others = _ends()[kind]
        found = next((value for value in others if f"{rest}_".startswith(f"_{_ends()[kind][value]}_")), usual)
        if found != usual:
            rest = rest.removeprefix(f"_{_ends()[kind][found]}")
        elif kind == "cluster" and rest.startswith("_by_"):
            found, rest = rest.removeprefix("_by_"), ""
        values[kind] = found
    return values, rest
