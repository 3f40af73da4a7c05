"""What the YAML files of this folder declare: panel specifications, event studies, thresholds, choices, synthesis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any, Literal

from models.messages import forms, yaml_text
from models.panel.language.formula import Formula, name_of, read
from models.specs.multiverse import Multiverse
from models.theory import DeclarationError, Finding, Text

_formula = lru_cache(maxsize=256)(read)


@dataclass(frozen=True, kw_only=True)
class PanelSpec:
    """A panel specification; `panel.yaml` says what each entry means."""

    label: Text
    formula: str
    effects: Literal["twoway", "entity", "time", "pooled"]
    cluster: str
    by: str
    estimator: Literal["within", "gmm", "mediation"] = "within"
    needs: tuple[str, ...] = ()
    centre: tuple[str, ...] = ()
    centre_users: tuple[str, ...] = ()
    absorbed: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    moderator: str = ""
    to_mediator: str = ""
    to_outcome: str = ""
    mediator: str = ""

    @cached_property
    def parsed(self) -> Formula:
        """What the formula says."""
        return _formula(self.formula)

    @property
    def deviations(self) -> tuple[str, ...]:
        """The measures that enter products as deviations."""
        return (*self.centre, *self.centre_users)

    @property
    def main(self) -> dict[str, str]:
        """What it sets of the choices of the multiverse."""
        clustering = self.cluster if self.cluster in ("entity", "time") else "group"
        return {"effects": self.effects, "clustering": clustering}

    @property
    def outcome(self) -> str:
        """The measure on the left of the formula."""
        return self.parsed.outcome.name

    @property
    def terms(self) -> list[str]:
        """The terms on the right of the formula."""
        return [name_of(term) for term in self.parsed.terms]


@dataclass(frozen=True)
class RollOutSpec:
    """An event study: the outcomes, the one that decides, periods of leads, the fake start before the true one."""

    outcomes: tuple[str, ...]
    decides: str
    leads: int
    placebo: int


@dataclass(frozen=True)
class Threshold:
    """The claim that a high outcome does not occur without the condition."""

    condition: str
    outcome: str
    section: str


@dataclass(frozen=True)
class LinkSpec:
    """A coefficient of a panel specification that is put together over logs although it decides no hypothesis.

    Attributes
    ----------
    smallest
        The smallest standardised effect that would matter, as of the hypotheses on slopes.
    """

    model: str
    term: str
    smallest: float
    label: Text


@dataclass(frozen=True)
class Mediated:
    """The outcome that is reached through one construct only."""

    outcome: str
    through: str


@dataclass(frozen=True)
class SynthesisSpec:
    """What is put together over data sets; `synthesis.yaml` says what each entry means."""

    rules: tuple[Literal["sign", "beyond", "indirect", "all", "chain", "contrast", "equivalence", "roll_out"], ...]
    estimands: dict[str, Text]
    links: dict[str, LinkSpec]
    moderators: tuple[Literal["platform_type", "country", "measure"], ...]
    constructs: tuple[str, ...]
    paths: dict[str, tuple[str, ...]]
    mediated: Mediated


FORMS = {
    "panel.yaml": PanelSpec,
    "roll_outs.yaml": RollOutSpec,
    "necessity.yaml": Threshold,
    "synthesis.yaml": SynthesisSpec,
    "multiverse.yaml": Multiverse,
}


def findings(name: str, entries: Any) -> list[Finding]:
    """What is wrong with the form of a file's entries."""
    file, form = f"models/specs/{name}", FORMS[name]
    if form is Threshold:
        return list(forms.findings(file, tuple[Threshold, ...], entries))
    if form is SynthesisSpec:
        return list(forms.findings(file, SynthesisSpec, entries))
    if found := list(forms.named_entries(file, entries)):
        return found
    return [one for key, entry in entries.items() for one in forms.findings(file, form, entry, (key,))]


def _sound(name: str) -> Any:
    entries = yaml_text.parsed((files(__package__) / name).read_text(encoding="utf-8"))
    if found := findings(name, entries):
        raise DeclarationError(found)
    return entries


@cache
def panel_specs() -> dict[str, PanelSpec]:
    """Panel specifications by name."""
    return {name: forms.made(PanelSpec, entry) for name, entry in _sound("panel.yaml").items()}


@cache
def roll_outs() -> dict[str, RollOutSpec]:
    """Event studies by name."""
    return {name: forms.made(RollOutSpec, entry) for name, entry in _sound("roll_outs.yaml").items()}


@cache
def necessity() -> tuple[Threshold, ...]:
    """Claims of a threshold."""
    return forms.made(tuple[Threshold, ...], _sound("necessity.yaml"))


@cache
def choices_of(kind: str) -> Multiverse:
    """The choices of a kind of data, "survey" or "panel"."""
    return forms.made(Multiverse, _sound("multiverse.yaml")[kind])


@cache
def synthesis() -> SynthesisSpec:
    """What is put together over data sets."""
    return forms.made(SynthesisSpec, _sound("synthesis.yaml"))
