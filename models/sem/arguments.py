"""Arguments of `fit` that are not of the kind that they should be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, TypeVar, cast

import numpy as np

from models.sem.errors import ArgumentError, nearest

Word = TypeVar("Word", bound=str)


def names(argument: str, value: Any) -> tuple[str, ...]:
    """Return a name, or several, as a tuple; None is none."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    given = tuple(value) if isinstance(value, Iterable) and not isinstance(value, (Mapping, bytes)) else None
    if given is None or not all(isinstance(name, str) for name in given):
        raise ArgumentError(f"{argument}={value!r} must be a name or a list of names, such as {argument}=['x1'].")
    return tuple(str(name) for name in given)


def column(argument: str, value: Any) -> str | None:
    """Return the name of one column, or None."""
    if value is not None and not isinstance(value, str):
        raise ArgumentError(f"{argument}={value!r} must be the name of one column, such as {argument}='school'.")
    return value


def flag(argument: str, value: Any) -> bool:
    """Return a truth value."""
    if not isinstance(value, (bool, np.bool_)):
        raise ArgumentError(f"{argument}={value!r} must be True or False.")
    return bool(value)


def draws(value: Any) -> int:
    """Return the number of bootstrap samples."""
    whole = isinstance(value, Integral) or (isinstance(value, (float, np.floating)) and float(value).is_integer())
    if isinstance(value, (bool, np.bool_)) or not whole or value < 0 or value == 1:
        raise ArgumentError(
            f"bootstrap={value!r} must be a number of samples, for example 1000; 0 draws none, and one is too few."
        )
    return int(value)


def share(argument: str, value: Any) -> float:
    """Return a number between 0 and 1, such as the coverage of an interval."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real) or not 0 < float(value) < 1:
        raise ArgumentError(f"{argument}={value!r} must be a share between 0 and 1, such as 0.95.")
    return float(value)


def seed(value: Any) -> int | None:
    """Return the seed of a random generator, or None."""
    if value is not None and (isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral) or value < 0):
        raise ArgumentError(f"seed={value!r} must be a whole number from 0, or None.")
    return None if value is None else int(value)


def choice(argument: str, value: Any, options: Sequence[Word]) -> Word:
    """Return one of the options."""
    if not isinstance(value, str) or value not in options:
        hint = nearest(str(value), list(options))
        raise ArgumentError(f"{argument}={value!r} is unknown; possible are {', '.join(options)}. {hint}".strip())
    return cast(Word, value)
