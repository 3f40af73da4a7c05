"""A path or correlation of the structural model as pictures show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edge:
    """A path with its label: standardised coefficient, interval, whether the interval leaves out zero."""

    cause: str
    effect: str
    beta: float
    interval: str
    clear: bool
