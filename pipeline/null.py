"""`stickiness null`: how often data like these would give a verdict if nothing were true."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from models import evidence, theory
from models.analysis.setting import Estimation
from models.choices import choices
from models.evidence import Offer
from models.evidence.offer import lacking
from models.measurement import MeasurementError
from pipeline.cards.card import Card
from pipeline.cards.offered import offer
from pipeline.core import handed, kept, on_demand, paths, results
from pipeline.core.errors import InputError, Problem
from pipeline.core.record import Noted
from pipeline.core.seeds import Seeds
from pipeline.multiverse import Task
from pipeline.verbs import named
from pipeline.wording.texts import as_is, worded
from pipeline.wording.words import said

STAGE = "null"


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser(STAGE, help=said("null_help"), description=said("null_about"))
    verb.add_argument("data_set", metavar=said("set"), help=said("multiverse_set_help"))
    usual = choices.null_draws
    verb.add_argument("--draws", type=int, default=usual, metavar="N", help=said("null_draws_help", n=usual))


def run(options: argparse.Namespace) -> int:
    """Simulate, judge, and write how often each hypothesis is supported."""
    from pipeline.cards import card as cards

    (name,) = named.checked([options.data_set])
    card = cards.load(paths.card_path(name))
    if options.draws < 1:
        raise InputError(
            Problem("--draws", as_is(str(options.draws)), worded("null_draws_least"), worded("null_draws_fix"))
        )
    seeds = Seeds(handed.to("structure").seed, card.id, STAGE)
    with on_demand.kept(card.id, STAGE, options.draws, ["null_draws", "null_resamples"], seeds) as found:
        parts = [part for of in (_survey, _panel) for part in of(card, options.draws, seeds, found.noted) if len(part)]
        if not parts:
            fix = as_is(f"stickiness show {card.id} verdicts")
            raise InputError(Problem(str(card.path), worded("null_nothing"), worded("null_needs"), fix))
        found.rows = results.table(parts, data_set=card.id, simulated=card.simulated, stage=STAGE)
    print(said("multiverse_done", file=paths.of(card.id, STAGE, "results.csv").as_posix(), n=len(found.rows)))
    if paths.of(card.id, "judge").exists():
        print(said("null_page", name=card.id))
    return 0


def _survey(card: Card, draws: int, seeds: Seeds, noted: Noted) -> list[pd.DataFrame]:
    if card.survey is None or not _testable(_offer(card), "survey"):
        return []
    from models import survey

    params = handed.to("structure")
    path = paths.made(card.id, "clean", "clean", "survey.parquet")
    asked, data = card.questionnaire, pd.read_parquet(path)
    usual = params.structure
    options = Estimation(usual.missing, usual.estimator, usual.min_group, 0, choices.null_resamples)
    noted.instead("structure.bootstrap", usual.bootstrap, options.bootstrap)
    noted.instead("structure.permutations", usual.permutations, options.permutations)
    try:
        source = survey.unrelated(asked, data)
    except MeasurementError as error:
        fix = as_is(f"stickiness show {card.id} scales")
        raise InputError(Problem(str(card.path), as_is(error), worded("null_factor_model"), fix)) from error
    judged = partial(_judged_survey, asked, source, options, _offer(card))
    return _verdicts(card, "survey", draws, seeds, judged, [path, card.path], options, noted.elsewhere)


def _judged_survey(asked: Any, source: Any, options: Estimation, offered: Offer, seeds: Any) -> pd.DataFrame:
    """The verdicts on one simulated survey, in a process of its own."""
    from models import survey

    data = source.draw(np.random.default_rng(seeds("answers")))
    return _judged(survey.deciding_rows(asked, data, options, seeds), "survey", offered)


def _panel(card: Card, draws: int, seeds: Seeds, noted: Noted) -> list[pd.DataFrame]:
    if card.panel is None or not _testable(_offer(card), "panel"):
        return []
    from pipeline.cleaning import panel_file

    params = handed.to("panel")
    path = paths.made(card.id, "clean", "clean", "panel.parquet")
    data, _ = panel_file.load(path, params.panel.rows_in_memory, seeds)
    asked = card.panel.observed
    judged = partial(_judged_panel, data, asked, _offer(card))
    return _verdicts(card, "panel", draws, seeds, judged, [path, card.path], asked, noted.elsewhere)


def _judged_panel(data: pd.DataFrame, asked: Any, offered: Offer, seeds: Any) -> pd.DataFrame:
    """The verdicts on one simulated panel, in a process of its own."""
    from models import behaviour

    simulated = behaviour.unrelated(data, asked.measures, np.random.default_rng(seeds("signs")))
    rows = behaviour.deciding_rows(simulated, asked, seeds)
    return _judged(rows, "panel", offered)


def _judged(rows: pd.DataFrame, kind: str, offered: Offer) -> pd.DataFrame:
    table = results.table([rows], data_set="", simulated=True, stage=STAGE, sample=kind)
    return evidence.verdicts(evidence.with_links(table), offered)


def _offer(card: Card) -> Offer:
    return offer(card, paths.of(card.id, "clean"))


def _testable(offered: Offer, kind: str) -> bool:
    """Whether the data have what any hypothesis needs."""
    return any(lacking(getattr(one, kind), kind, offered) is None for one in theory.hypotheses().values())


def _verdicts(
    card: Card,
    kind: str,
    draws: int,
    seeds: Seeds,
    judged: Any,
    files: list[Any],
    rests_on: object,
    elsewhere: set[str],
) -> list[pd.DataFrame]:
    """Every simulated data set judged, on all cores; the ones that are done from an earlier try are read."""
    start = Seeds(seeds.start, seeds.data_set, seeds.stage)
    tasks: dict[str, Task] = {str(draw): (_drawn, (judged, start, kind, draw)) for draw in range(draws)}
    key = kept.digest(kind, seeds.start, rests_on, files=files)
    folder = paths.of(card.id, f"{STAGE}.{kind}.pieces")
    found = kept.computed(f"{card.id} {kind}", folder, key, tasks, elsewhere)
    for _, given in found:
        seeds.given.update(given)
    return [evidence.false_verdicts([verdicts for verdicts, _ in found], kind)]


def _drawn(judged: Any, start: Seeds, kind: str, draw: int) -> tuple[pd.DataFrame, dict[tuple[str, ...], int]]:
    """The verdicts on one simulated data set, and the seeds that it was drawn from."""
    seeds = Seeds(start.start, start.data_set, start.stage)
    return judged(partial(seeds, kind, str(draw))), seeds.given
