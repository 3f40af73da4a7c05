"""Transformations that a card asks for; a value for which they are not defined is an error, never −∞."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.core.errors import InputError, Problem


def log1p(
    values: np.ndarray, name: str, path: str, column: str, fix: str, row: Callable[[int], int] | None = None
) -> np.ndarray:
    """Log of 1 + x.

    Parameters
    ----------
    name, column, fix : the measure, its place and what to do, for messages.
    row : position → row of the file, where there is one.

    Raises
    ------
    InputError
        For values of −1 or less.
    """
    beyond = np.flatnonzero(values <= -1)
    if len(beyond):
        first = int(beyond[0])
        found = f"{values[first]:g} for {name}"
        if row is None:
            found = f"{len(beyond)} values of {name} that are -1 or less, the smallest {np.nanmin(values):g}"
        expected = "values above -1, which log1p needs"
        raise InputError(Problem(path, found, expected, fix, row(first) if row else None, column))
    return np.log1p(values)
