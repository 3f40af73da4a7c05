"""The verbs `stickiness publish`, `stickiness verify` and `stickiness compare`."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from typing import Any

from pipeline.core import paths
from pipeline.wording.texts import Worded
from pipeline.wording.words import said, translated

PAGE = paths.RESULTS / "verification"


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verbs and their arguments."""
    raw = argparse.RawDescriptionHelpFormatter
    publish = verbs.add_parser("publish", help=said("publish_help"))
    publish.add_argument("data_set", nargs="+", metavar=said("set"), help=said("power_set_help"))
    verify = verbs.add_parser("verify", help=said("verify_help"), description=said("verify_about"), formatter_class=raw)
    verify.add_argument("data_set", nargs="*", metavar=said("set"), help=said("verify_set_help"))
    verify.add_argument("--seeds", type=_count, default=0, metavar="N", help=said("seeds_help"))
    compare = verbs.add_parser(
        "compare",
        help=said("compare_help"),
        description=said("compare_about"),
        epilog=said("compare_names"),
        formatter_class=raw,
    )
    compare.add_argument("left", metavar="A")
    compare.add_argument("right", metavar="B")


def publish(options: argparse.Namespace) -> int:
    from pipeline.verifying import publishing

    for name in options.data_set:
        print(said("published_in", path=publishing.publish(name)))
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
    print("\n" + said("verify_page", page=PAGE / "index.html", file=PAGE / "verification.json"))
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
        print(said("all_in", path=path))
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


def _progress(data_set: str, step: str | Worded) -> None:
    print(f"  {data_set}: {translated(step)} …", file=sys.stderr, flush=True)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(said("at_least_one", n=number))
    return number
