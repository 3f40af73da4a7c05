"""panel: clean panel and cohort → slopes by platform type and their comparison, hazards (`panel.csv`)."""

from __future__ import annotations

from itertools import chain

import pandas as pd

from models.survey.rows import tried
from pipeline.cards import card as cards
from pipeline.cards.parts import Panel
from pipeline.cleaning import panel_file
from pipeline.core import handed, paths, pieces, quick, record, results
from pipeline.core.seeds import Seeds

# Rows from which on one process computes everything: each further one would hold a copy of the panel.
HUGE = 200_000


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("panel")
    seeds = Seeds(params.seed, card.id, "panel")
    with record.kept(data_set, "panel", seeds) as elsewhere:
        parts = _panel(card.id, card.panel, params.panel.rows_in_memory, seeds, elsewhere) if card.panel else []
        if card.cohort is not None:
            from models.behaviour import cohort

            spec = card.cohort
            data = pd.read_parquet(paths.made(data_set, "clean", "clean", "cohort.parquet"))
            found = tried("cohort", cohort, data, list(spec.covariates), spec.period, spec.horizon)
            parts += [rows.assign(sample="cohort") for rows in found]
        table = results.table(
            parts, card.smallest_cell, data_set=card.id, simulated=card.simulated, stage="panel", sample="panel"
        )
        results.write(table, paths.of(data_set, "panel.csv"))


def _panel(name: str, panel: Panel, limit: int, seeds: Seeds, elsewhere: set[str]) -> list[pd.DataFrame]:
    """What is found in the panel; of one too large for memory, the slopes of all its users."""
    from models import behaviour

    path = paths.made(name, "clean", "clean", "panel.parquet")
    data, sampled = panel_file.load(path, limit, seeds)
    asked = behaviour.Observed(
        measures=tuple(panel.measures),
        groups=tuple(panel.groups),
        instruments=panel.instruments,
        negative_controls=panel.negative_controls,
        treatments={treatment: entry.stands_for for treatment, entry in panel.treatments.items()},
        enters=panel.of_events and panel.span != "calendar",
    )
    data, made = behaviour.with_made(data, asked)
    usual = quick.looked_at("panel_checks"), quick.looked_at("slopes_by_other_groups")
    steps = behaviour.analyses(asked, data, made, *usual)
    # A further process has to load what estimates panels, which takes as long as a panel of this size by itself.
    size = 0 if sampled or len(data) > HUGE else len(data) * len(panel.measures) ** 2 // 2
    parts = list(chain.from_iterable(pieces.computed(name, steps, seeds, size, elsewhere)))
    if sampled is None:
        return parts
    groups = tuple(group for group in panel.groups if data[group].nunique() > 0)
    stream = behaviour.Stream(panel_file.reader(path), asked.measures, groups)
    return [behaviour.with_streamed(pd.concat(parts, ignore_index=True), stream, sampled, seeds)]
