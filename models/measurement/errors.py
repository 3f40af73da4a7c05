"""What can be wrong with the input of a measurement step."""

from models.messages import near_names
from models.remarks import Stated


class MeasurementError(Stated):
    """Input that a measurement step cannot use; the message says what was found, what was expected and the remedy."""


class UnknownColumnError(MeasurementError):
    """A scale, grouping or argument names a column that the data do not have."""


class NotNumericError(MeasurementError):
    """An item holds something else than numbers."""


class ScaleError(MeasurementError):
    """The scales contradict themselves or are too small for what was asked."""


class TooFewRowsError(MeasurementError):
    """Not enough people answered."""


def suggestion(name: str, known: list[str]) -> str:
    """Return `` (did you mean …?)`` with the nearest known names, or nothing when none is near."""
    near = near_names(name, known)
    return f" (did you mean {', '.join(near)}?)" if near else ""
