"""Whether a panel specification declares what its estimator carries out, and nothing that it passes over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.messages import forms
from models.panel.language.editing import columns, shifted
from models.panel.language.formula import name_of
from models.remarks import remark
from models.specs.declared import PanelSpec
from models.theory import Finding

FILE = "models/specs/panel.yaml"
# What every estimator uses, and what some do.
USED_BY_ALL = ("label", "formula", "effects", "cluster", "by", "estimator", "needs")
USED_BY = {
    **dict.fromkeys(("centre", "centre_users", "absorbed", "against", "moderator"), ("within",)),
    **dict.fromkeys(("to_mediator", "to_outcome", "mediator"), ("mediation",)),
}
# What takes effects for granted → the effects under which it says what it means.
RESTS_ON = {
    **dict.fromkeys(("centre", "centre_users", "absorbed"), ("twoway",)),
    "moderator": ("twoway", "entity"),
}


def findings(name: str, spec: PanelSpec, panels: Mapping[str, PanelSpec]) -> Iterator[Finding]:
    """Entries that change nothing of what is estimated, or say another thing than is carried out."""
    for entry, estimators in USED_BY.items():
        if getattr(spec, entry) and spec.estimator not in estimators:
            expected = remark("no_entry_or_estimator", names=", ".join(estimators))
            yield Finding(FILE, (name, entry), forms.as_said(entry), expected)
    if spec.estimator == "gmm":
        yield from _dynamic(name, spec)
    elif spec.estimator == "mediation":
        yield from _mediation(name, spec, panels)
    else:
        yield from _within(name, spec)


def _within(name: str, spec: PanelSpec) -> Iterator[Finding]:
    """Deviations, absorbed terms and traits under the effects that they are taken from; each measure in one role."""
    for entry, effects in RESTS_ON.items():
        if getattr(spec, entry) and spec.effects not in effects:
            found = forms.as_said(f"{entry}, effects: {spec.effects}")
            yield Finding(FILE, (name, entry), found, remark("no_entry_or_effects", names=", ".join(effects)))
    for place, word in enumerate(spec.centre_users):
        if word in spec.centre:
            found = remark("twice", name=repr(word))
            yield Finding(
                FILE, (name, "centre_users", place), found, remark("one_of_both", names="centre, centre_users")
            )
    if spec.moderator in {spec.outcome, *(word for term in spec.parsed.terms for word in columns(term))}:
        yield Finding(FILE, (name, "moderator"), forms.as_said(repr(spec.moderator)), remark("trait_beside_formula"))


def _dynamic(name: str, spec: PanelSpec) -> Iterator[Finding]:
    """Differences over time with effects of periods, errors by user, slopes of the past alone."""
    yield from _carried_out(name, spec, {"effects": "twoway", "cluster": "entity"})
    for term in spec.parsed.terms:
        if (shifted(name_of(term)) or ("",))[0] != "lag":
            yield Finding(FILE, (name, "formula"), forms.as_said(repr(name_of(term))), remark("lag_of_construct"))


def _mediation(name: str, spec: PanelSpec, panels: Mapping[str, PanelSpec]) -> Iterator[Finding]:
    """A product of slopes of two within estimators, with their effects and clusters, one a cause of the mediator."""
    parts = {part: getattr(spec, part) for part in USED_BY if "mediation" in USED_BY[part]}
    for part, value in parts.items():
        if not value:
            yield Finding(
                FILE, (name,), remark("no_entry", name=repr(part)), remark("entry_for_mediation", name=repr(part))
            )
        elif part != "mediator" and (value not in panels or panels[value].estimator != "within"):
            known = [one for one, other in panels.items() if other.estimator == "within"]
            yield forms.unknown(FILE, (name, part), value, known, remark("within_specification_of_file"))
    if not all(parts.values()) or not {spec.to_mediator, spec.to_outcome} <= set(panels):
        return
    first, second = panels[spec.to_mediator], panels[spec.to_outcome]
    if first.outcome != spec.mediator or f"lag({spec.mediator})" not in second.terms:
        expected = remark("outcome_whose_lag", to_mediator=spec.to_mediator, to_outcome=spec.to_outcome)
        yield Finding(FILE, (name, "mediator"), forms.as_said(repr(spec.mediator)), expected)
    if second.outcome != spec.outcome:
        found, expected = remark("the_outcome", outcome=repr(second.outcome)), forms.as_said(repr(spec.outcome))
        yield Finding(FILE, (name, "to_outcome"), found, expected)
    for one in (first, second):
        yield from _carried_out(name, spec, {"effects": one.effects, "cluster": one.cluster})
    causes = [term for term in first.terms if shifted(term)]
    what = remark("causes_of_mediator", to_mediator=spec.to_mediator)
    for term in spec.terms:
        if term not in causes:
            yield forms.unknown(FILE, (name, "formula"), term, causes, what)
    for term in causes:
        if term not in spec.terms:
            yield Finding(FILE, (name, "formula"), remark("no_entry", name=repr(term)), what)


def _carried_out(name: str, spec: PanelSpec, really: Mapping[str, str]) -> Iterator[Finding]:
    for entry, value in really.items():
        if getattr(spec, entry) != value:
            expected = remark("carried_out", value=repr(value), estimator=spec.estimator)
            yield Finding(FILE, (name, entry), forms.as_said(repr(getattr(spec, entry))), expected, (value,))
