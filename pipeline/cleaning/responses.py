"""Answers as they stood on the sheet, and who is to be doubted by the pre-set rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.cards.card import Card
from pipeline.cards.parts import present
from pipeline.core.blocks import Doubtful
from pipeline.reading import durations

if TYPE_CHECKING:
    from models.measurement import ResponseQuality


def quality(card: Card, data: pd.DataFrame, seed: int) -> ResponseQuality:
    """Flag doubtful answers of a clean survey: reversed items are turned back, the questions put in their order."""
    from models import measurement

    sheet = data[["respondent"]].assign(
        **{i.name: i.low + i.high - data[i.name] if i.reversed else data[i.name] for i in card.items}
    )
    timed = durations.COLUMN in data.columns
    if timed:
        sheet[durations.COLUMN] = data[durations.COLUMN]
    return measurement.response_quality(
        sheet,
        card.codebook,
        limits={item.name: (item.low, item.high) for item in card.items},
        respondent="respondent",
        response_time=durations.COLUMN if timed else None,
        seed=seed,
    )


def rule(card: Card, usual: Doubtful) -> tuple[Doubtful, str]:
    """The rule that says whose answers are doubted, and where it stands: on the card, else in params.yaml (`usual`)."""
    own = present(card.survey).doubtful
    return (own, "card") if own else (usual, "params")


def doubtful(card: Card, found: ResponseQuality, usual: Doubtful) -> list:
    """Respondents whom the rule names."""
    named, _ = rule(card, usual)
    return found.excluded(any_of=named.any_of, at_least=named.at_least)
