"""Whether panel specifications, event studies and thresholds speak of constructs, and of what their formulas hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.messages import forms
from models.panel.errors import FormulaError
from models.panel.language.editing import columns
from models.panel.language.formula import name_of
from models.panel.language.grammar import Expression
from models.remarks import remark
from models.specs import declared, estimator_check
from models.specs.declared import PanelSpec, RollOutSpec, Threshold
from models.specs.multiverse import Multiverse, of_panel
from models.theory import Construct, Finding, Hypothesis, check

PANEL, ROLL_OUTS, NECESSITY, SYNTHESIS, _ = (f"models/specs/{name}" for name in declared.FORMS)
# The event study that the panel stage asks for by name.
EVENT_STUDY = "event_study"
# The longest time before a start, in periods, that a panel is asked for: a year of weeks.
MOST_PERIODS = 52


def formula(name: str, spec: PanelSpec, constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """`outcome ~ term + term`, of constructs; what could not be read would be taken for not measured."""
    at = (name, "formula")
    try:
        parsed = spec.parsed
    except FormulaError as error:
        yield Finding(PANEL, at, forms.as_said(str(error)), remark("outcome_and_terms"))
        return
    if not parsed.intercept:
        yield Finding(PANEL, at, remark("without_intercept", formula=repr(spec.formula)), remark("no_intercept_terms"))
    yield from check.known(PANEL, at, spec.outcome, constructs)
    for term in parsed.terms:
        if not all(_plain(factor) for factor in term):
            what = remark("construct_lag_or_product")
            yield Finding(PANEL, at, forms.as_said(repr(name_of(term))), what)
            continue
        for word in columns(term):
            yield from check.known(PANEL, at, word, constructs)


def _plain(factor: Expression) -> bool:
    """Whether it is a name, or the value of one a period earlier or later."""
    if factor.head == "name":
        return True
    return factor.head in ("lag", "lead") and factor.text == f"{factor.head}({factor.args[0].name})"


def panel(
    name: str, spec: PanelSpec, panels: Mapping[str, PanelSpec], constructs: Mapping[str, Construct]
) -> Iterator[Finding]:
    """Entries that speak of the formula speak of what stands in it."""
    products = [term for term in spec.parsed.terms if len(term) > 1]
    measures = {word for term in spec.parsed.terms for word in columns(term)}
    in_products = {word for term in products for word in columns(term)}
    pools = {
        "needs": measures | {spec.outcome}, "centre": in_products, "centre_users": in_products,
        "absorbed": in_products & {name_of(term) for term in spec.parsed.terms},
        "against": {name_of(term) for term in products},
    }  # fmt: skip
    for entry, pool in pools.items():
        what = remark("what_formula_holds") if entry == "needs" else remark("what_products_hold")
        for place, word in enumerate(getattr(spec, entry)):
            if word not in pool:
                yield forms.unknown(PANEL, (name, entry, place), word, sorted(pool), what)
    if spec.against and len(spec.against) != 2:
        yield Finding(PANEL, (name, "against"), remark("so_many_products", n=len(spec.against)), remark("two_products"))
    if spec.moderator:
        yield from check.known(PANEL, (name, "moderator"), spec.moderator, constructs)
    yield from estimator_check.findings(name, spec, panels)


def main(name: str, spec: PanelSpec, declared: Multiverse) -> Iterator[Finding]:
    """Effects and clusters among the alternatives of the multiverse, of specifications that it can vary."""
    if spec.estimator == "within":
        yield from of_panel(name, spec.main, declared, PANEL)


def groups(name: str, spec: PanelSpec, hypotheses: Mapping[str, Hypothesis]) -> Iterator[Finding]:
    """Groups are those that a hypothesis asks for; by another one nothing would be split."""
    asked = [group for one in hypotheses.values() for group in one.panel.needs.groups]
    known = list(dict.fromkeys(["platform_type", *asked]))
    if spec.by not in known:
        yield forms.unknown(PANEL, (name, "by"), spec.by, known, remark("one_of"))
    if spec.cluster not in ("entity", "time", *known):
        yield forms.unknown(PANEL, (name, "cluster"), spec.cluster, ["entity", "time", *known], remark("one_of"))


def roll_outs(studies: Mapping[str, RollOutSpec], constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """What is wrong with the studies of roll-outs."""
    if set(studies) != {EVENT_STUDY}:
        name = next(name for name in (*studies, EVENT_STUDY) if name not in studies or name != EVENT_STUDY)
        yield forms.unknown(ROLL_OUTS, (name,), name, [EVENT_STUDY], remark("the_event_study"))
    for name, study in studies.items():
        for place, outcome in enumerate(study.outcomes):
            yield from check.known(ROLL_OUTS, (name, "outcomes", place), outcome, constructs)
        for entry, periods in (("leads", study.leads), ("placebo", study.placebo)):
            if periods > MOST_PERIODS:
                found, expected = forms.as_said(periods), remark("periods_before_start", most=MOST_PERIODS)
                yield Finding(ROLL_OUTS, (name, entry), found, expected)
        if study.decides not in study.outcomes:
            yield forms.unknown(ROLL_OUTS, (name, "decides"), study.decides, study.outcomes, remark("one_of_outcomes"))


def threshold(place: int, claim: Threshold, constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """A threshold is the first level of what the theory builds on it."""
    for role in ("condition", "outcome"):
        yield from check.known(NECESSITY, (place, role), getattr(claim, role), constructs)
    if not {claim.condition, claim.outcome} <= set(constructs):
        return
    condition, outcome = constructs[claim.condition], constructs[claim.outcome]
    if condition.level != 1:
        yield Finding(NECESSITY, (place, "condition"), forms.as_said(repr(claim.condition)), remark("first_level"))
    if outcome.part_of and (outcome.level == 1 or outcome.part_of != condition.part_of) or outcome.id == condition.id:
        yield Finding(NECESSITY, (place, "outcome"), forms.as_said(repr(claim.outcome)), remark("built_on_condition"))
