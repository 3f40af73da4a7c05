"""What a card and its clean data offer to the tests of the theory."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from models import theory
from models.evidence.offer import Offer
from pipeline.cards.data_card import Card
from pipeline.cards.parts import Survey


def sizes(clean: Path) -> dict[str, int]:
    """Kind of data → rows of the clean table in a folder."""
    files = {kind: clean / f"{kind}.parquet" for kind in ("survey", "panel", "cohort")}
    return {kind: len(pd.read_parquet(path, columns=[])) for kind, path in files.items() if path.exists()}


def offer(card: Card, clean: Path) -> Offer:
    """What the card and the clean data in a folder offer to the tests."""
    constructs, groups, kinds = {}, {}, []
    for kind, part in card.parts.items():
        if kind == "cohort" and card.panel:
            continue
        kinds.append(kind)
        constructs[kind] = theory.offered(set(card.codebook) if isinstance(part, Survey) else part.measured)
        declared = list(part.groups)
        data = pd.read_parquet(clean / f"{kind}.parquet", columns=declared) if declared else {}
        groups[kind] = {name: sorted(data[name].dropna().unique()) for name in declared}
    treatments = tuple(entry.stands_for for entry in (card.panel.treatments if card.panel else {}).values())
    if treatments:
        constructs["panel"] |= set(theory.strategies(treatments))
    return Offer(tuple(kinds), constructs, groups, treatments, frozenset(card.proxies))
