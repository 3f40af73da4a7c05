"""`stickiness multiverse`: every admissible combination of declared choices, and what they say together."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pandas as pd

from models.choices import choices
from pipeline.cards.card import Card
from pipeline.core import handed, kept, on_demand, paths, results
from pipeline.core.errors import InputError, Problem
from pipeline.core.record import Noted
from pipeline.core.seeds import Seeds
from pipeline.verbs import named
from pipeline.wording.texts import as_is, worded
from pipeline.wording.words import said

STAGE = "multiverse"
Task = tuple[Callable[..., Any], tuple[Any, ...]]


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser(STAGE, help=said("multiverse_help"), description=said("multiverse_about"))
    verb.add_argument("data_set", metavar=said("set"), help=said("multiverse_set_help"))
    usual = said("multiverse_draws_help", n=choices.multiverse_draws)
    verb.add_argument("--resamples", type=int, metavar="N", help=usual)


def run(options: argparse.Namespace) -> int:
    """Compute, write the results, and mark the page as one to be drawn again."""
    from pipeline.cards import card as cards

    (name,) = named.checked([options.data_set])
    card = cards.load(paths.card_path(name))
    draws = choices.multiverse_draws if options.resamples is None else options.resamples
    if draws < 19:
        raise InputError(
            Problem("--resamples", as_is(str(draws)), worded("multiverse_draws_least"), worded("multiverse_draws_fix"))
        )
    seeds = Seeds(handed.to("structure").seed, card.id, STAGE)
    with on_demand.kept(card.id, STAGE, draws, ["multiverse_draws"], seeds) as found:
        rows = [part for of in (_survey, _panel) for part in of(card, draws, seeds, found.noted)]
        if not rows:
            fix = as_is(f"stickiness show {card.id} verdicts")
            raise InputError(Problem(str(card.path), worded("multiverse_nothing"), worded("multiverse_needs"), fix))
        common = {"data_set": card.id, "simulated": card.simulated, "stage": STAGE}
        found.rows = results.table(rows, card.smallest_cell, **common)
    print(said("multiverse_done", file=paths.of(card.id, STAGE, "results.csv").as_posix(), n=len(found.rows)))
    if paths.of(card.id, "judge").exists():
        print(said("multiverse_page", name=card.id))
    return 0


def _survey(card: Card, draws: int, seeds: Seeds, noted: Noted) -> list[pd.DataFrame]:
    if card.survey is None:
        return []
    from models.analysis.joint_curve import joint_rows
    from models.survey import multiverse
    from models.survey.specifications import universes

    params = handed.to("structure")
    asked, names = card.questionnaire, ("survey", "left_out", "flags")
    files = [paths.made(card.id, "clean", "clean", f"{name}.parquet") for name in names]
    data, left_out, flags = map(pd.read_parquet, files)
    rule, _ = card.doubts(params.doubtful)
    noted.used |= card.doubts_used
    noted.instead("structure.bootstrap", params.structure.bootstrap, draws)
    noted.instead("structure.permutations", params.structure.permutations, 0)
    prepared = multiverse.variants_of(asked, data, left_out, flags, rule, params.structure)
    if prepared is None:
        return []
    variants, asked = prepared
    controls, seed = list(asked.controls), seeds("survey")
    groups = multiverse.sharing(universes(variants, controls, asked=True))
    key = kept.digest("survey", draws, seed, rule, variants.main, files=[*files, card.path])
    tasks: dict[str, Task] = {
        "; ".join(one.name for one in group): (survey_piece, (variants, group, controls, draws, seed))
        for group in groups
    }
    found = kept.computed(card.id, paths.of(card.id, f"{STAGE}.survey.pieces"), key, tasks, noted.elsewhere)
    main = variants.fit(variants.main)
    assert main is not None, "it was fitted before"
    parts = [one for group in found for one in group]
    return [joint_rows(parts, multiverse.predicted(main), main.spec).assign(sample="survey")]


def survey_piece(variants: Any, group: Any, controls: list[str], draws: int, seed: int) -> list[Any]:
    """Combinations that share a fit, in a process of its own."""
    from models.survey import multiverse

    people = variants.people.get("with_left_out", variants.people["all"])
    return multiverse.drawn(variants, group, controls, multiverse.resamples(len(people), draws, seed))


def _panel(card: Card, draws: int, seeds: Seeds, noted: Noted) -> list[pd.DataFrame]:
    if card.panel is None:
        return []
    from models import behaviour, specs
    from models.analysis.joint_curve import joint_rows
    from models.behaviour import multiverse
    from models.behaviour.panel_models import stated
    from pipeline.cleaning import panel_file

    params = handed.to("panel")
    path = paths.made(card.id, "clean", "clean", "panel.parquet")
    data, _ = panel_file.load(path, params.panel.rows_in_memory, seeds.of("panel"))
    data, made = behaviour.with_made(data, card.panel.observed)
    measures, seed = {*card.panel.measures, *made}, seeds("panel")
    names = [name for name in multiverse.tested() if stated(specs.panel_specs()[name], measures)]
    of_run = seeds.of("panel")
    tasks: dict[str, Task] = {}
    for name in names:
        for one in multiverse.universes(name, data, measures):
            tasks[f"{name}: {one.name}"] = (panel_piece, (name, data, measures, one, draws, seed, of_run))
    if not tasks:
        return []
    key = kept.digest("panel", draws, seed, files=[path, card.path])
    found = []
    for piece, given in kept.computed(card.id, paths.of(card.id, f"{STAGE}.panel.pieces"), key, tasks, noted.elsewhere):
        seeds.given.update(given)
        found.append(piece)
    of = dict.fromkeys(names)
    parts = {name: [one for task, one in zip(tasks, found, strict=True) if task.startswith(f"{name}: ")] for name in of}
    return [joint_rows(parts[name], multiverse.predicted(name), name).assign(sample="panel") for name in names]


def panel_piece(
    name: str, data: pd.DataFrame, measures: set[str], one: Any, draws: int, seed: int, of_run: Seeds
) -> tuple[Any, dict[tuple[str, ...], int]]:
    """A combination, in a process of its own, and the seeds that it took."""
    from models.behaviour import multiverse

    drawn = multiverse.drawn(name, data, measures, one, multiverse.signs(data, draws, seed), of_run)
    return drawn, of_run.given
