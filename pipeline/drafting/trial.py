"""A drafted card tried on its data: read, and for a survey cleaned, without writing anything."""

from __future__ import annotations

from pathlib import Path

from pipeline.cards.card import Card
from pipeline.cleaning import survey_answers
from pipeline.core.ledger import Ledger
from pipeline.reading import sources
from pipeline.wording.words import said


def told(card: Card) -> str:
    """How many rows are read, and how many people stay.

    Raises
    ------
    InputError
        Where the data are not as the draft says.
    """
    raw = {}
    for table in card.raw["source"]["files"]:
        path = sources.locate(card, table, None, Path())
        raw[table] = sources.read(card, table, path).frame, path
    if card.survey is None:
        rows = sum(len(frame) for frame, _ in raw.values())
        return said("tried_events", n=f"{rows:,}")
    frame, path = raw[card.survey.table]
    cleaned = survey_answers.clean(card, frame, str(path), Ledger())
    left_open = sum(not item.construct for item in card.items)
    counts = {"n": f"{len(frame):,}", "kept": f"{len(cleaned.kept):,}", "items": len(card.items) - left_open}
    return said("tried_survey", **counts, constructs=len(card.codebook), left=left_open)
