"""The YAML files of this folder: their entries as frozen objects, refused where the form is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from models.messages import forms, yaml_text
from models.messages.forms import DeclarationError, Doi, Finding, Text
from models.theory import rules
from models.theory.rules import Rule

Role = Literal[
    "mechanism", "mediator", "outcome", "control", "driver", "strategy", "treatment", "moderator", "risk", "rival cause"
]


@dataclass(frozen=True)
class Construct:
    """A construct of the theory.

    Attributes
    ----------
    id, label, definition, section
        Identifier, name and definition in English and Chinese, place in the paper.
    part_of, level
        The mechanism that a first-order construct belongs to and its place (1, 2, 3) in it, or None.
    role
        What it does in the theory; None for a level of a mechanism.
    scale
        DOIs of the scales that usually measure it.
    """

    id: str
    label: Text
    definition: Text
    section: str
    part_of: str | None = None
    level: Literal[1, 2, 3] | None = None
    role: Role | None = None
    scale: tuple[Doi, ...] = ()


@dataclass(frozen=True)
class Smallest:
    """The smallest standardised effect that would matter, and where that comes from."""

    value: float
    source: str = ""
    doi: Doi = Doi("")
    reason: Text | None = None


@dataclass(frozen=True)
class Hypothesis:
    """A hypothesis with its survey and panel tests.

    Attributes
    ----------
    family
        The hypotheses that are corrected together.
    claim
        What the paper says.
    associated
        What a survey, in which everything is asked at once, can say of it.
    smallest
        The effect below which it is as good as zero; None where the tests bound it themselves (`equivalence`).
    """

    id: str
    family: str
    claim: Text
    associated: Text
    section: str
    survey: Rule
    panel: Rule
    smallest: Smallest | None = None

    def said(self, kind: str) -> Text:
        """The hypothesis in the words that a kind of data allows."""
        return self.associated if kind == "survey" else self.claim


@dataclass(frozen=True)
class PlatformType:
    """A type of platform (§6), what its model leads by, and examples."""

    id: str
    label: Text
    leads_by: str
    example: str


@dataclass(frozen=True)
class Grouping:
    """A grouping that hypotheses may name, where its groups are named, and those that are named with it."""

    id: str
    named_in: Literal["levels", "platforms.yaml", "cards"]
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Threat:
    """What else could give an estimate that a hypothesis claims, and the row of the results that speaks to it.

    Attributes
    ----------
    id, label, text, source, doi
        Identifier, what it is in few words and in many, where it comes from.
    kinds, families
        Tests and hypothesis families that it threatens.
    table, quantity, terms, group, of
        The rows that speak: by their terms and group, and of the model, the estimate,
        the grouping, the constructs or the pair of constructs that decide.
    named, limit, choice
        Named where the estimate is below the limit (`within`: and not below zero) or from it on (`reaches`: or its
        interval reaches 1), where the row's test rejects at the choice alpha, or where the estimate turned in the row
        (clear where it was not, no longer clear, or of the other sign); the limit is a number, a choice of
        models/choices.yaml, or (`effect`) the effect found, or the smallest that matters where that is larger.
    unseen
        Why no row may speak to it.
    """

    id: str
    label: Text
    text: Text
    source: str
    kinds: tuple[Literal["survey", "panel"], ...]
    families: tuple[str, ...]
    table: str
    quantity: str
    named: Literal["below", "from", "within", "reaches", "rejects", "turned"]
    doi: Doi | None = None
    terms: tuple[Literal["one_source", "reversed_order", "metric", "Hansen", "AR(2)"], ...] = ()
    group: Literal["all", "without_doubtful", "ordinal", "stickiness"] | None = None
    of: Literal["model", "instrumented", "estimate", "grouping", "constructs", "pair", "hypothesis"] | None = None
    limit: float | None = None
    choice: Literal["htmt", "effect"] | None = None
    unseen: Text | None = None

    @property
    def rule(self) -> str:
        """When it is named, as a program can read it."""
        places = (f"{key}={one}" for key, one in (("of", self.of), ("group", self.group)) if one)
        where = ", ".join([*places, *(f"term={term}" for term in self.terms)])
        found = f"{self.table}.{self.quantity}" + (f"[{where}]" if where else "")
        if self.named in ("rejects", "turned"):
            return f"{self.named}({found}, alpha)"
        limit = self.choice or format(self.limit, "g")
        if self.named == "within":
            return f"0 <= {found} < {limit}"
        rule = f"{found} {'<' if self.named == 'below' else '>='} {limit}"
        return f"{rule} or its ci_upper >= 1" if self.named == "reaches" else rule


FORMS: dict[str, type] = {
    "constructs.yaml": Construct, "hypotheses.yaml": Hypothesis, "platforms.yaml": PlatformType,
    "groups.yaml": Grouping, "threats.yaml": Threat,
}  # fmt: skip
TESTS = ("survey", "panel")


def findings(name: str, entries: Any) -> list[Finding]:
    """What is wrong with the form of a file: names that nobody reads, missing ones, values of another kind."""
    file, form = f"models/theory/{name}", FORMS[name]
    if found := list(forms.named_entries(file, entries)):
        return found
    apart = ("id", *TESTS)
    kinds = {key: kind for key, kind in forms.names_of(form).items() if key not in apart}
    required = [key for key in forms.required_of(form) if key not in apart]
    for key, entry in entries.items():
        tests = TESTS if form is Hypothesis and isinstance(entry, dict) else ()
        plain = {name: value for name, value in entry.items() if name not in tests} if tests else entry
        found += forms.entry(file, kinds, required, plain, (key,))
        for kind in tests:
            found += rules.findings(file, kind, entry.get(kind), (key, kind))
    return found


def made(name: str, entries: dict[str, Any]) -> dict[str, Any]:
    """The objects that a file's entries stand for, by identifier.

    Raises
    ------
    DeclarationError
        Where the form is wrong.
    """
    if found := findings(name, entries):
        raise DeclarationError(found)
    return of_sound(name, entries)


def of_sound(name: str, entries: dict[str, Any]) -> dict[str, Any]:
    """Make them of entries in whose form nothing is wrong."""
    return {key: _object(FORMS[name], key, entry) for key, entry in entries.items()}


def _object(form: type, key: str, entry: dict[str, Any]) -> Any:
    if form is Hypothesis:
        tests = {kind: rules.made(entry[kind]) for kind in TESTS}
        smallest = forms.made(Smallest, entry["smallest"]) if "smallest" in entry else None
        return Hypothesis(**({"id": key} | entry | tests | {"smallest": smallest}))
    return forms.made(form, {"id": key} | entry)


def _read(name: str) -> dict[str, Any]:
    return made(name, yaml_text.parsed((files(__package__) / name).read_text(encoding="utf-8")))


@cache
def constructs() -> dict[str, Construct]:
    """All constructs by identifier, in the order of the paper."""
    return _read("constructs.yaml")


@cache
def hypotheses() -> dict[str, Hypothesis]:
    """All hypotheses by identifier, in the order of the theory."""
    return _read("hypotheses.yaml")


@cache
def platform_types() -> dict[str, PlatformType]:
    """The platform types of §6 by identifier."""
    return _read("platforms.yaml")


@cache
def groupings() -> dict[str, Grouping]:
    """The groupings that hypotheses may name, by identifier."""
    return _read("groups.yaml")


@cache
def threats() -> dict[str, Threat]:
    """What threatens the hypotheses, by identifier."""
    return _read("threats.yaml")
