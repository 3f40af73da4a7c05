"""The lock of DVC's repository, which the threads of one process take in turns.

DVC lets go of its lock while the command of a stage runs, so that other stages can be looked after meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dvc.lock import LockBase


class Turn:
    """What DVC asks of a lock: `lock`, `unlock`, `is_locked`, and a block that holds it."""

    def __init__(self, lock: LockBase) -> None:
        self._lock, self._mine = lock, threading.Lock()

    @property
    def is_locked(self) -> bool:
        return bool(self._lock.is_locked)

    def lock(self) -> None:
        """Take the turn, and wait for whoever else works with DVC here."""
        from dvc.lock import LockError

        self._mine.acquire()
        while not self.is_locked:
            with suppress(LockError):
                self._lock.lock()

    def unlock(self) -> None:
        self._lock.unlock()
        self._mine.release()

    def __enter__(self) -> None:
        self.lock()

    def __exit__(self, *_: object) -> None:
        self.unlock()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Within the block the turn is that of other threads."""
        self.unlock()
        try:
            yield
        finally:
            self.lock()
