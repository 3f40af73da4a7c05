"""What was computed last, for those who ask for the same again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Latest:
    """Keeps one value under its key; a pair that is replaced as a whole, so that threads do not mix keys and values."""

    def __init__(self) -> None:
        self._held: tuple[Any, Any] | None = None

    def __call__(self, key: object, compute: Callable[[], Any]) -> Any:
        """Return the value under a key, computed unless it is the latest; the key of a state is the state itself."""
        held = self._held
        if held is None or held[0] != key:
            self._held = held = key, compute()
        return held[1]

    def __reduce__(self) -> tuple[type[Latest], tuple[()]]:
        """Travel to other processes without what is kept."""
        return Latest, ()
