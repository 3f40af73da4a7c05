"""How long a run still takes: what each step took last time, else what it usually takes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress

from pipeline.core import paths
from pipeline.wording.words import said

# Seconds on two cores for a data set of a few thousand answers or users.
USUAL = {
    "acquire": 3,
    "clean": 5,
    "measure": 40,
    "structure": 40,
    "panel": 20,
    "judge": 3,
    "page": 12,
    "synthesis": 3,
    "site": 5,
}


def expected(step: str) -> float:
    """Seconds of a step, `stage@data_set`."""
    stage, _, data_set = step.partition("@")
    with suppress(OSError, ValueError, KeyError, TypeError):
        cost = json.loads((paths.RESULTS / "costs" / data_set / f"{stage}.json").read_text(encoding="utf-8"))
        return float(cost["seconds"])
    return float(USUAL.get(stage, 5))


def left(waiting: Iterable[str], begun: str | None = None, seconds: float = 0.0) -> str:
    """How long the steps take that wait, and the rest of the one that began some seconds ago.

    A step that takes longer than expected is taken to be about to end.
    """
    total = sum(expected(step) for step in waiting)
    if begun is not None:
        total += max(expected(begun) - seconds, 0.0)
    if total >= 90:
        return said("minutes_left", n=f"{total / 60:.0f}")
    return said("seconds_left", n=f"{max(round(total, -1), 10):.0f}")
