"""Answers as they stood on the sheet, and who is to be doubted by the rule of params.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline import paths, seeds
from pipeline.card import Card

if TYPE_CHECKING:
    from models.measurement import ResponseQuality


def quality(card: Card, data: pd.DataFrame) -> ResponseQuality:
    """Flag doubtful answers of a clean survey: reversed items are turned back, the questions put in their order."""
    from models import measurement

    params = paths.params()
    sheet = data[["respondent"]].assign(
        **{i.name: i.low + i.high - data[i.name] if i.reversed else data[i.name] for i in card.items}
    )
    return measurement.response_quality(
        sheet,
        card.scales,
        limits={item.name: (item.low, item.high) for item in card.items},
        respondent="respondent",
        seed=seeds.seed(params["seed"], card.id, "measure", "quality"),
    )


def doubtful(found: ResponseQuality) -> list:
    """Respondents whom the rule `doubtful` of params.yaml names."""
    rule = paths.params()["doubtful"]
    return found.excluded(any_of=rule["any_of"], at_least=rule["at_least"])
