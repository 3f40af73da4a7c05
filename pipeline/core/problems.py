"""Problems with the input as a reader of either language sees them."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.errors import Problem
from pipeline.wording.words import said, translated

SHOWN = 10


def told(problem: Problem) -> str:
    """One problem: where it is, what was found, what was expected, how to mend it."""
    where = translated(problem.file)
    if problem.row is not None:
        where += said("at_row", row=problem.row)
    if problem.column is not None:
        where += said("at_column", column=translated(problem.column))
    found, expected, fix = map(translated, (problem.found, problem.expected, problem.fix))
    return said("problem", where=where, found=found, expected=expected, fix=fix)


def every(problems: Sequence[Problem]) -> str:
    """The first problems one by one, and how many more there are."""
    lines = [told(problem) for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(said("more_problems", n=len(problems) - SHOWN))
    return "\n".join(lines)
