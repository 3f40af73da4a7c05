"""How long a run still takes: what each step took last time, else what it usually takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.running import costs
from pipeline.running.side_by_side import slots
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
    known = costs.of(step).get("seconds")
    return float(USUAL.get(step.partition("@")[0], 5)) if known is None else known


def left(waiting: Iterable[str], running: Mapping[str, float]) -> str:
    """How long the steps take that wait, and the rest of those that began so many seconds ago.

    A step that takes longer than expected is taken to be about to end.
    """
    rests = [max(expected(step) - seconds, 0.0) for step, seconds in running.items()]
    total = max([(sum(map(expected, waiting)) + sum(rests)) / slots(), *rests])
    if total >= 90:
        return said("minutes_left", n=f"{total / 60:.0f}")
    return said("seconds_left", n=f"{max(round(total, -1), 10):.0f}")
