"""The multiverse of analyses: which combinations of the declared alternatives there are, and of which type each is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal

from models.messages import forms
from models.messages.forms import DeclarationError, Doi, Finding, Place, Text
from models.remarks import remark

FILE = "models/specs/multiverse.yaml"
Type = Literal["equivalent", "uncertain", "not_equivalent"]
# From the strongest to the weakest; a combination is of the weakest type in it.
TYPES: tuple[Type, ...] = ("equivalent", "uncertain", "not_equivalent")
MAIN = "main"
# What the analyses know how to do, first what a run does unless another is set; the file chooses and gives the reasons.
KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "survey": {
        "estimator": ("MLR", "ML", "MLM", "MLMV", "GLS", "ULS", "WLSMV"),
        "answers": ("all", "complete"),
        "people": ("all", "undoubted", "with_left_out"),
        "controls": ("without", "with"),
        "levels": ("second_order", "means"),
        "items": ("all", "without_weakest"),
    },
    "panel": {
        "effects": ("twoway", "entity", "time", "pooled"),
        "clustering": ("entity", "entity_time", "time", "group"),
        "lags": ("one", "two"),
        "outcome": ("measured", "ranks"),
        "controls": ("with", "without"),
        "people": ("all", "long"),
        "platforms": ("pooled", "apart"),
    },
}
# Choices whose main alternative is set elsewhere: in `params.yaml`, and by each specification of `panel.yaml`.
SET = {"survey": ("estimator", "answers"), "panel": ("effects", "clustering")}
# Choices that a run need not vary.
FREE = ("items",)
# How `params.yaml` treats gaps → the alternative of `answers`.
ANSWERS = {"fiml": "all", "listwise": "complete"}


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """One way of a choice: how it compares with the main analysis, when it is taken, and why."""

    name: str
    type: Literal["main", "equivalent", "uncertain", "not_equivalent"]
    when: Literal["always", "asked", "chosen"]
    reason: Text
    doi: Doi = Doi("")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What may be done in several ways, the first of them in the main analysis where nothing else is said."""

    name: str
    alternatives: tuple[Alternative, ...]

    @property
    def offered(self) -> list[str]:
        """Alternatives that a run can have for its main one: not those that no run varies, where others are."""
        asked = self.alternatives[0].when == "asked"
        return [one.name for one in self.alternatives if asked or one.when != "asked"]


@dataclass(frozen=True, kw_only=True)
class Barred:
    """Alternatives, as `choice: alternative`, that cannot stand together."""

    together: tuple[str, ...]
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Multiverse:
    """The choices of a kind of data, and what is barred."""

    choices: tuple[Choice, ...]
    never: tuple[Barred, ...] = ()

    def lacking(self, main: Mapping[str, str]) -> list[Choice]:
        """Choices that do not offer what a run has for its main alternative."""
        return [one for one in self.choices if main.get(one.name, one.offered[0]) not in one.offered]

    def barring(self, main: Mapping[str, str]) -> list[int]:
        """Places of the bars that hold nothing but main alternatives, those of a run where it sets them."""
        usual = {choice.name: choice.alternatives[0].name for choice in self.choices} | dict(main)
        names = {f"{choice}: {name}" for choice, name in usual.items()}
        return [place for place, bar in enumerate(self.never) if names.issuperset(bar.together)]


@dataclass(frozen=True)
class Universe:
    """One combination: pairs of choice and alternative, and the weakest type in it."""

    chosen: tuple[tuple[str, str], ...]
    type: Type

    @property
    def name(self) -> str:
        """As the results name it: `estimator: MLR; answers: all; …`."""
        return "; ".join(f"{choice}: {alternative}" for choice, alternative in self.chosen)

    def __getitem__(self, choice: str) -> str:
        """The alternative that was chosen."""
        return dict(self.chosen)[choice]


def universes(
    declared: Multiverse, ways: Mapping[str, Collection[str]], main: Mapping[str, str] | None = None
) -> list[Universe]:
    """Every admissible combination of the alternatives that make a difference to a data set.

    Parameters
    ----------
    declared : Multiverse
        The choices of its kind of data.
    ways : mapping of str to collection of str
        Choice → alternatives that make a difference; choices that are not named are not part of the name, and those
        with one alternative are not varied.
    main : mapping of str to str, optional
        Choice → its alternative in the main analysis, where that is known; as declared where it is not, and where the
        alternative makes no difference.

    Returns
    -------
    list of Universe
        The main analysis first; alternatives of the first choice follow each other.

    Raises
    ------
    DeclarationError
        When the main analysis is not declared, or barred: no other one is taken for it.
    """
    known = main or {}
    kept = [choice for choice in declared.choices if choice.name in ways]
    offered = [_offered(choice, ways[choice.name], known.get(choice.name)) for choice in kept]
    varied = {choice.name for choice, found in zip(kept, offered, strict=True) if len(found) > 1}
    barred = [set(entry.together) for entry in declared.never]
    found = []
    for *others, first in product(*offered[1:], offered[0]):
        parts = [first, *others]
        chosen = tuple((choice.name, part.name) for choice, part in zip(kept, parts, strict=True))
        if any(together <= {f"{choice}: {name}" for choice, name in chosen if choice in varied} for together in barred):
            continue
        worst = max(TYPES.index(part.type) if part.type != MAIN else 0 for part in parts)
        found.append(Universe(chosen, TYPES[worst]))
    main_one = tuple((choice.name, parts[0].name) for choice, parts in zip(kept, offered, strict=True))
    if not found or found[0].chosen != main_one:
        said = forms.as_said("; ".join(f"{choice}: {name}" for choice, name in main_one))
        raise DeclarationError([Finding(FILE, (), said, remark("main_not_barred"))])
    return found


def _offered(choice: Choice, ways: Collection[str], main: str | None) -> list[Alternative]:
    """The alternatives of a choice that are taken, that of the main analysis first.

    The declared main alternative, where it is displaced, is of the type of the one that displaces it.
    """
    declared = next(one for one in choice.alternatives if one.type == MAIN)
    known = {one.name: one for one in choice.alternatives if one.name in ways}
    if main and main not in known and len(ways) > 1:
        raise DeclarationError([_lacking(choice, main, FILE, ())])
    now = next(known[name] for name in (main, declared.name, *known) if name in known)
    types = {declared.name: now.type, now.name: declared.type}
    taken = [one for one in choice.alternatives if one.name in ways and (one.when != "chosen" or one == now)]
    typed = [replace(one, type=types.get(one.name, one.type)) for one in taken]
    return sorted(typed, key=lambda one: one.type != MAIN)


def findings(entries: Mapping[str, Any]) -> Iterator[Finding]:
    """Choices and alternatives that nothing can carry out, missing main analyses, bars on what is not there."""
    for kind in (kind for kind in KNOWN if kind not in entries):
        yield Finding(FILE, (), remark("no_entry", name=repr(kind)), remark("an_entry", name=repr(kind)))
    for kind, entry in entries.items():
        if kind not in KNOWN:
            yield forms.unknown(FILE, (kind,), kind, list(KNOWN), remark("one_of"))
            continue
        found: Multiverse = forms.made(Multiverse, entry)
        names = [f"{choice.name}: {one.name}" for choice in found.choices for one in choice.alternatives]
        chosen = [choice.name for choice in found.choices]
        for place, choice in enumerate(found.choices):
            yield from _choice(kind, (kind, "choices", place), choice)
        for name in (name for name in KNOWN[kind] if name not in chosen):
            yield Finding(FILE, (kind, "choices"), remark("no_entry", name=f"name: {name}"), remark("every_choice"))
        for name in sorted({name for name in (*chosen, *names) if (*chosen, *names).count(name) > 1}):
            yield Finding(FILE, (kind, "choices"), remark("twice", name=name), remark("each_once"))
        for place, bar in enumerate(found.never):
            yield from _bar((kind, "never", place, "together"), bar.together, names)
        yield from (_main_barred(found, kind, place) for place in found.barring({}))


def of_panel(name: str, main: Mapping[str, str], declared: Multiverse, file: str) -> Iterator[Finding]:
    """Effects and clusters of a specification that the panel's choices do not offer, or that a bar keeps apart."""
    for choice in declared.lacking(main):
        entry = "effects" if choice.name == "effects" else "cluster"
        yield _lacking(choice, main[choice.name], file, (name, entry))
    yield from (_main_barred(declared, "panel", place) for place in declared.barring(main))


def _lacking(choice: Choice, name: str, file: str, at: Place) -> Finding:
    return forms.unknown(file, at, name, choice.offered, remark("alternative_of", choice=choice.name))


def _main_barred(declared: Multiverse, kind: str, place: int) -> Finding:
    said = forms.as_said("; ".join(declared.never[place].together))
    return Finding(FILE, (kind, "never", place, "together"), said, remark("main_not_barred"))


def _choice(kind: str, at: Place, choice: Choice) -> Iterator[Finding]:
    """A choice that can be carried out: the main alternative first, each one known and computed when it says."""
    if choice.name not in KNOWN[kind]:
        yield forms.unknown(FILE, (*at, "name"), choice.name, list(KNOWN[kind]), remark("one_of"))
        return
    if sum(one.type == MAIN for one in choice.alternatives) != 1 or choice.alternatives[0].type != MAIN:
        yield Finding(FILE, (*at, "alternatives"), remark("main_not_first"), remark("main_first_and_once"))
    elif choice.name not in SET[kind] and choice.alternatives[0].name != (usual := KNOWN[kind][choice.name][0]):
        found = forms.as_said(repr(choice.alternatives[0].name))
        yield Finding(FILE, (*at, "alternatives", 0, "name"), found, remark("main_of_every_run", name=repr(usual)))
    for number, one in enumerate(choice.alternatives):
        where = (*at, "alternatives", number)
        if one.name not in KNOWN[kind][choice.name]:
            yield forms.unknown(FILE, (*where, "name"), one.name, KNOWN[kind][choice.name], remark("one_of"))
        if one.when not in (when := _when(kind, choice, one)):
            yield Finding(FILE, (*where, "when"), forms.as_said(repr(one.when)), remark("when_computed"), when)


def _bar(at: Place, together: tuple[str, ...], names: list[str]) -> Iterator[Finding]:
    """Alternatives that are declared, of choices that differ: those of one choice never stand together."""
    choices = [name.partition(":")[0] for name in together]
    if len(set(choices)) != len(choices) or len(choices) < 2:
        yield Finding(FILE, at, forms.as_said("; ".join(together)), remark("of_several_choices"))
    for number, name in enumerate(together):
        if name not in names:
            yield forms.unknown(FILE, (*at, number), name, names, remark("one_of"))


def _when(kind: str, choice: Choice, one: Alternative) -> tuple[str, ...]:
    """When an alternative can be computed: those of a panel when asked for; the main one wherever another one is."""
    if one.type != MAIN:
        chosen = ("chosen",) if choice.name in SET[kind] else ()
        return ("asked", *chosen) if kind == "panel" else ("always", "asked", *chosen)
    usual = choice.name not in FREE or any(other.when == "always" for other in choice.alternatives)
    return ("asked",) if kind == "panel" else ("always",) if usual else ("always", "asked")
