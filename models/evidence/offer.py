"""What a data set offers to the tests, and what it lacks for one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models import theory
from models.theory import Contrast, Rule


@dataclass(frozen=True)
class Offer:
    """What a data set offers to the tests.

    Attributes
    ----------
    kinds : kinds of data at hand, of "survey", "panel" and "cohort" (spells without a panel: they decide nothing).
    constructs : kind → constructs that are measured (mechanisms through their levels included).
    groups : kind → group → values that occur.
    treatments : constructs that the dated roll-outs of the panel stand for.
    """

    kinds: tuple[str, ...]
    constructs: dict[str, set[str]]
    groups: dict[str, dict[str, list[str]]]
    treatments: tuple[str, ...] = ()


def lacking(test: Rule, kind: str, offer: Offer) -> tuple[str, str] | None:
    """Why the data set cannot carry the test (a key of `REASONS` and its detail), or None."""
    if kind not in offer.kinds:
        return "no_data", kind
    needs = test.needs
    missing = [c for c in needs.constructs if c not in offer.constructs[kind]]
    if missing:
        return "not_measured", ", ".join(missing)
    if needs.treatments and not set(needs.treatments) & set(offer.treatments):
        return "not_recorded", "dated strategy roll-out"
    for group in needs.groups:
        values = offer.groups[kind].get(group, [])
        if not values:
            return "no_group", group
        if len(values) < 2:
            return "one_group", f"{group}: {values[0]}"
        named = (*test.plus, *test.minus) if isinstance(test, Contrast) else ()
        absent = [value for value in named if value not in values]
        if absent:
            return "group_lacks", f"{group}: " + "; ".join(absent)
    causes = {name for member in test.members for name in re.findall(r"\w+", member)} & set(theory.constructs())
    missing = sorted(causes - offer.constructs[kind], key=list(theory.constructs()).index)
    return ("not_measured", ", ".join(missing)) if missing else None
