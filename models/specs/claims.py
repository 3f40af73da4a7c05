"""Whether hypotheses and specifications name the same: every claim finds its estimate, every label its claim."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from models.messages import forms
from models.messages.forms import Place
from models.remarks import Remark, remark
from models.specs.declared import PanelSpec, RollOutSpec
from models.specs.written import Structural
from models.theory import (
    Beyond,
    Chain,
    Construct,
    Contrast,
    Equivalence,
    Finding,
    Hypothesis,
    Indirect,
    Link,
    RollOut,
    Rule,
    Sign,
)
from models.theory.check import HYPOTHESES

PANEL = "models/specs/panel.yaml"
PLACES = ("first", "second")
_CLAIM = re.compile(r"\b[Hh]\d+[a-z]?(?=_|\b)")
_WORD = re.compile(r"[A-Za-z_]\w*")


def findings(
    hypotheses: Mapping[str, Hypothesis],
    structural: Mapping[str, Structural],
    panels: Mapping[str, PanelSpec],
    studies: Mapping[str, RollOutSpec],
    constructs: Mapping[str, Construct],
) -> Iterator[Finding]:
    """Claims whose estimates no specification gives, or gives to another claim."""
    decided: dict[tuple[str, ...], str] = {}
    for key, hypothesis in hypotheses.items():
        named: list[tuple[Place, tuple[str, ...]]] = []
        survey, panel = hypothesis.survey, hypothesis.panel
        yield from _survey(survey, (key, "survey"), structural, constructs)
        if survey.label:
            named.append(((key, "survey", "label"), (survey.spec, survey.label)))
        if isinstance(panel, RollOut):
            if panel.spec not in studies:
                yield forms.unknown(
                    HYPOTHESES, (key, "panel", "spec"), panel.spec, list(studies), remark("of_roll_outs_yaml")
                )
            else:
                yield from _needed(panel, (key, "panel"), studies[panel.spec].decides, constructs)
        else:
            yield from _panel(panel, (key, "panel"), panels, constructs)
            links = [part for link in panel.links for part in (link.spec, link.term)]
            named += [((key, "panel", "term"), ("panel", *links))] if links else []
        for at, estimate in named:
            if (other := decided.setdefault(estimate, key)) != key:
                yield Finding(HYPOTHESES, at, remark("estimate_of_another", other=other), remark("own_estimate"))


def labelled(spec: Structural) -> dict[str, str]:
    """Label → the term that it stands at; empty for a defined effect."""
    found = {product.label: product.term for product in spec.products.values() if product.label}
    for line in spec.lines.values():
        found |= {term.label: f"{line.lhs} {line.operator} {term.name}" for term in line.terms if term.label}
        found |= {line.lhs: ""} if line.operator == ":=" else {}
    return found


def _survey(
    test: Rule, at: Place, structural: Mapping[str, Structural], constructs: Mapping[str, Construct]
) -> Iterator[Finding]:
    if test.spec not in structural:
        yield forms.unknown(HYPOTHESES, (*at, "spec"), test.spec, list(structural), remark("a_lav_file"))
        return
    spec = structural[test.spec]
    # What is defined stands for an indirect effect alone; any other claim is on a coefficient of the model.
    terms = {label: term for label, term in labelled(spec).items() if term or isinstance(test, Indirect)}
    chained = [f"{test.label}_{place}" for place in PLACES] if isinstance(test, Chain) else []
    for label in chained or [name for name in (test.label, *test.labels) if name]:
        if label not in terms:
            entry = "labels" if test.labels else "label"
            yield forms.unknown(HYPOTHESES, (*at, entry), label, list(terms), remark("label_of_model", spec=test.spec))
            return
    labels = chained or test.labels
    declared = [terms[label] for label in labels]
    if test.members and list(test.members) != declared:
        place, word = next(
            ((i, m) for i, m in enumerate(test.members) if i >= len(declared) or m != declared[i]),
            (len(test.members) - 1, test.members[-1]),
        )
        what = remark("labelled_in_order", labels=", ".join(labels), spec=test.spec)
        yield forms.unknown(HYPOTHESES, (*at, "members", place), word, declared, what)
    if isinstance(test, Chain):
        paths = [f"{line.lhs} ~ {term.name}" for line in spec.lines.values() for term in line.terms]
        if test.zero not in paths or test.zero in test.members:
            yield forms.unknown(HYPOTHESES, (*at, "zero"), test.zero, paths, remark("path_not_member", spec=test.spec))
    if isinstance(test, Sign | Chain):
        yield from _needed(test, at, " ".join(terms[label] for label in labels or (test.label,)), constructs)
    if isinstance(test, Sign):
        yield from _ordered(test, at, terms[test.label])
    if isinstance(test, Beyond):
        others = [
            one.term for one in spec.products.values() if one.term.split(" ~ ")[0] == terms[test.label].split(" ~ ")[0]
        ]
        others = [term for term in others if term != terms[test.label]]
        if test.than not in others:
            what = remark("another_product", spec=test.spec, label=test.label)
            yield forms.unknown(HYPOTHESES, (*at, "than"), test.than, others, what)
    if isinstance(test, Indirect):
        steps = list(pairwise(test.needs.constructs))
        links = [Link(test.spec, f"{effect} ~ {cause}") for cause, effect in steps]
        yield from _through(test, at, links, remark("paths_in_order"))


def _panel(
    test: Rule, at: Place, panels: Mapping[str, PanelSpec], constructs: Mapping[str, Construct]
) -> Iterator[Finding]:
    for place, link in enumerate(test.links):
        inside = (*at, "and") if place else at
        if link.spec not in panels:
            yield forms.unknown(HYPOTHESES, (*inside, "spec"), link.spec, list(panels), remark("of_panel_yaml"))
            return
        spec = panels[link.spec]
        if link.term not in spec.terms:
            what = remark("term_of_panel", spec=link.spec)
            yield forms.unknown(HYPOTHESES, (*inside, "term"), link.term, spec.terms, what)
        yield from _needed(test, inside, f"{spec.outcome} {link.term}", constructs)
    if isinstance(test, Indirect) and panels[test.spec].estimator != "mediation":
        known = [name for name, one in panels.items() if one.estimator == "mediation"]
        yield forms.unknown(HYPOTHESES, (*at, "spec"), test.spec, known, remark("of_a_mediation"))
    elif isinstance(test, Indirect) and (spec := panels[test.spec]).mediator:
        links = [Link(spec.to_mediator, test.term), Link(spec.to_outcome, f"lag({spec.mediator})")]
        yield from _through(test, at, links, remark("links_in_order", spec=test.spec))
    if isinstance(test, Beyond) and set(panels[test.spec].against) != {test.term, test.than}:
        what = remark("set_against", spec=test.spec, term=test.term)
        yield forms.unknown(HYPOTHESES, (*at, "than"), test.than, list(panels[test.spec].against), what)
    elif isinstance(test, Beyond) and panels[test.spec].against != (test.term, test.than):
        found = forms.as_said(", ".join(panels[test.spec].against))
        yield Finding(PANEL, (test.spec, "against"), found, remark("set_against_in_order"))
    if isinstance(test, Contrast | Equivalence):
        if test.spec not in panels:
            yield forms.unknown(HYPOTHESES, (*at, "spec"), test.spec, list(panels), remark("of_panel_yaml"))
        elif list(test.members) != panels[test.spec].terms:
            terms = panels[test.spec].terms
            place = next((i for i, m in enumerate(test.members) if i >= len(terms) or m != terms[i]), 0)
            what = remark("every_term_in_order", spec=test.spec)
            yield forms.unknown(HYPOTHESES, (*at, "members", place), test.members[place], terms, what)
    if isinstance(test, Chain) and test.within:
        declared = [f"{panels[link.spec].outcome} ~ {link.term}" for link in test.links]
        if list(test.within) != declared:
            place = next((i for i, m in enumerate(test.within) if i >= 2 or m != declared[i]), 0)
            what = remark("both_links_in_order")
            yield forms.unknown(HYPOTHESES, (*at, "within", place), test.within[place], declared, what)


def _through(test: Indirect, at: Place, links: list[Link], what: Remark) -> Iterator[Finding]:
    """The links that an indirect effect declares are those that it is the product of."""
    for place, link in enumerate(test.through):
        if place >= len(links) or link != links[place]:
            known = [f"{one.spec}: {one.term}" for one in links]
            yield forms.unknown(HYPOTHESES, (*at, "through", place), f"{link.spec}: {link.term}", known, what)
    if len(test.through) < len(links):
        yield Finding(HYPOTHESES, (*at, "through"), remark("so_many_links", n=len(test.through)), what)


def _needed(test: Rule, at: Place, term: str, constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """What the deciding term relates must be among what the test asks of a data set."""
    lacking = [w for w in _WORD.findall(term) if w in constructs and w not in test.needs.constructs]
    for word in dict.fromkeys(lacking):
        needs = forms.as_said(", ".join(test.needs.constructs)) if test.needs.constructs else remark("nothing")
        found = remark("needs_without", needs=needs, word=repr(word), term=repr(term))
        yield Finding(HYPOTHESES, (*at, "needs"), found, remark("every_construct_of_term"))


def _ordered(test: Rule, at: Place, term: str) -> Iterator[Finding]:
    """The figure of the theory draws its arrows from the first to the last construct that a test needs."""
    effect, _, causes = term.partition(" ~ ")
    order = [name for name in test.needs.constructs if name in (effect, *_WORD.findall(causes))]
    if causes and order[-1:] != [effect]:
        yield Finding(
            HYPOTHESES,
            (*at, "needs"),
            forms.as_said(", ".join(order)),
            remark("effect_after_causes", effect=repr(effect)),
        )


def unclaimed(spec: Structural, text: str, hypotheses: Mapping[str, Hypothesis]) -> Iterator[Finding]:
    """Labels and comments that name a hypothesis which does not exist; labels that nothing uses."""
    claimed = {name for h in hypotheses.values() if h.survey.spec == spec.name for name in _labels(h.survey)}
    used = claimed | {name for line in spec.lines.values() for name in line.uses}
    ids = {key.lower() for key in hypotheses} | {h.family.lower() for h in hypotheses.values()}
    rows = {label: row for row, line in spec.lines.items() for label in (*(t.label for t in line.terms), line.lhs)}
    rows |= {product.label: row for row, product in spec.products.items()}
    for label, term in labelled(spec).items():
        claims = _CLAIM.match(label) is not None
        if label not in claimed and (claims or (term and label not in used)):
            what = remark("label_of_hypothesis")
            yield forms.unknown(spec.file, (rows[label],), label, sorted(used), what)
    for row, written in enumerate(text.splitlines(), 1):
        for name in _CLAIM.findall(written.partition("#")[2]):
            if name.lower() not in ids:
                yield forms.unknown(spec.file, (row,), name, list(hypotheses), remark("a_declared_hypothesis"))


def _labels(test: Rule) -> tuple[str, ...]:
    if isinstance(test, Chain):
        return tuple(f"{test.label}_{place}" for place in PLACES)
    return (test.label, *test.labels) if test.label else test.labels
