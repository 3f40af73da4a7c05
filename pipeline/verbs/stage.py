"""`stickiness stage`: one stage for one data set, which is what `dvc.yaml` calls."""

from __future__ import annotations

import argparse
import importlib

from pipeline.core import lifeline
from pipeline.core.errors import InputError, Problem, near
from pipeline.wording.texts import as_is, worded
from pipeline.wording.words import said

STAGES = ("acquire", "clean", "measure", "structure", "panel", "judge", "page")
# Stages over all data sets.
TOGETHER = ("synthesis", "site")


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser("stage", help=said("stage_help"))
    verb.add_argument("stage", choices=[*STAGES, *TOGETHER], help=said("stage_which_help"))
    verb.add_argument("data_set", nargs="*", metavar=said("set"), help=said("stage_set_help"))


def run(options: argparse.Namespace) -> int:
    from pipeline.core import garbage

    garbage.seldom()
    from pipeline.cards import card
    from pipeline.core import declarations, paths
    from pipeline.running import steps

    lifeline.hold_on()
    known = list(declarations.check_with_parameters().data_sets)
    names = options.data_set or known
    if options.stage not in TOGETHER:
        if len(options.data_set) != 1:
            found = as_is(" ".join(options.data_set)) if options.data_set else worded("no_data_set")
            raise InputError(Problem("stickiness stage", found, worded("one_folder"), near("", known)))
        card.load(paths.card_path(names[0]))
    steps.require_inputs(options.stage, names)
    module = importlib.import_module(f"pipeline.stages.{options.stage}")
    module.run(names if options.stage in TOGETHER else names[0])
    return 0
