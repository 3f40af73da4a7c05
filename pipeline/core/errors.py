"""Messages for bad input: where, what was found, what was expected, how to fix it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.messages import near_names

LONGEST = 120


class Worded(str):
    """An English text that keeps its form and values, so that it can be said in another language.

    Attributes
    ----------
    form : the text with its fields, such as "no column {column!r}"; the key of its words in other languages.
    values : field → value, which may be such a text itself.
    """

    form: str
    values: dict[str, Any]

    def __new__(cls, form: str, values: dict[str, Any]) -> Worded:
        text = super().__new__(cls, form.format(**values))
        text.form, text.values = form, values
        return text

    def __reduce__(self) -> tuple[type[Worded], tuple[str, dict[str, Any]]]:
        return Worded, (self.form, self.values)


def worded(form: str, /, **values: Any) -> str:
    """A text by its English form and the values of its fields."""
    return Worded(form, values)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input.

    Attributes
    ----------
    file : file in which it stands.
    found, expected, fix : what is there, what should be, what to do; with values by `worded`.
    row : line or data row, counted from 1 as an editor or spreadsheet shows it, where there is one.
    column : column or key, where there is one.
    """

    file: str
    found: str
    expected: str
    fix: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        where = self.file
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


def near(word: object, known: Iterable[object]) -> str:
    """The nearest known names as a half-sentence for a message, or a short list of what there is."""
    names = [str(name) for name in known]
    close = near_names(word, names)
    if close:
        meant = repr(close[0])
        for name in close[1:]:
            meant = worded("{one} or {other!r}", one=meant, other=name)
        return worded("did you mean {names}?", names=meant)
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return worded("there is: {names}", names=listed)
