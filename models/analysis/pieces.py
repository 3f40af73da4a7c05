"""An analysis that needs no other one, so that it may run beside the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.analysis.rows import tried
from models.statistics.seeding import SeedOf

Rows = list[pd.DataFrame]


@dataclass(frozen=True)
class Piece:
    """A step with its arguments; all of them survive a change of process.

    Attributes
    ----------
    name
        What it is about, for the row that says why there is nothing.
    step
        Called as `step(seeds, *arguments)`; gives rows of the results table.
    weight
        How long it takes beside the others: the heaviest should begin first.
    model
        The specification that it is about, if any.
    """

    name: str
    step: Callable[..., Rows]
    arguments: tuple[Any, ...] = ()
    weight: int = 0
    model: str = ""

    def __call__(self, seeds: SeedOf) -> Rows:
        """The rows; where the data cannot carry the step, the remark that says why."""
        return tried(self.name, self.step, seeds, *self.arguments, model=self.model)


def given(seeds: SeedOf, rows: Rows) -> Rows:
    """A step whose rows are there already."""
    return rows
