"""Independent pieces of a stage: each gives rows, and tells which seeds it drew and which modules it loaded."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from models.analysis.pieces import Piece, Rows
from pipeline.core import parallel, progress, record
from pipeline.core.seeds import Seeds

# Rows times squared items from which on a data set is worth the start of further processes.
LARGE = 1_000_000
# Rows of a panel from which on one process computes everything: each further one would hold a copy of the panel.
HUGE = 200_000


def computed(name: str, pieces: Sequence[Piece], seeds: Seeds, size: int, elsewhere: set[str]) -> list[Rows]:
    """The rows of each piece in their order, the heaviest begun first.

    Parameters
    ----------
    name
        What is computed, for the lines on how far it is.
    pieces
        What there is to compute.
    seeds
        Seeds of the stage, which take note of those that were given elsewhere.
    size
        Rows times squared items; from `LARGE` all cores are used.
    elsewhere
        Takes the modules that other processes loaded (`record.Noted`).
    """
    order = sorted(range(len(pieces)), key=lambda place: -pieces[place].weight)
    workers = parallel.cores() if size > LARGE else 1
    tasks: list[parallel.Task] = [(_told, (seeds, piece)) for piece in pieces]
    found = []
    for rows, given, loaded in parallel.each(tasks, order, workers, progress.step(name)):
        found.append(rows)
        seeds.given.update(given)
        elsewhere |= loaded
    return found


def size_of_panel(rows: int, measures: int) -> int:
    """What `computed` takes as the size of a panel.

    A further process has to load what estimates panels, which takes as long as a panel of twice the usual size alone.
    """
    return 0 if rows > HUGE else rows * measures**2 // 2


def _told(seeds: Seeds, piece: Piece) -> tuple[list[pd.DataFrame], dict, set[str]]:
    """The rows of a piece, and the seeds and modules that a process of its own would keep to itself."""
    return piece(seeds), seeds.given, record.modules()
