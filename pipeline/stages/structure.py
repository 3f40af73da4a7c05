"""structure: clean answers → structural equation models, groups, thresholds, a second opinion (`structure.csv`)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pipeline.cards import card as cards
from pipeline.core import compiled, handed, paths, pieces, progress, quick, record, results
from pipeline.core.seeds import Seeds


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("structure")
    seeds, usual = Seeds(params.seed, card.id, "structure"), params.structure
    with record.kept(data_set, "structure", seeds) as noted:
        parts = []
        if card.survey is not None:
            from models import survey

            asked = card.questionnaire
            data, left_out, flags = (
                pd.read_parquet(paths.made(data_set, "clean", "clean", f"{name}.parquet"))
                for name in ("survey", "left_out", "flags")
            )
            compiled.kernels()
            draws = quick.most(card.resamples("structure", usual.bootstrap))
            in_groups = quick.most(card.resamples("groups", draws)) if quick.looked_at("effects_in_groups") else 0
            options = replace(usual, bootstrap=draws, permutations=quick.most(usual.permutations))
            noted.instead("structure.bootstrap", usual.bootstrap, draws)
            noted.instead("structure.bootstrap_in_groups", draws, in_groups)
            noted.instead("structure.permutations", usual.permutations, options.permutations)
            noted.used |= card.doubts_used
            rule, _ = card.doubts(params.doubtful)
            steps = survey.analyses(asked, data, left_out, options, flags, rule, progress.step, in_groups)
            steps = [step for step in steps if quick.looked_at(step.name)]
            size = len(data) * len(card.items) ** 2
            parts = survey.with_detectable(pieces.computed(card.id, steps, seeds, size, noted.elsewhere), asked, data)
        table = results.table(
            parts, card.smallest_cell, data_set=card.id, simulated=card.simulated, stage="structure", sample="survey"
        )
        results.write(table, paths.of(data_set, "structure.csv"))
