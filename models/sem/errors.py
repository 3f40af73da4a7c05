"""What can go wrong, each case with its cause and its remedy."""

from __future__ import annotations

from collections.abc import Iterable

from models.messages import did_you_mean, places
from models.remarks import Caused, Remark, Stated, remark


class SemError(Stated):
    """Base of every error that the engine raises on bad input."""


class ModelWarning(UserWarning):
    """A model can be fitted but says something that its text does not show."""


class ModelSyntaxError(SemError):
    """The model text cannot be read; the message points into the text."""


class UnknownVariableError(SemError):
    """The model names a variable that the data do not have."""


class ModelError(SemError):
    """The model text can be read but says something impossible."""


class ArgumentError(SemError):
    """An argument of `fit` has a value that is not one of the possible ones."""


class LikelihoodError(Caused, ArgumentError):
    """What is asked exists for maximum likelihood only, and the model is estimated in another way."""


class NonNumericError(SemError):
    """A column of answers holds something that is not a number."""


class PopulationError(Caused, ModelError):
    """No population has the relations that are asked for."""


class ConstantItemError(Caused, SemError):
    """An item has no variance in a group."""


class CategoryError(Caused, SemError):
    """The categories of an ordered item do not allow what is asked."""


class CollinearItemsError(Caused, SemError):
    """Some items are linear combinations of others."""


class GroupTooSmallError(Caused, SemError):
    """A group has fewer respondents than items."""


class NotIdentifiedError(Caused, SemError):
    """The data cannot determine the parameters."""


class ConstraintError(SemError):
    """Constraints contradict each other or name unknown labels."""


class ConvergenceError(Caused, SemError):
    """The optimiser found no minimum."""


class DifferentDataError(SemError):
    """Two fits that should be compared do not explain the same data in the same way."""


class NotNestedError(Caused, SemError):
    """Neither of two models is a restriction of the other."""


class NotAvailableError(SemError):
    """A quantity does not exist for this fit."""


def in_group(label: object) -> list[Remark]:
    """Say in which group something was found; nothing where there is one group, whose label is None."""
    return [] if label is None else [remark("in_group", group=str(label))]


def nearest(name: str, names: Iterable[str], count: int = 3) -> str:
    """Return a hint such as ``Did you mean 'x1'?``, or the empty string."""
    hint = did_you_mean(name, names, count)
    return hint[:1].upper() + hint[1:]


def pointer(text: str, line: int, column: int, width: int = 1) -> str:
    """Return the line of the text with a caret under the place (both counted from 1); wide characters take two."""
    lines = text.split("\n")
    source = lines[min(line, len(lines)) - 1].expandtabs(1)
    before, under = source[: column - 1], source[column - 1 : column - 1 + width]
    return f"  {source}\n  {' ' * places.width(before)}{'^' * max(places.width(under), 1)}"
