"""A quick look at everything: few draws, results apart from those of a full run, every page marked as such."""

from __future__ import annotations

import os

VARIABLE = "STICKINESS_QUICK"
DRAWS = 200
# Pieces of a stage that are no part of it, because they take most of its time: every page says so.
LEFT_OUT = (
    "invariance",
    "factor_fit",
    "misfit",
    "method",
    "rivals",
    "sensitivity",
    "leave_one_out",
    "effects_in_groups",
    "panel_checks",
    "slopes_by_other_groups",
)


def asked() -> bool:
    """Whether this process and those that it starts take a quick look."""
    return VARIABLE in os.environ


def most(draws: int) -> int:
    """So many draws, in a quick look at most `DRAWS`."""
    return min(draws, DRAWS) if asked() else draws


def looked_at(piece: str) -> bool:
    """Whether a piece of a stage is computed: in a quick look not those of `LEFT_OUT`."""
    return not (asked() and piece in LEFT_OUT)
