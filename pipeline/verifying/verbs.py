"""The verbs `stickiness publish`, `stickiness verify` and `stickiness compare`."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from typing import Any

from pipeline.core import paths

PAGE = paths.RESULTS / "verification"

VERIFY = """\
Computes every published number again, from the source on, in a clean copy of the project, and compares.
The exit code is 0 only if every number is the same or within its tolerance, and every verdict equal
(tolerances by kind of quantity, with reasons: pipeline/verifying/tolerances.yaml). What is published is never changed.
"""
COMPARE = """\
What differs between two results, what matters most first: verdicts, numbers that decide, all others.
"""
NAMES = """\
each of the two is
  corp_rep             the last run here
  corp_rep@7           a rerun with the seed 7
  corp_rep@main        a rerun of a branch, tag or commit
  published/corp_rep   what is published
  <folder>             the folder of a data set in the results of another run
"""


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verbs and their arguments."""
    raw = argparse.RawDescriptionHelpFormatter
    publish = verbs.add_parser("publish", help="put the results of a finished run into published/<set>, for git")
    publish.add_argument("data_set", nargs="+", metavar="set", help="a finished data set")
    verify = verbs.add_parser(
        "verify", help="compute published results again and compare them", description=VERIFY, formatter_class=raw
    )
    verify.add_argument("data_set", nargs="*", metavar="set", help="published data sets; all by default")
    verify.add_argument("--seeds", type=_count, default=0, metavar="N", help="also: verdicts under N other seeds")
    compare = verbs.add_parser(
        "compare", help="what differs between two results", description=COMPARE, epilog=NAMES, formatter_class=raw
    )
    compare.add_argument("left", metavar="A")
    compare.add_argument("right", metavar="B")


def publish(options: argparse.Namespace) -> int:
    from pipeline.verifying import publishing

    for name in options.data_set:
        print(f"published: {publishing.publish(name)} (commit it)")
    return 0


def verify(options: argparse.Namespace) -> int:
    from pipeline.verifying import published, screen, stability, verification

    checked, moved = [], []
    for name in published.chosen(options.data_set):
        one = verification.verify(name, partial(_progress, name))
        checked.append(one)
        if options.seeds and one.state in (verification.REPRODUCED, verification.DIFFERENT):
            tables = stability.reruns(name, options.seeds, partial(_progress, name))
            moved += stability.over_seeds(name, published.load(name).verdicts, tables)
    print(screen.verified(checked))
    if options.seeds:
        print(screen.stability(moved, options.seeds))
    good = passed(checked, named=bool(options.data_set))
    _write(checked, moved, options.seeds, good)
    print(f"\nPage: {PAGE / 'index.html'}   For programs: {PAGE / 'verification.json'}")
    return 0 if good else 1


def passed(checked: list[Any], named: bool) -> bool:
    """Whether all is as published; what is not at hand counts where it was asked for, or where nothing is at hand."""
    from pipeline.verifying.verification import NOT_AT_HAND, REPRODUCED

    states = [one.state for one in checked]
    return REPRODUCED in states and all(s == REPRODUCED or (s == NOT_AT_HAND and not named) for s in states)


def compare(options: argparse.Namespace) -> int:
    from pipeline.verifying import contrast, screen

    names = (options.left, options.right)
    listed = contrast.differences(*map(contrast.resolved, names))
    print(screen.contrasted(names, listed))
    if listed:
        import pandas as pd

        lines = [{**cell.key, "column": cell.column, "left": cell.left, "right": cell.right} for cell in listed]
        path = paths.RESULTS / "comparison.csv"
        with paths.whole(path) as draft:
            pd.DataFrame(lines).to_csv(draft, index=False, lineterminator="\n")
        print(f"All of them: {path}")
    return 0


def _write(checked: list[Any], moved: list[Any], seeds: int, good: bool) -> None:
    """The page in both languages, and the file for programs."""
    from dataclasses import asdict

    from pipeline.verifying import tolerances
    from reports import verification
    from reports.texts import LANGUAGES, Texts, front_link

    content: dict[str, Any] = {
        "passed": good,
        "data_sets": [one.record() for one in checked],
        "tolerances": tolerances.declared(),
        "seeds": seeds,
        "stability": [asdict(one) | {"stable": one.stable} for one in moved],
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True, default=str)
    with paths.whole(PAGE) as draft:
        draft.mkdir()
        (draft / "verification.json").write_text(text.replace(": NaN", ": null") + "\n", encoding="utf-8")
        for language in LANGUAGES:
            (draft / front_link(language)).write_text(verification.html(content, Texts(language)), encoding="utf-8")


def _progress(data_set: str, step: str) -> None:
    print(f"  {data_set}: {step} …", file=sys.stderr, flush=True)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number}: at least 1")
    return number
