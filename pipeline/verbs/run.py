"""`stickiness run`: everything, or the part of some data sets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pipeline.verbs import named
from pipeline.wording.words import said


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    raw = argparse.RawDescriptionHelpFormatter
    verb = verbs.add_parser("run", help=said("run_help"), description=said("run_about"), formatter_class=raw)
    verb.add_argument("data_set", nargs="*", metavar=said("set"), help=said("run_set_help"))
    verb.add_argument("--force", action="store_true", help=said("force_help"))
    verb.add_argument("--quick", action="store_true", help=said("quick_help"))


def run(options: argparse.Namespace) -> int:
    from pipeline.running import failures, progress
    from pipeline.verbs.summary import summary

    names = named.checked(options.data_set)
    if options.quick:
        return _quick(names)
    if options.data_set:
        _enlist(names)
    outcome = progress.reproduce(names, options.force, alone=bool(options.data_set))
    if outcome.code == 130:
        print(said("stopped"), file=sys.stderr)
        return 130
    if outcome.finished and not outcome.kept and (outcome.failures or options.data_set):
        _report_of(outcome.finished)
    outcome.remember()
    if outcome.finished:
        print()
        print(summary(outcome.finished))
    if outcome.code:
        print(failures.told(outcome, names), file=sys.stderr)
        return 1
    return 0


def _quick(names: Sequence[str]) -> int:
    from pipeline.running import failures, quick_look

    outcome = quick_look.look(names)
    if outcome.code:
        print(failures.told(outcome, names), file=sys.stderr)
        return 1
    print(said("few_draws", path="results/quick/report/index.html"))
    return 0


def _enlist(names: Sequence[str]) -> None:
    """Add to params.yaml what is not there yet: DVC runs what it names."""
    from pipeline.core import paths
    from pipeline.running import enlisting

    for name in names:
        if name not in paths.params().data_sets:
            enlisting.add(name)
            print(said("enlisted", name=name))


def _report_of(finished: Sequence[str]) -> None:
    """The report over the data sets that are finished, these and earlier ones; `site` makes it when all of them are."""
    from pipeline.core import paths
    from pipeline.stages import site, synthesis

    pages = paths.RESULTS / "pages"
    others = [name for name in paths.params().data_sets if (pages / name / "summary.json").exists()]
    shown = [name for name in others if name in finished or paths.of(name, "judge").exists()]
    synthesis.run([name for name in shown if (paths.RESULTS / "judged" / name).exists()])
    site.run(shown)
