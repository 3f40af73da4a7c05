"""How often a process of a stage looks for garbage."""

from __future__ import annotations

import gc

# New objects between two searches. A stage lives for seconds and keeps nearly all that it makes; the usual 700 cost a
# page a tenth of its time.
SELDOM = 100_000


def seldom() -> None:
    """Search for circles of objects that nobody needs once in many new ones."""
    gc.set_threshold(SELDOM, 50, 50)
