"""A first look without DVC: is every file as the last run, which ended well, left it?

Sizes and times of all dependencies and outputs are kept. Whatever differs, or cannot be told, is left to DVC.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from zc.lockfile import LockError, LockFile

from pipeline.core import declared, standing
from pipeline.running import file_times, steps

FILE = Path(".dvc/tmp/stickiness-unchanged.json")
LOCK = "stickiness.lock"
_WHOLE = ("dvc.yaml", "params.yaml", "dvc.lock")

State = dict[str, Any]


def state(data_sets: Sequence[str], outputs: bool = True) -> State | None:
    """Size and times of every file that a run reads or writes, the digests of what steers it; None if one is missing.

    Parameters
    ----------
    outputs
        Whether what the steps write is told too.
    """
    read, written = _paths(data_sets)
    asked = {str(path) for name in data_sets for path in standing.asked(name)}
    inside = {path for path in read if any(_within(path, out) or _within(out, path) for out in written)}
    try:
        found: State = {**file_times.of(sorted(asked | read | written if outputs else asked | read - inside))}
        for name in _WHOLE if outputs else _WHOLE[:2]:
            found[f"{name} as a whole"] = sha256(Path(name).read_bytes()).hexdigest()
    except OSError:
        return None
    return found


def steps_of_last_run(data_sets: Sequence[str], alone: bool = False) -> list[str]:
    """The steps of the last run in their order, where it went through them all and everything is as it left it.

    Parameters
    ----------
    alone
        Whether what is made of all data sets is not asked for.

    Returns
    -------
    list
        `stage@data_set`, or `stage`; empty if anything differs.
    """
    try:
        kept = json.loads(FILE.read_text(encoding="utf-8"))
        LockFile(str(FILE.with_name(LOCK))).close()  # another run may be going on: DVC's process says so
        every = set(steps.every(data_sets, alone))
        same = every <= set(kept["steps"]) and kept["state"] == state(kept["data_sets"])
        same = same and not any(standing.outdated(name) for name in data_sets if standing.asked(name))
        return [step for step in kept["steps"] if step in every] if same else []
    except (OSError, LockError, ValueError, KeyError, TypeError):
        return []


def keep(before: State | None, data_sets: Sequence[str], ran: list[str]) -> None:
    """Remember a run that ended well, unless something that it reads was changed while it ran."""
    now = state(data_sets)
    if before is None or now is None or before != state(data_sets, outputs=False):
        return
    with suppress(OSError):
        draft = FILE.with_suffix(".draft")
        seen = {"data_sets": list(data_sets), "steps": ran, "state": now}
        draft.write_text(json.dumps(seen), encoding="utf-8")
        os.replace(draft, FILE)


def forget() -> None:
    """Before a run begins nothing is known to be unchanged."""
    with suppress(OSError):
        FILE.unlink(missing_ok=True)


def _paths(data_sets: Sequence[str]) -> tuple[set[str], set[str]]:
    """Paths that steps read, and paths that they write."""
    read: set[str] = set()
    written: set[str] = set()
    for entry in declared.stages().values():
        for name in data_sets:
            written |= {path.replace(declared.SET, name) for path in declared.outputs(entry)}
            read |= {path.replace(declared.SET, name) for path in entry["deps"]}
    return read, written


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
