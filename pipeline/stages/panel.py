"""panel: clean panel and cohort → slopes by platform type and their comparison, hazards (`panel.csv`)."""

from __future__ import annotations

from itertools import chain

import pandas as pd

from models.analysis.observed import Observed
from models.analysis.rows import tried
from pipeline.cards import card as cards
from pipeline.cards.parts import Cohort
from pipeline.cleaning import panel_file
from pipeline.core import handed, paths, pieces, quick, record, results
from pipeline.core.seeds import Seeds


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("panel")
    seeds = Seeds(params.seed, card.id, "panel")
    with record.kept(data_set, "panel", seeds) as noted:
        limit = params.panel.rows_in_memory
        parts = _slopes(card.id, card.panel.observed, limit, seeds, noted.elsewhere) if card.panel else []
        parts += _hazards(card.id, card.cohort) if card.cohort else []
        table = results.table(
            parts, card.smallest_cell, data_set=card.id, simulated=card.simulated, stage="panel", sample="panel"
        )
        results.write(table, paths.of(data_set, "panel.csv"))


def _slopes(name: str, asked: Observed, limit: int, seeds: Seeds, elsewhere: set[str]) -> list[pd.DataFrame]:
    """What is found in the panel; of one too large for memory, the slopes of all its users."""
    from models import behaviour

    path = paths.made(name, "clean", "clean", "panel.parquet")
    data, sampled = panel_file.load(path, limit, seeds)
    data, made = behaviour.with_made(data, asked)
    usual = quick.looked_at("panel_checks"), quick.looked_at("slopes_by_other_groups")
    steps = behaviour.analyses(asked, data, made, *usual)
    size = 0 if sampled else pieces.size_of_panel(len(data), len(asked.measures))
    parts = list(chain.from_iterable(pieces.computed(name, steps, seeds, size, elsewhere)))
    if sampled is None:
        return parts
    stream = behaviour.Stream(panel_file.reader(path), asked.measures, behaviour.compared_by(data, asked))
    return [behaviour.with_streamed(pd.concat(parts, ignore_index=True), stream, sampled, seeds)]


def _hazards(name: str, asked: Cohort) -> list[pd.DataFrame]:
    """What is found in the cohort."""
    from models.behaviour import cohort

    data = pd.read_parquet(paths.made(name, "clean", "clean", "cohort.parquet"))
    found = tried("cohort", cohort, data, list(asked.covariates), asked.period, asked.horizon)
    return [rows.assign(sample="cohort") for rows in found]
