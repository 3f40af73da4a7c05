"""Flags of doubtful answers, beside the clean survey."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.cards.card import Card
from pipeline.core.seeds import Seeds


def write(card: Card, seeds: Seeds, draft: Path) -> None:
    """Flag doubtful answers once, for the measurement that shows them and the models that try to do without them."""
    from models import survey

    data = pd.read_parquet(draft / "survey.parquet")
    found = survey.flagged(card.questionnaire, data, seeds.of("measure")("quality"))
    found.flags.to_parquet(draft / "flags.parquet", index=False)
    found.checks.to_parquet(draft / "checks.parquet", index=False)
