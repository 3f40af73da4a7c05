"""What can be wrong with a panel or a request: found, expected, remedy."""

from __future__ import annotations

from collections.abc import Iterable

from models.messages import near_names
from models.remarks import Stated


class PanelError(Stated):
    """Base of every error of the panel models."""


class ColumnError(PanelError):
    """A named column is not in the data."""


class OptionError(PanelError):
    """An option has a value that does not exist."""


class FormulaError(PanelError):
    """The formula cannot be read or evaluated."""


class TimeFormatError(PanelError):
    """The time column is not a number, a date or a period."""


class DuplicateKeyError(PanelError):
    """More than one row for an entity and period."""


class InfiniteValueError(PanelError):
    """A variable has infinite values."""


class NotEstimableError(PanelError):
    """The sample cannot identify the model."""


class SinglePeriodError(NotEstimableError):
    """All rows are of one period."""


class NoWithinVariationError(NotEstimableError):
    """A variable does not vary once the effects are taken out."""


class CollinearError(NotEstimableError):
    """Regressors are linear combinations of each other, given the effects."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A "did you mean" clause, or the list of what there is."""
    names = [str(k) for k in known]
    close = near_names(name, names)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else f"there are: {', '.join(names[:12])}"


def check_option(what: str, value: object, allowed: Iterable[str]) -> None:
    """Raise OptionError unless ``value`` is one of ``allowed``."""
    names = list(allowed)
    if value not in names:
        raise OptionError(f"{what}={value!r} does not exist; {nearest(str(value), names)} (one of {', '.join(names)})")


def check_level(level: float) -> None:
    """Raise OptionError unless ``level`` is a share."""
    if not 0 < level < 1:
        raise OptionError(f"level={level!r}: expected a share between 0 and 1, such as 0.95")


def check_draws(draws: int) -> None:
    """Raise OptionError unless there is something to draw."""
    if draws < 1:
        raise OptionError(f"draws={draws!r}: expected 1 or more, such as 999")


def check_columns(columns: Iterable[object], wanted: Iterable[tuple[str, str]]) -> None:
    """Raise ColumnError unless every (role, name) of ``wanted`` is a column, and one only."""
    known = [str(c) for c in columns]
    for role, name in wanted:
        if name not in known:
            raise ColumnError(f"{role} {name!r} is not a column of the data; {nearest(name, known)}")
        if known.count(name) > 1:
            raise ColumnError(f"{role} {name!r} is the name of {known.count(name)} columns; rename or drop the others")
