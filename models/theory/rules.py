"""The rules by which a hypothesis is decided; `hypotheses.yaml` says what each means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from models.messages import forms
from models.messages.forms import Finding, Place
from models.remarks import remark


@dataclass(frozen=True)
class Needs:
    """What a data set must offer; of `treatments`, one."""

    constructs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A coefficient: its specification and its term."""

    spec: str
    term: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What the rules share.

    Attributes
    ----------
    spec
        The specification whose estimates decide.
    needs
        What a data set must offer.
    sign
        The direction that speaks for the claim; of a contrast it is `plus` above `minus`.
    label, labels
        Labels of the deciding coefficients in a structural model.
    members
        The estimates of a claim on several, by term.
    """

    spec: str
    needs: Needs
    sign: Literal["+", "-"] = "+"
    label: str = ""
    labels: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def links(self) -> tuple[Link, ...]:
        """The coefficients of panel specifications that decide."""
        return ()

    @property
    def specs(self) -> tuple[str, ...]:
        """The specifications that decide."""
        return tuple(link.spec for link in self.links) or (self.spec,)


@dataclass(frozen=True, kw_only=True)
class Sign(Rule):
    """One estimate has the stated sign: `label` in a structural model, `term` in a panel."""

    term: str = ""

    @property
    def links(self) -> tuple[Link, ...]:
        """The slope that decides, where it is one."""
        return (Link(self.spec, self.term),) if self.term else ()


@dataclass(frozen=True, kw_only=True)
class Beyond(Sign):
    """One estimate has the stated sign and, in standard deviations, lies beyond that of `than`."""

    than: str


@dataclass(frozen=True, kw_only=True)
class Indirect(Sign):
    """An effect along `through`, two links, has the stated sign.

    `by` says what decides: `joint`, the larger p of the links; `interval`, the p of the interval of their product.
    """

    by: Literal["joint", "interval"]
    through: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class All(Rule):
    """Every member has the stated sign."""


@dataclass(frozen=True, kw_only=True)
class Chain(Rule):
    """Every link has the stated sign, and the direct path `zero` is not needed; `within`: the links within persons."""

    zero: str = ""
    term: str = ""
    and_: Link | None = None
    within: tuple[str, ...] = ()

    @property
    def links(self) -> tuple[Link, ...]:
        """Both slopes of which the weaker decides."""
        return (Link(self.spec, self.term), self.and_) if self.and_ else ()


@dataclass(frozen=True, kw_only=True)
class Contrast(Rule):
    """The mean effect of the members is larger in `plus` groups than in `minus` groups."""

    by: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Equivalence(Rule):
    """Standardised differences of every member between groups lie inside ± `bound`."""

    by: str
    bound: float


@dataclass(frozen=True, kw_only=True)
class RollOut(Rule):
    """The average effect after each dated start of one of the treatments has the stated sign."""


Comparison = Contrast | Equivalence
RULES: dict[str, type[Rule]] = {
    "sign": Sign, "beyond": Beyond, "indirect": Indirect, "all": All, "chain": Chain, "contrast": Contrast,
    "equivalence": Equivalence, "roll_out": RollOut,
}  # fmt: skip
# Kind of test → rule that can be tested so → what is declared of it, beside `spec` and `needs`.
DECLARED = {
    "survey": {
        "sign": ("sign", "label"),
        "beyond": ("sign", "label", "than"),
        "indirect": ("sign", "label", "by", "through"),
        "all": ("sign", "labels", "members"),
        "chain": ("sign", "label", "members", "zero"),
        "contrast": ("by", "plus", "minus", "labels", "members"),
        "equivalence": ("by", "bound", "labels", "members"),
    },
    "panel": {
        "sign": ("sign", "term"),
        "beyond": ("sign", "term", "than"),
        "indirect": ("sign", "term", "by", "through"),
        "chain": ("sign", "term", "and"),
        "contrast": ("by", "plus", "minus", "members"),
        "equivalence": ("by", "bound", "members"),
        "roll_out": ("sign",),
    },
}
OPTIONAL = {("panel", "chain"): ("within",)}


def findings(file: str, kind: str, value: object, at: Place) -> Iterator[Finding]:
    """What is wrong with a declared test of a kind, "survey" or "panel"."""
    rules = DECLARED[kind]
    rule = value.get("rule") if isinstance(value, dict) else None
    if not isinstance(value, dict) or "rule" not in value:
        yield Finding(file, at, remark("no_rule"), remark("rule_one_of", names=", ".join(rules)))
    elif not isinstance(rule, str) or rule not in rules:
        yield forms.unknown(file, (*at, "rule"), rule, list(rules), remark("rules_of_kind", kind=kind))
    else:
        required = ("rule", "spec", "needs", *rules[rule])
        kinds = {"rule": str} | forms.names_of(RULES[rule])
        known = {name: kinds[name] for name in (*required, *OPTIONAL.get((kind, rule), ()))}
        yield from forms.entry(file, known, required, value, at)


def made(value: dict[str, Any]) -> Rule:
    """The rule that a declared test states."""
    return forms.made(RULES[value["rule"]], {name: inside for name, inside in value.items() if name != "rule"})


def stated(test: Rule) -> str:
    """The rule for programs: name, sign or what stands for it, specification, as in `sign + mechanisms`."""
    name = next(name for name, form in RULES.items() if type(test) is form)
    if isinstance(test, Indirect):
        name = f"{name} by {test.by}"
    if isinstance(test, Contrast):
        return f"{name} {test.by}: {' + '.join(test.plus)} > {' + '.join(test.minus)} {test.spec}"
    how = f"{test.by} ± {test.bound:g}" if isinstance(test, Equivalence) else test.sign
    return f"{name} {how} {test.spec}"
