"""The command line: `stickiness run`, `stickiness check`, `stickiness power`, `stickiness stage`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline import power

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

your own data: copy data/corp_rep/card.yaml to data/<name>/card.yaml, edit it, and add <name>
to data_sets in params.yaml. Files that may not be shipped go to data/<name>/ or to the folder
that the environment variable STICKINESS_MIRROR names (<mirror>/<name>/<file>).
"""


def parser() -> argparse.ArgumentParser:
    """The arguments of `stickiness`."""
    top = argparse.ArgumentParser(
        "stickiness", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = top.add_subparsers(dest="verb", metavar="command", required=True)
    run = verbs.add_parser("run", help="run the whole pipeline (dvc repro with progress) and show a summary")
    run.add_argument("--force", action="store_true", help="run every stage again, changed or not")
    verbs.add_parser("check", help="check every card named in params.yaml before computing anything")
    verbs.add_parser("summary", help="show the summary of the last run")
    power.add_to(verbs)
    stage = verbs.add_parser("stage", help="run one stage for one data set (this is what dvc.yaml calls)")
    stage.add_argument("stage", choices=[*STAGES, "site"])
    stage.add_argument("data_set", nargs="?", help="a folder under data/; none for site")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code (0 good, 2 bad input)."""
    options = parser().parse_args(arguments)
    # One thread for linear algebra: results must not depend on the number of cores (set before NumPy is loaded).
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    from pipeline.errors import InputError

    try:
        return _VERBS[options.verb](options)
    except InputError as error:
        print(f"error: bad input\n{error}", file=sys.stderr)
        return 2


def _checked() -> list[str]:
    """Names of the data sets to run, their cards checked."""
    from pipeline import card, paths, yaml_files
    from pipeline.errors import InputError, Problem

    for folder in ("models/theory", "models/specs"):
        for path in sorted(Path(folder).glob("*.yaml")):
            yaml_files.read(path)
    names = paths.params().get("data_sets") or []
    if not names or len(set(names)) < len(names):
        found = "no data set" if not names else f"a name twice in {names}"
        raise InputError(
            Problem(
                "params.yaml",
                found,
                "a list of different folder names under data/",
                "edit data_sets",
                column="data_sets",
            )
        )
    problems: list[Problem] = []
    for name in names:
        try:
            card.load(paths.card_path(name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return names


def _run(options: argparse.Namespace) -> int:
    from pipeline.progress import reproduce
    from pipeline.summary import summary

    names = _checked()
    code = reproduce(names, options.force)
    if code == 0:
        print()
        print(summary(names))
    return code


def _check(options: argparse.Namespace) -> int:
    names = _checked()
    print(f"{len(names)} cards are in order: {', '.join(names)}")
    return 0


def _summary(options: argparse.Namespace) -> int:
    from pipeline.summary import summary

    print(summary(_checked()))
    return 0


def _stage(options: argparse.Namespace) -> int:
    from pipeline import paths
    from pipeline.errors import InputError, Problem

    module = importlib.import_module(f"pipeline.stages.{options.stage}")
    if options.stage == "site":
        module.run(paths.params()["data_sets"])
        return 0
    if options.data_set is None:
        raise InputError(Problem("stickiness stage", "no data set", "a folder under data/", "name one"))
    module.run(options.data_set)
    return 0


_VERBS = {"run": _run, "check": _check, "summary": _summary, "power": power.run, "stage": _stage}

if __name__ == "__main__":
    sys.exit(main())
