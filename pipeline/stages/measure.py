"""measure: clean answers → what items and scales are worth, whether groups understand them alike (`measure.csv`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from pipeline.cards import card as cards
from pipeline.core import handed, parallel, paths, progress, record, results
from pipeline.core.handed import Handed
from pipeline.core.seeds import Seeds

# Rows times squared items from which on a data set is worth the start of further processes.
LARGE = 1_000_000

Step = Callable[..., list[pd.DataFrame]]


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("measure")
    seeds = Seeds(params.seed, card.id, "measure")
    with record.kept(data_set, "measure", seeds) as elsewhere:
        parts: list[pd.DataFrame] = []
        if card.survey is not None:
            data = pd.read_parquet(paths.made(data_set, "clean", "clean", "survey.parquet"))
            tasks, order = _tasks(card, data, params, seeds)
            workers = parallel.cores() if len(data) * len(card.items) ** 2 > LARGE else 1
            for rows, given, loaded in parallel.each(tasks, order, workers, progress.step(card.id)):
                parts += rows
                seeds.given.update(given)
                elsewhere |= loaded
        table = results.table(parts, data_set=card.id, simulated=card.simulated, stage="measure", sample="survey")
        results.write(table, paths.of(data_set, "measure.csv"))


def _tasks(card: cards.Card, data: pd.DataFrame, params: Handed, seeds: Seeds) -> tuple[list[parallel.Task], list[int]]:
    """Independent pieces of the stage, and the order in which they begin: ladders of many groups last longest."""
    from models import measurement, survey

    asked, draws = card.questionnaire, card.resamples("measure", params.measure.bootstrap)
    tasks: list[parallel.Task] = [
        (_told, (seeds, "quality", survey.quality_rows, asked, data, *card.doubts(params.doubtful))),
        (_told, (seeds, "scales", survey.scale_rows, asked, data)),
        (_told, (seeds, "validity", survey.validity_rows, asked, data, draws)),
    ]
    weights = [0] * len(tasks)
    asked = asked.without(measurement.not_estimable(data, asked.codebook))
    scales = survey.model_scales(asked)
    if len(scales) > 1:
        for name, step in (
            ("dimensionality", survey.dimension_rows),
            ("misfit", survey.misfit_rows),
            ("method", survey.method_rows),
        ):
            tasks.append((_told, (seeds, name, step, asked, data)))
            weights.append(1)
        for group in (name for name in asked.groups if data[name].nunique() > 1):
            for kind in ("", "ordered"):
                tasks.append((_told, (seeds, "invariance", survey.invariance_rows, data, scales, group, kind)))
                weights.append((2 if kind else 1) + 2 * data[group].nunique())
    return tasks, sorted(range(len(tasks)), key=lambda place: -weights[place])


def _told(seeds: Seeds, name: str, step: Step, *arguments: Any) -> tuple[list[pd.DataFrame], dict, set[str]]:
    """The rows of a step, and the seeds and modules that a process of its own would keep to itself."""
    from models.survey.rows import tried

    return tried(name, step, seeds, *arguments), seeds.given, record.modules()
