"""A quick look at everything: few draws, results apart from those of a full run, every page marked as such."""

from __future__ import annotations

import os

VARIABLE = "STICKINESS_QUICK"
DRAWS = 200


def asked() -> bool:
    """Whether this process and those that it starts take a quick look."""
    return VARIABLE in os.environ


def most(draws: int) -> int:
    """So many draws, in a quick look at most `DRAWS`."""
    return min(draws, DRAWS) if asked() else draws
