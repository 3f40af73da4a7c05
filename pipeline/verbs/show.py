"""`stickiness show`: verdicts, or any other exhibit of a data set, in the terminal."""

from __future__ import annotations

import argparse
import html
import re
from typing import TYPE_CHECKING

from pipeline.core.errors import InputError, Problem, near
from pipeline.verbs import named
from pipeline.wording import columns
from pipeline.wording.texts import as_is, worded
from pipeline.wording.words import language, listed, said, typed

if TYPE_CHECKING:
    from reports.exhibits import Figure, Table
    from reports.reading import Report
    from reports.texts import Texts

# What is shown unless an exhibit is named.
USUAL = ("verdicts", "fit")
CELL = 46


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser("show", help=said("show_help"))
    verb.add_argument("data_set", metavar=said("set"), help=said("open_set_help"))
    verb.add_argument("exhibit", nargs="?", default="", help=said("show_exhibit_help"))


def run(options: argparse.Namespace) -> int:
    from reports.named import EXHIBITS

    if options.exhibit and options.exhibit not in EXHIBITS:
        found = worded("unknown_exhibit", name=options.exhibit)
        fix = near(options.exhibit, EXHIBITS)
        raise InputError(Problem("stickiness show", found, worded("exhibit_of"), fix))
    report, texts = finished(options.data_set)
    if report.simulated:
        print(said("simulated_data") + "\n")
    for name in [options.exhibit] if options.exhibit else USUAL:
        exhibits = EXHIBITS[name](report, texts)
        if options.exhibit and not exhibits:
            print(said("empty_exhibit", name=name))
        for exhibit in exhibits:
            print("\n".join(lines(exhibit, report.id)) + "\n")
    if not options.exhibit:
        print("\n".join(columns.wrapped(said("also_shown", name=report.id, exhibits=listed(EXHIBITS)))))
    return 0


def finished(name: str) -> tuple[Report, Texts]:
    """The results of a data set, and the texts in which they are told.

    Raises
    ------
    InputError
        For a data set that has no results.
    """
    from pipeline.core import paths
    from reports import reading
    from reports.texts import Texts, group_names

    (data_set,) = named.checked([name])
    verdicts = paths.of(data_set, "judge", "verdicts.csv")
    if not verdicts.exists():
        fix = as_is(f"stickiness run {typed(data_set)}")
        raise InputError(Problem(verdicts.as_posix(), worded("no_results"), worded("results_of"), fix))
    report = reading.read(data_set)
    return report, Texts(language(), group_names(report.card))


def lines(exhibit: Table | Figure, data_set: str) -> list[str]:
    """An exhibit as lines of text."""
    from reports.exhibits import NUMBER, Band, Table

    if not isinstance(exhibit, Table):
        return [said("figure_only", caption=plain(exhibit.caption), name=data_set)]
    kept = exhibit.filled
    rows = [
        [plain(row.label)] if isinstance(row, Band) else [columns.short(plain(row[i]), CELL) for i in kept]
        for row in exhibit.rows
    ]
    head = [plain(exhibit.head[i]) for i in kept]
    right = [place for place, i in enumerate(kept) if exhibit.kinds[i] == NUMBER]
    return [plain(exhibit.caption), "", *columns.aligned(head, rows, right)]


def plain(text: str) -> str:
    """A text without tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br ?/?>", " – ", str(text)))).strip()
