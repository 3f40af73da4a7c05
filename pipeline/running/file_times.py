"""Files as they were last written: size and times of each, which tell of a change before anything is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from stat import S_ISDIR


def of(paths: Iterable[str]) -> dict[str, list[int]]:
    """Size, time of the content and time of the entry of every file of these paths; folders with all that is in them.

    Raises
    ------
    OSError
        Where one of them is not there.
    """
    found: dict[str, list[int]] = {}
    for path in paths:
        state = os.stat(path)
        if S_ISDIR(state.st_mode):
            found |= {file: _times(os.stat(file)) for file in _inside(path)}
        else:
            found[path] = _times(state)
    return found


def _times(state: os.stat_result) -> list[int]:
    return [state.st_size, state.st_mtime_ns, state.st_ctime_ns]


def _inside(path: str) -> Iterator[str]:
    for folder, folders, names in os.walk(path, onerror=_raise):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (os.path.join(folder, name) for name in names)


def _raise(error: OSError) -> None:
    raise error
