"""Whether the files of the theory and of the specifications are in order, each for itself and all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.messages import forms
from models.remarks import Stated, remark
from models.specs import claims, declared, effects, multiverse, panel_check, synthesis_check, threat_check
from models.specs.declared import PanelSpec, RollOutSpec, SynthesisSpec, Threshold
from models.specs.lines import line, statements
from models.specs.multiverse import Multiverse
from models.specs.product_terms import products
from models.specs.written import Structural
from models.theory import Construct, Finding, check
from models.theory import declared as theory

YAML = (*(f"models/theory/{name}" for name in theory.FORMS), *(f"models/specs/{name}" for name in declared.FORMS))
# Specifications that the stages ask for by name.
NEEDED = ("models/specs/structural/mechanisms.lav", "models/specs/interactions/interaction.lav")
# Folders of which every `.lav` file is a specification.
FOLDERS = ("models/specs/structural", "models/specs/rivals")

READ = remark("files_that_are_read")


def findings(files: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with the declarations.

    Parameters
    ----------
    files
        File, from the folder `models` on → the entries of a YAML file, the text of a `.lav` file.

    Returns
    -------
    The findings on the form of each file; where the form of all is right, those on what they say of each other.
    """
    found = [
        Finding(name, (), remark("no_such_file"), remark("the_file")) for name in (*YAML, *NEEDED) if name not in files
    ]
    found += [Finding(name, (), remark("file_unread"), READ) for name in files if not _is_read(name)]
    for name in (name for name in YAML if name in files):
        kind = theory if name.startswith("models/theory/") else declared
        found += kind.findings(name.rsplit("/", 1)[-1], files[name])
    texts = {name: text for name, text in files.items() if name.endswith(".lav") and _is_read(name)}
    structural = [_read(name, text, found) for name, text in texts.items()]
    if found:
        return found
    by_name = {name.rsplit("/", 1)[-1]: files[name] for name in YAML}
    constructs, hypotheses, platforms, groupings, threats = (
        theory.of_sound(name, by_name[name]) for name in theory.FORMS
    )
    panels: dict[str, PanelSpec] = {k: forms.made(PanelSpec, entry) for k, entry in by_name["panel.yaml"].items()}
    studies = {name: forms.made(RollOutSpec, entry) for name, entry in by_name["roll_outs.yaml"].items()}
    found += check.of_constructs(constructs)
    found += check.of_groups(groupings)
    found += check.of_hypotheses(hypotheses, constructs, platforms, groupings)
    found += threat_check.findings(threats, hypotheses, panels)
    for spec in structural:
        found += _structural(spec, constructs)
    found += (one for name, panel in panels.items() for one in panel_check.formula(name, panel, constructs))
    if found:
        return found
    for name, panel in panels.items():
        found += panel_check.panel(name, panel, panels, constructs)
        found += panel_check.groups(name, panel, hypotheses)
    found += panel_check.roll_outs(studies, constructs)
    for place, threshold in enumerate(forms.made(tuple[Threshold, ...], by_name["necessity.yaml"])):
        found += panel_check.threshold(place, threshold, constructs)
    choices = list(multiverse.findings(by_name["multiverse.yaml"]))
    if not choices:
        varied = forms.made(Multiverse, by_name["multiverse.yaml"]["panel"])
        for name, panel in panels.items():
            choices += [one for one in panel_check.main(name, panel, varied) if one not in choices]
    found += choices
    found += synthesis_check.findings(forms.made(SynthesisSpec, by_name["synthesis.yaml"]), panels, constructs)
    own = {spec.name: spec for spec in structural if "/rivals/" not in spec.file}
    found += claims.findings(hypotheses, own, panels, studies, constructs)
    for spec in structural:
        found += claims.unclaimed(spec, texts[spec.file], hypotheses)
        found += effects.findings(spec, texts[spec.file], hypotheses if spec in own.values() else {})
    for spec in own.values():
        found += effects.defined(spec, hypotheses)
    return found


def _is_read(name: str) -> bool:
    folder, _, last = name.rpartition("/")
    return name in (*YAML, *NEEDED) or (last.endswith(".lav") and folder in FOLDERS)


def _read(file: str, text: str, found: list[Finding]) -> Structural:
    spec = Structural(file, {}, {})
    for row, said in statements(text):
        try:
            if "/interactions/" in file:
                spec.products[row] = products(said)[0]
            else:
                spec.lines[row] = line(said)
        except Stated as error:
            found.append(Finding(file, (row,), forms.as_said(error.remark.values["line"]), error.remark.values["form"]))
    return spec


def _structural(spec: Structural, constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """Constructs that exist, each relation and each label once, effects of labels that stand above."""
    labels: dict[str, int] = {}
    relations: dict[tuple, int] = {}

    def once(names: dict[Any, int], key: Any, row: int, called: str) -> Iterator[Finding]:
        if names.setdefault(key, row) != row:
            yield Finding(
                spec.file, (row,), remark("twice_since_row", name=called, row=names[key]), remark("each_once")
            )

    for row, product in spec.products.items():
        for name in (product.outcome, product.first, product.second):
            yield from check.known(spec.file, (row,), name, constructs)
        yield from once(relations, (product.outcome, frozenset((product.first, product.second))), row, product.term)
        if product.label:
            yield from once(labels, product.label, row, repr(product.label))
    for row, said in spec.lines.items():
        for name in said.uses:
            if name not in labels:
                yield forms.unknown(spec.file, (row,), name, list(labels), remark("label_above"))
        if said.operator == ":=":
            yield from once(labels, said.lhs, row, repr(said.lhs))
            continue
        yield from check.known(spec.file, (row,), said.lhs, constructs)
        seen: set[str] = set()
        for term in said.terms:
            yield from check.known(spec.file, (row,), term.name, constructs)
            pair = frozenset((said.lhs, term.name)) if said.operator == "~~" else (said.lhs, term.name)
            called = f"{said.lhs} {said.operator} {term.name}"
            if term.name in seen or term.name == said.lhs:
                yield Finding(spec.file, (row,), forms.as_said(called), remark("each_relation_once"))
            yield from once(relations, pair, row, called)
            seen.add(term.name)
            if term.label:
                if labels.get(term.label) == row:
                    yield Finding(spec.file, (row,), remark("twice", name=repr(term.label)), remark("each_once"))
                yield from once(labels, term.label, row, repr(term.label))
