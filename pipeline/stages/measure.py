"""measure: clean answers → what items and scales are worth, whether groups understand them alike (`measure.csv`)."""

from __future__ import annotations

from itertools import chain

import pandas as pd

from pipeline.cards import card as cards
from pipeline.core import compiled, handed, paths, pieces, quick, record, results
from pipeline.core.seeds import Seeds


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("measure")
    seeds = Seeds(params.seed, card.id, "measure")
    with record.kept(data_set, "measure", seeds) as noted:
        parts: list[pd.DataFrame] = []
        if card.survey is not None:
            from models import survey

            asked = card.questionnaire
            data, flags, checks = (
                pd.read_parquet(paths.made(data_set, "clean", "clean", f"{name}.parquet"))
                for name in ("survey", "flags", "checks")
            )
            flagged = survey.Flagged(flags, checks)
            compiled.kernels()
            draws = quick.most(card.resamples("measure", params.measure.bootstrap))
            noted.instead("measure.bootstrap", params.measure.bootstrap, draws)
            noted.used |= card.doubts_used
            steps = survey.measurements(asked, data, flagged, *card.doubts(params.doubtful), draws)
            steps = [step for step in steps if quick.looked_at(step.name)]
            size = len(data) * len(card.items) ** 2
            parts = list(chain.from_iterable(pieces.computed(card.id, steps, seeds, size, noted.elsewhere)))
        table = results.table(
            parts, card.smallest_cell, data_set=card.id, simulated=card.simulated, stage="measure", sample="survey"
        )
        results.write(table, paths.of(data_set, "measure.csv"))
