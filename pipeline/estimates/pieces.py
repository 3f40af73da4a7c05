"""Independent pieces of a stage: each gives rows, and tells which seeds it drew and which modules it loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline.core import parallel, progress, record
from pipeline.core.seeds import Seeds

# Rows times squared items from which on a data set is worth the start of further processes.
LARGE = 1_000_000

Rows = list[pd.DataFrame]
Step = Callable[..., Rows]


@dataclass
class Pieces:
    """Steps of a stage in the order of their results, each with how long it takes beside the others."""

    seeds: Seeds
    tasks: list[parallel.Task] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)

    def add(self, weight: int, step: Step, *arguments: Any) -> None:
        """Add a step, called with the seeds and its arguments; both must survive a change of process."""
        self.tasks.append((_told, (self.seeds, step, *arguments)))
        self.weights.append(weight)

    def computed(self, name: str, size: int, elsewhere: set[str]) -> list[Rows]:
        """The rows of each step, the heaviest begun first.

        Parameters
        ----------
        name : what is computed, for the lines on how far it is.
        size : rows times squared items; from `LARGE` on all cores are used.
        elsewhere : takes the modules that other processes loaded (`record.kept`).
        """
        order = sorted(range(len(self.tasks)), key=lambda place: -self.weights[place])
        workers = parallel.cores() if size > LARGE else 1
        found = []
        for rows, given, loaded in parallel.each(self.tasks, order, workers, progress.step(name)):
            found.append(rows)
            self.seeds.given.update(given)
            elsewhere |= loaded
        return found


def _told(seeds: Seeds, step: Step, *arguments: Any) -> tuple[Rows, dict, set[str]]:
    """The rows of a step, and the seeds and modules that a process of its own would keep to itself."""
    return step(seeds, *arguments), seeds.given, record.modules()
