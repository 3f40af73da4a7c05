"""What models are fitted with, compiled by one process while the others wait, for each would make it anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from zc.lockfile import LockError, LockFile

from pipeline.core import paths

_LOCKS = paths.DECLARED / ".compiling"


def kernels() -> None:
    """Compile what fits and refits models, or see that it lies on disk, for this process and those that it starts."""
    from models.sem.extensions.compile_ahead import KERNELS

    shared(KERNELS, _LOCKS)


def shared(made: Mapping[str, Callable[[], None]], locks: Path, pause: float = 0.2) -> None:
    """Call each once at a time among processes; what another is at comes last."""
    waiting = dict(made)
    while waiting:
        for name in list(waiting):
            with alone(locks / name) as mine:
                if mine:
                    waiting.pop(name)()
        if waiting:
            time.sleep(pause)


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether this is the only process in the block; so it is taken to be where the folder may not be written."""
    lock = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = LockFile(str(path))
    except LockError:
        yield False
        return
    except OSError:
        pass
    try:
        yield True
    finally:
        if lock is not None:
            lock.close()
