"""Whether constructs, platform types and hypotheses agree with each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from models.messages.forms import Finding, Place, unknown
from models.theory.declared import TESTS, Construct, Hypothesis, PlatformType, Threat
from models.theory.rules import Contrast, Equivalence, Rule

CONSTRUCTS, HYPOTHESES = "models/theory/constructs.yaml", "models/theory/hypotheses.yaml"
THREATS = "models/theory/threats.yaml"
_NAME = re.compile(r"[A-Za-z]\w*\Z", re.ASCII)
_KEPT = ("lag", "lead", "entity", "time", "platform_type")


def known(file: str, at: Place, word: str, constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """A finding where a word is no construct."""
    if word not in constructs:
        yield unknown(file, at, word, list(constructs), "a construct of models/theory/constructs.yaml")


def of_constructs(constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """Names that formulas can hold; levels that make up a mechanism, each place once."""
    taken: dict[tuple[str, int], str] = {}
    for name, construct in constructs.items():
        if not isinstance(name, str) or not _NAME.match(name) or name in _KEPT:
            expected = f"a letter, then letters, digits and _; not one of {', '.join(_KEPT)}"
            yield Finding(CONSTRUCTS, (name,), f"the name {name!r}", expected)
        whole, level = construct.part_of, construct.level
        if (whole is None) != (level is None):
            yield Finding(CONSTRUCTS, (name,), "one of part_of and level", "both, or neither")
        if whole is None and construct.role is None:
            yield Finding(CONSTRUCTS, (name,), "no 'role'", "a role, or part_of and level")
        if whole is None or level is None:
            continue
        mechanisms = [key for key, one in constructs.items() if one.role == "mechanism"]
        if whole not in mechanisms:
            yield unknown(CONSTRUCTS, (name, "part_of"), whole, mechanisms, "a construct with role: mechanism")
        if (other := taken.setdefault((whole, level), name)) != name:
            found = f"level {level} of {whole}, which is {other}"
            yield Finding(CONSTRUCTS, (name, "level"), found, "each level of a mechanism once")


def of_hypotheses(
    hypotheses: Mapping[str, Hypothesis], constructs: Mapping[str, Construct], platforms: Mapping[str, PlatformType]
) -> Iterator[Finding]:
    """Constructs that exist, groups that the test asks for, platform types that are declared."""
    for key, hypothesis in hypotheses.items():
        yield from _of_smallest(hypothesis)
        for kind in TESTS:
            test: Rule = getattr(hypothesis, kind)
            at: Place = (key, kind)
            for part in ("constructs", "treatments"):
                for place, name in enumerate(getattr(test.needs, part)):
                    yield from known(HYPOTHESES, (*at, "needs", part, place), name, constructs)
            if isinstance(test, Contrast | Equivalence):
                yield from _comparison(test, at, platforms)


def _of_smallest(hypothesis: Hypothesis) -> Iterator[Finding]:
    """The smallest effect that matters: wherever a test needs one, below 1, with a source or a reason."""
    at, smallest = (hypothesis.id, "smallest"), hypothesis.smallest
    if smallest is None:
        if not all(isinstance(getattr(hypothesis, kind), Equivalence) for kind in TESTS):
            yield Finding(
                HYPOTHESES, (hypothesis.id,), "no 'smallest'", "the smallest standardised effect that matters"
            )
        return
    if smallest.value >= 1:
        yield Finding(HYPOTHESES, (*at, "value"), f"{smallest.value:g}", "a standardised effect above 0 and below 1")
    if not smallest.source and smallest.reason is None:
        yield Finding(HYPOTHESES, at, "no 'source'", "a source, or a reason in both languages")


def _comparison(test: Contrast | Equivalence, at: Place, platforms: Mapping[str, PlatformType]) -> Iterator[Finding]:
    if test.by not in test.needs.groups:
        yield unknown(HYPOTHESES, (*at, "by"), test.by, test.needs.groups, "one of needs.groups")
    if not isinstance(test, Contrast):
        return
    for side in ("plus", "minus"):
        for place, value in enumerate(getattr(test, side)):
            if test.by == "platform_type" and value not in platforms:
                what = "a platform type of models/theory/platforms.yaml"
                yield unknown(HYPOTHESES, (*at, side, place), value, list(platforms), what)
            elif side == "minus" and value in test.plus:
                yield Finding(HYPOTHESES, (*at, side, place), f"{value!r} on both sides", "each group on one side")


def of_threats(
    threats: Mapping[str, Threat], hypotheses: Mapping[str, Hypothesis], tables: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """Families, tables and quantities that exist; one limit, and one way to find the row that speaks."""
    families = list(dict.fromkeys(hypothesis.family for hypothesis in hypotheses.values()))
    for key, threat in threats.items():
        for place, family in enumerate(threat.families):
            if family not in families:
                yield unknown(THREATS, (key, "families", place), family, families, "a hypothesis family")
        if threat.table not in tables:
            yield unknown(THREATS, (key, "table"), threat.table, list(tables), "a table of models/results/tables.yaml")
        elif threat.quantity not in tables[threat.table]:
            known = list(tables[threat.table])
            yield unknown(THREATS, (key, "quantity"), threat.quantity, known, f"a quantity of {threat.table}")
        limits = [name for name, one in (("limit", threat.limit), ("choice", threat.choice)) if one is not None]
        if len(limits) != (0 if threat.named in ("rejects", "turned") else 1):
            expected = "none, as p is compared with alpha" if limits else "one of limit and choice"
            yield Finding(THREATS, (key,), " and ".join(limits) or "neither limit nor choice", expected)
        if threat.of == "estimate" and threat.terms:
            yield Finding(THREATS, (key,), "terms, and of: estimate", "one of them")
