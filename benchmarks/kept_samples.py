"""What was found in each simulated sample, a line appended as soon as it is known, so that a stopped run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def kept(path: Path, seeds: Iterable[int], sample: Callable[[int], Any]) -> list[Any]:
    """`sample(seed)` of every seed; those that the file has already are read from it.

    Parameters
    ----------
    path
        A line of JSON a sample, `[seed, what was found]`.
    sample
        Seed → what was found, which JSON can hold.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    known = dict(json.loads(line) for line in lines)
    found = []
    with path.open("a", encoding="utf-8") as file:
        for seed in seeds:
            if seed not in known:
                known[seed] = sample(seed)
                file.write(json.dumps([seed, known[seed]]) + "\n")
                file.flush()
            found.append(known[seed])
    return found
