"""What can be wrong with a panel or a request: found, expected, remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from models.messages import near_or_all
from models.remarks import Caused, Remark, Stated, remark


class PanelError(Stated):
    """Base of every error of the panel models; a remedy follows what was found."""

    def __str__(self) -> str:
        """Write every remark of the message."""
        return "; ".join(map(str, self.args))


class ColumnError(PanelError):
    """A named column is not in the data."""


class OptionError(PanelError):
    """An option has a value that does not exist."""


class ValuesError(Caused, OptionError):
    """A column that an option names has values that the model cannot use."""


class FormulaError(PanelError):
    """The formula cannot be read or evaluated."""


class TimeFormatError(PanelError):
    """The time column is not a number, a date or a period."""


class DuplicateKeyError(PanelError):
    """More than one row for an entity and period."""


class InfiniteValueError(Caused, PanelError):
    """A variable has infinite values."""


class NotEstimableError(Caused, PanelError):
    """The sample cannot identify the model."""


class SinglePeriodError(NotEstimableError):
    """All rows are of one period."""


class NoWithinVariationError(NotEstimableError):
    """A variable does not vary once the effects are taken out."""


class CollinearError(NotEstimableError):
    """Regressors are linear combinations of each other, given the effects."""


EFFECTS_SAID = {
    "pooled": "effects_pooled",
    "between": "effects_between",
    "random": "effects_random",
    "mundlak": "effects_mundlak",
    "entity": "effects_entity",
    "time": "effects_time",
    "twoway": "effects_twoway",
    "first-difference": "effects_first_difference",
    "untreated": "effects_untreated",
}


def effects_said(effects: str) -> Remark:
    """How a reason names the effects of a model; ``"untreated"`` are the two-way effects of untreated rows."""
    return remark(EFFECTS_SAID[effects])


def no_group(reasons: Mapping[str, Remark]) -> NotEstimableError:
    """Make the error of a model of groups of which none can be estimated."""
    said = [remark("group_reason", group=group, why=why) for group, why in reasons.items()]
    return NotEstimableError(remark("no_group_estimable", groups=said))


def check_option(what: str, value: object, allowed: Iterable[str]) -> None:
    """Raise OptionError unless ``value`` is one of ``allowed``."""
    names = list(allowed)
    if value not in names:
        raise OptionError(
            f"{what}={value!r} does not exist; {near_or_all(str(value), names)} (one of {', '.join(names)})"
        )


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
            raise ColumnError(f"{role} {name!r} is not a column of the data; {near_or_all(name, known)}")
        if known.count(name) > 1:
            raise ColumnError(f"{role} {name!r} is the name of {known.count(name)} columns; rename or drop the others")
