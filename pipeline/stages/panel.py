"""panel: clean panel and cohort → slopes by platform type and their comparison, hazards (`panel.csv`)."""

from __future__ import annotations

import pandas as pd

from models.remarks import packed
from models.survey.rows import tried
from pipeline.cards import card as cards
from pipeline.cards.parts import Panel
from pipeline.cleaning import panel_file
from pipeline.core import handed, paths, quick, record, results
from pipeline.core.seeds import Seeds


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("panel")
    seeds = Seeds(params.seed, card.id, "panel")
    with record.kept(data_set, "panel", seeds):
        parts = []
        if card.panel is not None:
            from models import behaviour, specs
            from models.behaviour.panel_models import with_mechanisms

            offered = list(card.panel.measures)
            path = paths.made(data_set, "clean", "clean", "panel.parquet")
            data, sampled = panel_file.load(path, params.panel.rows_in_memory, seeds)
            data, made = with_mechanisms(data, offered)
            stands_for = {name: entry.stands_for for name, entry in card.panel.treatments.items()}
            data, reached = behaviour.with_strategies(data, stands_for, offered)
            made |= reached
            measures = {*offered, *made}
            parts.append(
                results.rows(
                    [
                        {"table": "remarks", "term": key, "quantity": "measured", "note": packed([how])}
                        for key, how in made.items()
                    ]
                )
            )
            parts += tried("descriptives", behaviour.described, data, [*offered, *reached])
            parts += tried("closed_loop", behaviour.closed_loop, data, measures, seeds)
            groups = [name for name in card.panel.groups if data[name].nunique() > 0]
            for name in specs.panel_specs():
                parts += tried(name, _specification, name, data, measures, card.panel, groups, seeds, model=name)
            if stands_for:
                enters = card.panel.of_events and card.panel.span != "calendar"
                parts += tried("roll_outs", behaviour.roll_outs, data, stands_for, set(offered), enters)
            if sampled:
                stream = behaviour.Stream(panel_file.reader(path), tuple(offered), tuple(groups))
                parts = [behaviour.with_streamed(pd.concat(parts, ignore_index=True), stream, sampled, seeds)]
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


def _specification(
    name: str, data: pd.DataFrame, measures: set[str], asked: Panel, groups: list[str], seeds: Seeds
) -> list[pd.DataFrame]:
    """Slopes of one specification, and what they rest on."""
    from models import behaviour

    rows, fit = behaviour.slopes(name, data, measures, seeds)
    parts = [rows]
    if quick.looked_at("panel_checks"):
        parts += tried(name, behaviour.panel_checks, name, fit, data, measures, seeds, model=name)
    parts += tried(name, behaviour.endogeneity, name, fit, data, asked.instruments, asked.negative_controls, model=name)
    if fit is not None and quick.looked_at("slopes_by_other_groups"):
        for group in groups:
            parts += tried(group, behaviour.slopes_by, name, data, measures, group, model=name)
    return parts
