"""Whether what a line `:=` defines is an effect along paths: a product of links, or the sum of all of one cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from models.messages import forms
from models.remarks import remark
from models.sem.language.expression import Expression
from models.specs.lines import statements
from models.specs.written import Structural
from models.theory import Finding, Hypothesis, Indirect
from models.theory.check import HYPOTHESES

# The cause at which an effect starts and the outcome at which it ends.
Ends = tuple[str, str]
TOTAL = "total_"
PRODUCT_OR_TOTAL = remark("product_or_total")


def findings(spec: Structural, text: str, hypotheses: Mapping[str, Hypothesis]) -> Iterator[Finding]:
    """Definitions that are no effect along paths, or not the one that a hypothesis says it is."""
    written, paths = dict(statements(text)), labels_of_paths(spec)
    ends: dict[str, Ends] = {label: path for path, label in paths.items()}
    tests = [one.survey for one in hypotheses.values() if one.survey.spec == spec.name]
    claims = {test.label: test for test in tests if isinstance(test, Indirect)}
    for row, line in spec.lines.items():
        if line.operator != ":=":
            continue
        right = line.said.relations[0].right
        factors, summands = parts(right, "*"), parts(right, "+")
        along = _chained(factors, ends)
        if line.lhs in claims:
            expected = _along(claims[line.lhs], paths)
            sound, meant = Counter(factors) == Counter(expected), "*".join(expected)
        else:
            start = ends.get(summands[0]) if summands and not along else None
            every = [label for label, found in ends.items() if found == start]
            total = start is not None and line.lhs == f"{TOTAL}{start[0]}" and len(every) > 1
            sound = along is not None or (total and Counter(summands) == Counter(every))
            meant = " + ".join(every) if total else ""
        if not sound:
            what = forms.as_said(f"{line.lhs} := {meant}") if meant else PRODUCT_OR_TOTAL
            yield Finding(spec.file, (row,), forms.as_said(repr(written[row])), what)
        elif along:
            ends[line.lhs] = along


def defined(spec: Structural, hypotheses: Mapping[str, Hypothesis]) -> Iterator[Finding]:
    """Indirect effects of hypotheses on this model whose label defines nothing."""
    known = [line.lhs for line in spec.lines.values() if line.operator == ":="]
    for key, hypothesis in hypotheses.items():
        test = hypothesis.survey
        if isinstance(test, Indirect) and test.spec == spec.name and test.label not in known:
            yield forms.unknown(HYPOTHESES, (key, "survey", "label"), test.label, known, remark("defined_by_product"))


def labels_of_paths(spec: Structural) -> dict[Ends, str]:
    """Cause and outcome of a path → its label; without the paths that have none."""
    lines = [line for line in spec.lines.values() if line.operator == "~"]
    return {(term.name, line.lhs): term.label for line in lines for term in line.terms if term.label}


def parts(node: Expression, sign: str) -> list[str]:
    """The labels that a sum or a product is made of, each as often as it stands there; none of anything else."""
    if node.op == "name":
        return [node.name]
    if node.op != sign:
        return []
    sides = [parts(side, sign) for side in node.args]
    return [label for side in sides for label in side] if all(sides) else []


def _along(test: Indirect, paths: Mapping[Ends, str]) -> list[str]:
    """The labels of the links that an indirect effect leads along; a path without a label as it is written."""
    links = [link.term.partition(" ~ ") for link in test.through]
    return [paths.get((cause, outcome), f"({outcome} ~ {cause})") for outcome, _, cause in links]


def _chained(labels: list[str], ends: Mapping[str, Ends]) -> Ends | None:
    """Where a product of several links starts and ends; None where they do not follow on each other."""
    if len(labels) < 2 or len(set(labels)) < len(labels) or not set(labels) <= set(ends):
        return None
    causes, outcomes = (Counter(ends[label][side] for label in labels) for side in (0, 1))
    first, last = list((causes - outcomes).elements()), list((outcomes - causes).elements())
    return (first[0], last[0]) if len(first) == len(last) == 1 else None
