"""Messages for bad input: where, what was found, what was expected, how to fix it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.messages import near_names
from pipeline.wording.texts import Worded, either, worded

LONGEST = 120


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input.

    Attributes
    ----------
    file
        File in which it stands.
    found, expected, fix
        What is there, what should be, what to do.
    row
        Line or data row, counted from 1 as an editor or spreadsheet shows it, where there is one.
    column
        Column or key, where there is one.
    """

    file: str | Worded
    found: Worded
    expected: Worded
    fix: Worded
    row: int | None = None
    column: str | Worded | None = None

    def __str__(self) -> str:
        where = str(self.file)
        if self.row is not None:
            where += f", row {self.row}"
        if self.column is not None:
            where += f", column {self.column}"
        return f"{where}\n    found:    {self.found}\n    expected: {self.expected}\n    fix:      {self.fix}"


class InputError(Exception):
    """Bad input, found before any computation; carries every problem found, not only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        shown = "\n".join(str(problem) for problem in self.problems[:10])
        more = len(self.problems) - 10
        super().__init__(shown + (f"\n… and {more} more like these" if more > 0 else ""))


def shown(value: object) -> str:
    """A value of the input for a message: 7 and not np.int64(7), a long one cut short."""
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        value = value.item()
    text = str(value) if isinstance(value, datetime) else repr(value)
    return short(text, LONGEST)


def short(text: str, longest: int = 40) -> str:
    """A text cut to so many characters."""
    return text if len(text) <= longest else text[: longest - 2] + " …"


def near(word: object, known: Iterable[object]) -> Worded:
    """The nearest known names as a half-sentence for a message, or a short list of what there is."""
    names = [str(name) for name in known]
    close = near_names(word, names)
    if close:
        return worded("did_you_mean", meant=either(close))
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return worded("there_is", names=listed)
