"""Whether constructs, platform types and hypotheses agree with each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from models.messages.forms import Finding, Place, as_said, unknown
from models.remarks import remark
from models.theory.declared import TESTS, Construct, Grouping, Hypothesis, PlatformType
from models.theory.rules import Contrast, Equivalence, RollOut, Rule

CONSTRUCTS, HYPOTHESES = "models/theory/constructs.yaml", "models/theory/hypotheses.yaml"
GROUPS = "models/theory/groups.yaml"
_NAME = re.compile(r"[A-Za-z]\w*\Z", re.ASCII)
_KEPT = ("lag", "lead", "entity", "time", "platform_type")


def known(file: str, at: Place, word: str, constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """A finding where a word is no construct."""
    if word not in constructs:
        yield unknown(file, at, word, list(constructs), remark("construct_of_theory"))


def of_constructs(constructs: Mapping[str, Construct]) -> Iterator[Finding]:
    """Names that formulas can hold; levels that make up a mechanism, each place once."""
    taken: dict[tuple[str, int], str] = {}
    for name, construct in constructs.items():
        if not isinstance(name, str) or not _NAME.match(name) or name in _KEPT:
            expected = remark("name_of_construct", names=", ".join(_KEPT))
            yield Finding(CONSTRUCTS, (name,), remark("the_name", name=repr(name)), expected)
        whole, level = construct.part_of, construct.level
        if (whole is None) != (level is None):
            yield Finding(CONSTRUCTS, (name,), remark("part_of_or_level"), remark("both_or_neither"))
        if whole is not None and construct.role is not None:
            yield Finding(CONSTRUCTS, (name, "role"), as_said("role, part_of"), remark("role_or_part_and_level"))
        if whole is None and construct.role is None:
            yield Finding(CONSTRUCTS, (name,), remark("no_entry", name=repr("role")), remark("role_or_part_and_level"))
        if whole is None or level is None:
            continue
        mechanisms = [key for key, one in constructs.items() if one.role == "mechanism"]
        if whole not in mechanisms:
            yield unknown(CONSTRUCTS, (name, "part_of"), whole, mechanisms, remark("mechanism_construct"))
        if (other := taken.setdefault((whole, level), name)) != name:
            found = remark("level_taken", level=level, whole=whole, other=other)
            yield Finding(CONSTRUCTS, (name, "level"), found, remark("each_level_once"))


def of_groups(groupings: Mapping[str, Grouping]) -> Iterator[Finding]:
    """Groups where they are said to be named; those of platform types have a file of their own."""
    for key, grouping in groupings.items():
        expected = "platforms.yaml" if key == "platform_type" else "levels" if grouping.levels else "cards"
        if grouping.named_in != expected or (grouping.levels and expected != "levels"):
            yield Finding(GROUPS, (key, "named_in"), as_said(grouping.named_in), remark("where_groups_are_named"))


def of_hypotheses(
    hypotheses: Mapping[str, Hypothesis],
    constructs: Mapping[str, Construct],
    platforms: Mapping[str, PlatformType],
    groupings: Mapping[str, Grouping],
) -> Iterator[Finding]:
    """Constructs, groupings and groups that are declared; families; sizes that are standardised effects."""
    families = [hypothesis.family for hypothesis in hypotheses.values()]
    stems = {key: re.sub(r"(?<=\d)[a-z]$", "", key) for key in hypotheses}
    groups = {key: list(platforms) if key == "platform_type" else one.levels for key, one in groupings.items()}
    for key, hypothesis in hypotheses.items():
        yield from _of_smallest(hypothesis)
        if hypothesis.family != stems[key] and families.count(hypothesis.family) == 1:
            others = list(dict.fromkeys([stems[key], *(one for one in families if one != hypothesis.family)]))
            yield unknown(HYPOTHESES, (key, "family"), hypothesis.family, others, remark("family_shared_or_own"))
        for kind in TESTS:
            test: Rule = getattr(hypothesis, kind)
            at: Place = (key, kind)
            for part in ("constructs", "treatments"):
                for place, name in enumerate(getattr(test.needs, part)):
                    yield from known(HYPOTHESES, (*at, "needs", part, place), name, constructs)
            for place, name in enumerate(test.needs.groups):
                if name not in groupings:
                    what = remark("a_declared_grouping")
                    yield unknown(HYPOTHESES, (*at, "needs", "groups", place), name, list(groupings), what)
            if isinstance(test, Contrast | Equivalence):
                yield from _comparison(test, at, groups)
            if isinstance(test, RollOut) and not test.needs.treatments:
                lacks, expected = remark("no_entry", name=repr("treatments")), remark("treatments_that_decide")
                yield Finding(HYPOTHESES, (*at, "needs"), lacks, expected)


def _of_smallest(hypothesis: Hypothesis) -> Iterator[Finding]:
    """The smallest effect that matters: wherever a test needs one, below 1, with a source or a reason."""
    at, smallest = (hypothesis.id, "smallest"), hypothesis.smallest
    if smallest is None:
        if not all(isinstance(getattr(hypothesis, kind), Equivalence) for kind in TESTS):
            yield Finding(
                HYPOTHESES, (hypothesis.id,), remark("no_entry", name=repr("smallest")), remark("smallest_that_matters")
            )
        return
    if smallest.value >= 1:
        yield Finding(HYPOTHESES, (*at, "value"), as_said(f"{smallest.value:g}"), remark("standardised_below_one"))
    if not smallest.source and smallest.reason is None:
        yield Finding(HYPOTHESES, at, remark("no_entry", name=repr("source")), remark("source_or_reason_in_both"))


def _comparison(test: Contrast | Equivalence, at: Place, groups: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    if test.by not in test.needs.groups:
        yield unknown(HYPOTHESES, (*at, "by"), test.by, test.needs.groups, remark("one_of_needs_groups"))
    if not isinstance(test, Contrast):
        if test.bound >= 1:
            yield Finding(HYPOTHESES, (*at, "bound"), as_said(f"{test.bound:g}"), remark("standardised_below_one"))
        return
    declared = groups.get(test.by, ())
    for side in ("plus", "minus"):
        for place, value in enumerate(getattr(test, side)):
            if test.by in groups and value not in declared:
                what = remark("a_declared_group", grouping=test.by)
                yield unknown(HYPOTHESES, (*at, side, place), value, list(declared), what)
            elif side == "minus" and value in test.plus:
                yield Finding(
                    HYPOTHESES,
                    (*at, side, place),
                    remark("on_both_sides", value=repr(value)),
                    remark("each_group_one_side"),
                )
