"""What a data set offers to the tests, and what it lacks for one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from models import results, theory
from models.remarks import Remark, remark
from models.theory import Contrast, Rule


@dataclass(frozen=True)
class Offer:
    """What a data set offers to the tests.

    Attributes
    ----------
    kinds
        Kinds of data at hand, of "survey", "panel" and "cohort" (spells without a panel: they decide nothing).
    constructs
        Kind → constructs that are measured (mechanisms through their levels included).
    groups
        Kind → group → values that occur.
    treatments
        Constructs that the dated roll-outs of the panel stand for.
    proxies
        Constructs whose measure is not quite the construct.
    """

    kinds: tuple[str, ...]
    constructs: dict[str, set[str]]
    groups: dict[str, dict[str, list[str]]]
    treatments: tuple[str, ...] = ()
    proxies: frozenset[str] = frozenset()

    def proxy_rows(self) -> pd.DataFrame:
        """Rows `proxies` of the results table: every construct that a kind of data offers, and whether by a proxy."""
        return results.rows(
            {"table": "proxies", "sample": kind, "term": construct, "quantity": "proxy"}
            | {"estimate": float(construct in self.proxies)}
            for kind in self.kinds
            for construct in sorted(self.constructs.get(kind, ()))
        )


def lacking(test: Rule, kind: str, offer: Offer) -> Remark | None:
    """Why the data set cannot carry the test, or None."""
    if kind not in offer.kinds:
        return remark("no_data", kind=kind)
    if constructs := unmeasured(test, kind, offer):
        return remark("not_measured", constructs=constructs)
    return _without_groups(test, kind, offer)


def unmeasured(test: Rule, kind: str, offer: Offer) -> list[str]:
    """Constructs for want of which the test is not possible; none where something else lacks before them."""
    if kind not in offer.kinds:
        return []
    missing = [c for c in test.needs.constructs if c not in offer.constructs[kind]]
    if missing or _without_groups(test, kind, offer):
        return missing
    causes = {name for member in test.members for name in re.findall(r"\w+", member)} & set(theory.constructs())
    return sorted(causes - offer.constructs[kind], key=list(theory.constructs()).index)


def _without_groups(test: Rule, kind: str, offer: Offer) -> Remark | None:
    """The roll-outs, groups or levels that a test needs and the data set does not have."""
    needs = test.needs
    if needs.treatments and not set(needs.treatments) & set(offer.treatments):
        return remark("not_recorded")
    for group in needs.groups:
        values = offer.groups[kind].get(group, [])
        if not values:
            return remark("no_group", group=group)
        if len(values) < 2:
            return remark("one_group", group=group, level=values[0])
        named = (*test.plus, *test.minus) if isinstance(test, Contrast) else ()
        absent = [value for value in named if value not in values]
        if absent:
            return remark("group_lacks", group=group, levels=absent)
    return None
