"""Whether the declared synthesis names what there is: constructs, panel specifications and their terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from models.messages import forms
from models.panel.language.editing import shifted
from models.remarks import remark
from models.specs.declared import PanelSpec, SynthesisSpec
from models.specs.panel_check import SYNTHESIS as FILE
from models.theory import Construct, Finding, check

KINDS = ("survey", "panel")


def name_of_cause(term: str) -> str:
    """The construct of a term, `lag(value)` or `value`."""
    moved = shifted(term)
    return moved[1] if moved else term


def findings(
    spec: SynthesisSpec, panels: Mapping[str, PanelSpec], constructs: Mapping[str, Construct]
) -> Iterator[Finding]:
    """What is wrong with the names of the declared synthesis."""
    for place, name in enumerate(spec.constructs):
        yield from check.known(FILE, ("constructs", place), name, constructs)
    for outcome, causes in spec.paths.items():
        for place, name in enumerate((outcome, *causes)):
            if name not in spec.constructs:
                yield forms.unknown(FILE, ("paths", outcome, place), name, spec.constructs, remark("one_of_constructs"))
    yield from _circle(spec)
    if spec.mediated.through not in spec.paths.get(spec.mediated.outcome, ()):
        expected = remark("cause_in_paths")
        yield forms.unknown(FILE, ("mediated", "through"), spec.mediated.through, spec.constructs, expected)
    if set(spec.estimands) != set(KINDS):
        yield Finding(FILE, ("estimands",), forms.as_said(", ".join(spec.estimands)), forms.as_said(", ".join(KINDS)))
    for name, link in spec.links.items():
        if link.smallest >= 1:
            at = ("links", name, "smallest")
            yield Finding(FILE, at, forms.as_said(f"{link.smallest:g}"), remark("standardised_below_one"))
        if link.model not in panels:
            yield forms.unknown(
                FILE, ("links", name, "model"), link.model, list(panels), remark("a_panel_specification")
            )
        elif link.term not in panels[link.model].terms:
            terms = panels[link.model].terms
            yield forms.unknown(FILE, ("links", name, "term"), link.term, terms, remark("term_of_its_formula"))
        elif name != (called := f"{name_of_cause(link.term)}_{panels[link.model].outcome}"):
            yield forms.unknown(FILE, ("links", name), name, [called], remark("named_by_cause_and_outcome"))


def _circle(spec: SynthesisSpec) -> Iterator[Finding]:
    """A construct that is, over others or at once, among its own causes."""
    try:
        TopologicalSorter(spec.paths).prepare()
    except CycleError as error:
        circle = error.args[1]
        yield Finding(FILE, ("paths", circle[0]), forms.as_said(" → ".join(circle)), remark("paths_without_circle"))
