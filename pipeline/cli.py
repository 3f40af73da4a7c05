"""The command line: `stickiness run`, `check`, `summary`, `power`, `multiverse`, `new`, `publish`, `verify`, …"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from pipeline import multiverse, new, power
from pipeline.core import lifeline
from pipeline.core.errors import InputError, Problem, near
from pipeline.verifying import verbs as verifying

DEBUG = "STICKINESS_DEBUG"
STAGES = ("acquire", "clean", "measure", "structure", "panel", "judge", "page")

DESCRIPTION = """\
Stickiness puts a theory of user stickiness to the test: from data cards to a report,
in English and Chinese, with every number traceable to a file and every file to a command.
"""

EPILOG = """\
start here:
  stickiness run        everything: data, estimates, verdicts, report (results/report/index.html)
  stickiness check      only check the cards in data/, in a second
  stickiness power      how many people a study needs, before it is made (stickiness power --help)
  stickiness multiverse one data set under every combination of declared choices, with joint tests
  stickiness verify     whether the published results come out again, number by number

your own data: `stickiness new <name> FILE` drafts data/<name>/card.yaml from an export (stickiness new --help);
read it, correct it, and add <name> to data_sets in params.yaml. Files that may not be shipped lie in data/<name>/
or in the folder that the environment variable STICKINESS_MIRROR names (<mirror>/<name>/<file>).
"""

_KEPT = "what is finished is kept: stickiness run goes on from there"


def parser() -> argparse.ArgumentParser:
    """The arguments of `stickiness`."""
    top = argparse.ArgumentParser(
        "stickiness", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = top.add_subparsers(dest="verb", metavar="command", required=True)
    run = verbs.add_parser("run", help="run the whole pipeline (dvc repro with progress) and show a summary")
    run.add_argument("--force", action="store_true", help="run every stage again, changed or not")
    run.add_argument(
        "--quick",
        action="store_true",
        help="a first look: 200 draws, every page marked, results apart in results/quick; nothing to publish",
    )
    verbs.add_parser("check", help="check the theory, params.yaml and every card named there before computing anything")
    verbs.add_parser("summary", help="show the summary of the last run")
    power.add_to(verbs)
    multiverse.add_to(verbs)
    new.add_to(verbs)
    verifying.add_to(verbs)
    stage = verbs.add_parser("stage", help="run one stage for one data set (this is what dvc.yaml calls)")
    stage.add_argument("stage", choices=[*STAGES, "site"])
    stage.add_argument("data_set", nargs="?", help="a folder under data/; none for site")
    for each in (top, *verbs.choices.values()):
        each.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an unexpected error"
        )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code (0 good, 1 failed, 2 bad input, 130 stopped)."""
    options = parser().parse_args(arguments)
    # One thread for linear algebra: results must not depend on the number of cores (set before NumPy is loaded).
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    if "debug" in options:
        os.environ[DEBUG] = "1"  # stages are processes of their own
    try:
        with lifeline.asked_to_end():
            code = _VERBS[options.verb](options)
            sys.stdout.flush()
            return code
    except BrokenPipeError:  # `stickiness summary | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt as stop:
        print(f"\nstopped; {_KEPT}", file=sys.stderr)
        return 143 if isinstance(stop, lifeline.Terminated) else 130
    except Exception as error:
        if DEBUG in os.environ and not isinstance(error, InputError):
            raise
        return _failed(error)


def _failed(error: Exception) -> int:
    """Say what went wrong; the exit code."""
    if isinstance(error, InputError):
        print(f"error: bad input\n{error}", file=sys.stderr)
        return 2
    from pipeline.running import machine

    refused = machine.refusal(error)
    if refused is not None:
        print(f"error: the machine refuses\n{refused}", file=sys.stderr)
        return 2
    first = (str(error).strip() or "no message").splitlines()[0]
    print(
        f"error: {type(error).__name__}: {first}\nthis is a defect of stickiness; run with --debug for the traceback",
        file=sys.stderr,
    )
    return 1


def _checked() -> list[str]:
    """Names of the data sets to run; theory, specifications, parameters and cards checked."""
    from pipeline.cards import card
    from pipeline.core import declarations, paths

    declarations.check()
    names = paths.params()["data_sets"]
    problems: list[Problem] = []
    if not names:
        problems.append(
            Problem(
                "params.yaml", "no data set", "a list of folder names under data/", "name one there", column="data_sets"
            )
        )
    for name in names:
        try:
            card.load(paths.card_path(name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return names


def _run(options: argparse.Namespace) -> int:
    from pipeline.running import failures, progress
    from pipeline.summary import summary

    names = _checked()
    if options.quick:
        from pipeline.running import quick_look

        outcome = quick_look.look(names)
        if not outcome.code:
            print("Few draws: nothing here is a result. Report: results/quick/report/index.html")
            return 0
        print(failures.told(outcome, names), file=sys.stderr)
        return 1
    outcome = progress.reproduce(names, options.force)
    if outcome.code == 130:
        print(f"stopped; {_KEPT}", file=sys.stderr)
        return 130
    if outcome.failures and outcome.finished:
        _report_of(outcome.finished)
    if outcome.finished:
        print()
        print(summary(outcome.finished))
    if outcome.code:
        print(failures.told(outcome, names), file=sys.stderr)
        return 1
    return 0


def _report_of(finished: list[str]) -> None:
    """The report over the data sets that are finished; the step `site` makes it when all of them are."""
    from pipeline.stages import site

    site.run(finished)


def _check(options: argparse.Namespace) -> int:
    names = _checked()
    print(f"the theory, the choices, params.yaml and {len(names)} cards are in order: {', '.join(names)}")
    return 0


def _summary(options: argparse.Namespace) -> int:
    from pipeline.core import paths
    from pipeline.summary import summary

    names = _checked()
    finished = [name for name in names if paths.of(name, "judge", "verdicts.csv").exists()]
    unfinished = [name for name in names if name not in finished]
    if finished:
        print(summary(finished))
    if unfinished:
        print(f"Without results yet: {', '.join(unfinished)}. Next: stickiness run")
    return 0


def _stage(options: argparse.Namespace) -> int:
    from pipeline.cards import card
    from pipeline.core import declarations, paths
    from pipeline.running import steps

    lifeline.hold_on()
    declarations.check()
    names = paths.params()["data_sets"]
    if options.stage != "site":
        if options.data_set is None:
            raise InputError(Problem("stickiness stage", "no data set", "a folder under data/", near("", names)))
        card.load(paths.card_path(options.data_set))
        names = [options.data_set]
    elif options.data_set is not None:
        raise InputError(
            Problem("stickiness stage", f"site {options.data_set}", "no data set: it is made of all", "stage site")
        )
    steps.require_inputs(options.stage, names)
    module = importlib.import_module(f"pipeline.stages.{options.stage}")
    module.run(names if options.stage == "site" else options.data_set)
    return 0


_VERBS = {
    "run": _run,
    "check": _check,
    "summary": _summary,
    "power": power.run,
    "multiverse": multiverse.run,
    "new": new.run,
    "publish": verifying.publish,
    "verify": verifying.verify,
    "compare": verifying.compare,
    "stage": _stage,
}

if __name__ == "__main__":
    sys.exit(main())
