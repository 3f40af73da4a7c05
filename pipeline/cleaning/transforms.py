"""Transformations that a card asks for; a value for which they are not defined is an error, never −∞."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import Worded, worded


def log1p(
    values: np.ndarray, name: str, path: str, column: str, fix: Worded, row: Callable[[int], int] | None = None
) -> np.ndarray:
    """Log of 1 + x.

    Parameters
    ----------
    name, column, fix
        The measure, its place and what to do, for messages.
    row
        Position → row of the file, where there is one.

    Raises
    ------
    InputError
        For values of −1 or less.
    """
    beyond = np.flatnonzero(values <= -1)
    if len(beyond):
        first = int(beyond[0])
        found = worded("value_for_transform", value=values[first], name=name)
        if row is None:
            found = worded("values_too_low_for_log1p", n=len(beyond), name=name, smallest=np.nanmin(values))
        expected = worded("values_log1p_needs")
        raise InputError(Problem(path, found, expected, fix, row(first) if row else None, column))
    return np.log1p(values)
