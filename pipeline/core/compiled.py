"""The compiled refits, made by one process while the others wait, for each would make them anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zc.lockfile import LockError, LockFile

from pipeline.core import paths

_LOCK = paths.DECLARED / ".compiling"


def refits() -> None:
    """Compile what refits models, or see that it lies on disk, for this process and those that it starts."""
    from models.sem.extensions.compile_ahead import compile_ahead

    with alone(_LOCK):
        compile_ahead()


@contextmanager
def alone(path: Path, pause: float = 0.2) -> Iterator[None]:
    """Hold a lock during the block; without one where the folder may not be written."""
    lock = None
    while lock is None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = LockFile(str(path))
        except LockError:
            time.sleep(pause)
        except OSError:
            break
    try:
        yield
    finally:
        if lock is not None:
            lock.close()
