"""Which hypotheses a card makes testable, and what is lacking for the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models import theory
from models.evidence.offer import lacking
from pipeline.wording.words import listed, said

if TYPE_CHECKING:
    from models.evidence.offer import Offer
    from reports.texts import Texts

# Constructs of which it is said what they would open.
MOST = 3


def told(name: str, offer: Offer, texts: Texts) -> list[str]:
    """A line a hypothesis and kind of data, and the constructs that would open most of the others."""
    lines: list[str] = []
    for kind in offer.kinds:
        if kind == "cohort":
            continue
        lacks = {key: lacking(getattr(one, kind), kind, offer) for key, one in theory.hypotheses().items()}
        good = sum(found is None for found in lacks.values())
        kind_worded = said(f"kind_of_{kind}")
        lines += ["", said("makes_testable", name=name, kind=kind_worded, n=good, all=len(lacks))]
        for key, found in lacks.items():
            lines.append(
                said("can_test", id=key, claim=texts.claim(key, kind))
                if found is None
                else said("cannot_test", id=key, why=found.worded(texts))
            )
        opens = _opened(kind, offer, [key for key, found in lacks.items() if found is not None])
        for construct, ids in list(opens.items())[:MOST]:
            lines.append(said("opens", construct=texts.construct(construct), n=len(ids), ids=listed(ids)))
    return lines


def _opened(kind: str, offer: Offer, closed: list[str]) -> dict[str, list[str]]:
    """Construct that is not measured → the hypotheses that it alone would open, those that open most first."""
    opens: dict[str, list[str]] = {}
    for construct, entry in theory.constructs().items():
        if construct in offer.constructs[kind]:
            continue
        more = replace(
            offer, constructs=offer.constructs | {kind: theory.offered({*offer.constructs[kind], construct})}
        )
        tests = {key: getattr(theory.hypotheses()[key], kind) for key in closed}
        ids = [key for key, test in tests.items() if lacking(test, kind, more) is None]
        if ids and ids != opens.get(entry.part_of or ""):
            opens[construct] = ids
    return dict(sorted(opens.items(), key=lambda pair: -len(pair[1])))


def groups_asked(declared: set[str]) -> dict[str, list[str]]:
    """Group that hypotheses ask for and a card does not have → these hypotheses."""
    asked: dict[str, list[str]] = {}
    for key, hypothesis in theory.hypotheses().items():
        for group in {*hypothesis.survey.needs.groups, *hypothesis.panel.needs.groups} - declared:
            asked.setdefault(group, []).append(key)
    return asked
