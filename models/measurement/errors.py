"""What can be wrong with the input of a measurement step."""

from collections.abc import Collection

from models.messages import near_names
from models.remarks import Caused, Remark, Stated, remark


class MeasurementError(Stated):
    """Input that a measurement step cannot use; the message says what was found, what was expected and the remedy."""


class UnknownColumnError(MeasurementError):
    """A scale, grouping or argument names a column that the data do not have."""


class NotNumericError(MeasurementError):
    """An item holds something else than numbers."""


class ScaleError(MeasurementError):
    """The scales contradict themselves or are too small for what was asked."""


class TooFewRowsError(Caused, MeasurementError):
    """Not enough people answered."""


def check_choice(what: str, value: str, options: Collection[str]) -> None:
    """Raise ScaleError unless a word is one of those that are possible."""
    if value not in options:
        raise ScaleError(f"{what} is {value!r}; expected one of {', '.join(options)}{suggestion(value, list(options))}")


def check_share(what: str, value: float) -> None:
    """Raise ScaleError unless a level, a confidence or a power is a share."""
    if not 0 < value < 1:
        raise ScaleError(f"{what} is {value!r}; expected a share between 0 and 1")


def perhaps(name: str, known: list[str]) -> list[Remark]:
    """Say which of the known names may have been meant, or nothing when none is near."""
    near = near_names(name, known)
    return [remark("perhaps", names=near)] if near else []


def suggestion(name: str, known: list[str]) -> str:
    """Return `` (did you mean …?)`` with the nearest known names, or nothing when none is near."""
    return "".join(map(str, perhaps(name, known)))
