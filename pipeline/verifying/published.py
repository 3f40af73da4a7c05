"""What `published/<set>/` holds, as it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.core import paths, results
from pipeline.core.errors import InputError, Problem, near
from pipeline.wording.texts import Worded, as_is, worded

FACTS = "published.json"
# What a synthesis reads of the data set.
FILES = (FACTS, "results.csv", "verdicts.csv", "program.csv", "summary.json")


@dataclass(frozen=True, eq=False)
class Results:
    """The numbers of one data set, published or of a run.

    Attributes
    ----------
    data_set
        Its name.
    rows
        The long table, or the rows of it that are published.
    verdicts
        One row a hypothesis and kind of test.
    facts
        `published.json`: where the numbers come from.
    program
        Path → SHA-256 of every file of the program that they rest on.
    """

    data_set: str
    rows: pd.DataFrame
    verdicts: pd.DataFrame
    facts: dict[str, Any]
    program: dict[str, str]


def names() -> list[str]:
    """Data sets with published results."""
    return sorted(path.parent.name for path in paths.PUBLISHED.glob(f"*/{FACTS}"))


def chosen(asked: Iterable[str]) -> list[str]:
    """The published data sets that are asked for; all where none is named.

    Raises
    ------
    InputError
        For a name without published results, or when nothing is published.
    """
    there, asked = names(), list(dict.fromkeys(asked))
    if not there:
        fix = worded("run_then_publish_set")
        raise InputError(
            Problem(
                f"{paths.PUBLISHED}/", worded("no_published_results"), as_is(f"{paths.PUBLISHED}/<set>/{FACTS}"), fix
            )
        )
    problems = [
        Problem(
            f"{paths.PUBLISHED}/",
            worded("no_published_results_of", name=name),
            worded("published_data_set"),
            near(name, there),
        )
        for name in asked
        if name not in there
    ]
    if problems:
        raise InputError(problems)
    return asked or there


def load(data_set: str) -> Results:
    """The published results of a data set.

    Raises
    ------
    InputError
        For a file that is missing or cannot be read.
    """
    folder = paths.PUBLISHED / data_set
    for name in FILES:
        if not (folder / name).is_file():
            raise InputError(_broken(folder / name, worded("no_such_file")))
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        program = pd.read_csv(folder / "program.csv", dtype=str).set_index("path")["sha256"].to_dict()
        verdicts = results.read(folder / "verdicts.csv")
        rows = results.read(folder / "results.csv")
        verdicts[["hypothesis", "kind", "verdict"]], rows[results.KEYS], facts["whole"], facts["records"]
    except (ValueError, KeyError) as error:
        raise InputError(_broken(folder, worded("cannot_be_read", error=error))) from None
    return Results(data_set, rows, verdicts, facts, program)


def _broken(path: Path, found: Worded) -> Problem:
    fix = worded("take_published_back", path=path.as_posix())
    return Problem(path.as_posix(), found, worded("as_publish_wrote_it"), fix)
