"""Problems with the input as a reader of either language sees them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import yaml

from pipeline.core.errors import Problem, Worded
from pipeline.wording.words import language, said

SHOWN = 10


def told(problem: Problem) -> str:
    """One problem: where it is, what was found, what was expected, how to mend it."""
    where = problem.file
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


def translated(text: str) -> str:
    """A text in the reader's language, as far as the catalogue has its English form; another stays as it is."""
    if language() == "en":
        return text
    if not isinstance(text, Worded):
        return forms().get(text, text)
    values = {name: translated(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return forms().get(text.form, text.form).format(**values)


@cache
def forms() -> dict[str, str]:
    """English form → Chinese form."""
    text = files("pipeline.wording").joinpath("problems.zh.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)
