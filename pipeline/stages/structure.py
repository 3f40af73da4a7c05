"""structure: clean answers → structural equation models, groups, thresholds, a second opinion (`structure.csv`)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pipeline.cards import card as cards
from pipeline.core import handed, paths, progress, record, results
from pipeline.core.seeds import Seeds


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("structure")
    seeds, usual = Seeds(params.seed, card.id, "structure"), params.structure
    with record.kept(data_set, "structure", seeds):
        parts = []
        if card.survey is not None:
            from models import survey

            data, left_out = (
                pd.read_parquet(paths.made(data_set, "clean", "clean", name))
                for name in ("survey.parquet", "left_out.parquet")
            )
            options = replace(usual, bootstrap=card.resamples("structure", usual.bootstrap))
            rule, _ = card.doubts(params.doubtful)
            of_measure = seeds.of("measure")
            parts = survey.analyses(
                card.questionnaire, data, left_out, options, rule, seeds, lambda: of_measure("quality"), progress.step
            )
        table = results.table(parts, data_set=card.id, simulated=card.simulated, stage="structure", sample="survey")
        results.write(table, paths.of(data_set, "structure.csv"))
