"""A path or correlation of the structural model as pictures show it."""

from __future__ import annotations

from dataclasses import dataclass

from reports import numbers


@dataclass(frozen=True)
class Edge:
    """A path with its label: hypothesis, standardised coefficient, interval; whether the interval leaves out zero."""

    cause: str
    effect: str
    beta: float
    interval: str
    clear: bool
    hypothesis: str = ""

    @property
    def label(self) -> str:
        """`H1a 0.73`, over the interval."""
        return f"{self.hypothesis} {numbers.decimal(self.beta)}".strip() + ("\n" + self.interval) * bool(self.interval)
