"""Steps side by side: each as soon as those before it have ended well, that with the longest way to the end first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache

from pipeline.core.parallel import cores

# Steps at once: those of large data sets use all cores by themselves, and each needs memory.
MOST = 4


def all_done(before: Mapping[str, Collection[str]], do: Callable[[str], bool], seconds: Callable[[str], float]) -> bool:
    """Do every step; one that fails holds up those that rest on it, and no other.

    Parameters
    ----------
    before
        Each step with those that have to end before it begins.
    do
        Does a step, in a thread of its own, and says whether it ended well.
    seconds
        How long a step is expected to take.

    Returns
    -------
    Whether every step ended well.
    """
    after = {step: [other for other, needed in before.items() if step in needed] for step in before}

    @cache
    def way(step: str) -> float:
        return seconds(step) + max(map(way, after[step]), default=0.0)

    waiting = {step: set(needed) for step, needed in before.items()}
    running: dict[Future[bool], str] = {}
    well = True
    pool = ThreadPoolExecutor(slots())
    try:
        while True:
            ready = sorted((step for step, needed in waiting.items() if not needed), key=lambda step: -way(step))
            for step in ready[: slots() - len(running)]:
                del waiting[step]
                running[pool.submit(do, step)] = step
            if not running:
                return well and not waiting
            for ended in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(ended)
                if ended.result():
                    for needed in waiting.values():
                        needed.discard(step)
                else:
                    well = False
    finally:
        pool.shutdown(wait=False)  # whoever is interrupted ends the steps that still run


def slots() -> int:
    """Steps that run at once on this machine."""
    return min(cores(), MOST)
