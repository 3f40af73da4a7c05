"""`stickiness open`: the report in the browser."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import as_is, worded
from pipeline.wording.words import language, said, typed


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser("open", help=said("open_help"))
    verb.add_argument("data_set", nargs="?", default="", metavar=said("set"), help=said("open_set_help"))


def run(options: argparse.Namespace) -> int:
    page = _page(options.data_set)
    print(said("opened", path=page))
    webbrowser.open(page.resolve().as_uri())
    return 0


def _page(data_set: str) -> Path:
    from pipeline.core import paths
    from pipeline.verbs import named
    from reports.texts import front_link

    if not data_set:
        page, again = paths.RESULTS / "report" / front_link(language()), "stickiness run"
    else:
        (name,) = named.checked([data_set])
        page, again = paths.RESULTS / "report" / name / f"{language()}.html", f"stickiness run {typed(name)}"
    if not page.exists():
        raise InputError(Problem(page.as_posix(), worded("no_report"), worded("a_report"), as_is(again)))
    return page
