"""The command line: `stickiness` and its verbs, each of which is a module of `pipeline/verbs`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from pipeline.core import languages, lifeline, problems
from pipeline.core.errors import InputError
from pipeline.running import tagged
from pipeline.wording import arguments
from pipeline.wording.words import said

DEBUG = "STICKINESS_DEBUG"
# Verb → the module that declares its arguments (`add_to`) and the function that runs it, in the order of the help.
VERBS = {
    "run": ("pipeline.verbs.run", "run"),
    "check": ("pipeline.verbs.check", "run"),
    "list": ("pipeline.verbs.listing", "run"),
    "show": ("pipeline.verbs.show", "run"),
    "explain": ("pipeline.verbs.explain", "run"),
    "open": ("pipeline.verbs.opening", "run"),
    "summary": ("pipeline.verbs.summary", "run"),
    "power": ("pipeline.power", "run"),
    "multiverse": ("pipeline.multiverse", "run"),
    "null": ("pipeline.null", "run"),
    "new": ("pipeline.new", "run"),
    "publish": ("pipeline.verifying.verbs", "publish"),
    "verify": ("pipeline.verifying.verbs", "verify"),
    "compare": ("pipeline.verifying.verbs", "compare"),
    "doctor": ("pipeline.examining.verb", "doctor"),
    "freeze": ("pipeline.examining.verb", "freeze"),
    "package": ("pipeline.depositing.verb", "run"),
    "export": ("pipeline.verbs.export", "run"),
    "stage": ("pipeline.verbs.stage", "run"),
    "completion": ("pipeline.verbs.completion", "run"),
}


def parser(verb: str | None = None) -> argparse.ArgumentParser:
    """The arguments of `stickiness`, of one of its verbs where it is known: a stage does not load the others."""
    arguments.translated()
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("stickiness", description=said("about"), epilog=said("examples"), formatter_class=raw)
    verbs = top.add_subparsers(dest="verb", metavar=said("command"), required=True)
    known = [VERBS[verb]] if verb in VERBS else VERBS.values()
    for module in dict.fromkeys(module for module, _ in known):
        importlib.import_module(module).add_to(verbs)
    for each in (top, *verbs.choices.values()):
        each.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=said("debug_help"))
    return top


def main(given: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code (0 good, 1 failed, 2 bad input, 130 stopped)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese letters shows marks in their place
    # One thread for linear algebra: results must not depend on the number of cores (set before NumPy is loaded).
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        languages.check()
    except InputError as error:
        return _failed(error)
    typed = sys.argv[1:] if given is None else given
    options = parser(next(iter(typed), None)).parse_args(typed)
    if "debug" in options:
        os.environ[DEBUG] = "1"  # stages are processes of their own
    with tagged.own_lines():
        return _ended(options)


def _ended(options: argparse.Namespace) -> int:
    """Do what is asked; the exit code, with a word on what went wrong."""
    module, function = VERBS[options.verb]
    try:
        with lifeline.asked_to_end():
            code = getattr(importlib.import_module(module), function)(options)
            sys.stdout.flush()
            return code
    except BrokenPipeError:  # `stickiness summary | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt as stop:
        print(f"\n{said('stopped')}", file=sys.stderr)
        return 143 if isinstance(stop, lifeline.Terminated) else 130
    except Exception as error:
        if DEBUG in os.environ and not isinstance(error, InputError):
            raise
        return _failed(error)


def _failed(error: Exception) -> int:
    """Say what went wrong; the exit code."""
    if isinstance(error, InputError):
        print(f"{said('bad_input')}\n{problems.every(error.problems)}", file=sys.stderr)
        return 2
    from pipeline.running import machine

    refused = machine.refusal(error)
    if refused is not None:
        print(f"{said('machine_refuses')}\n{problems.told(refused)}", file=sys.stderr)
        return 2
    first = (str(error).strip() or said("no_message")).splitlines()[0]
    print(said("defect", name=type(error).__name__, first=first, defect=said("a_defect")), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
