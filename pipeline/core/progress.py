"""How far a long computation within a stage is: lines that the run passes on."""

from __future__ import annotations

import time
from collections.abc import Callable

from pipeline.wording.texts import worded
from pipeline.wording.words import translated

FAR = "… "
_EVERY = 5.0


def step(name: str) -> Callable[[str, int, int], None]:
    """A line now and then on how far a long computation within a stage is: what, refits finished, of how many."""
    began = told = time.monotonic()

    def tell(what: str, finished: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _EVERY and finished < total:
            return
        told = now
        counted = worded(f"counted_{what}")
        far = worded("how_far", what=counted, name=name, finished=finished, total=total, seconds=now - began)
        print(f"{FAR}{translated(far)}", flush=True)

    return tell
