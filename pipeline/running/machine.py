"""What the machine refuses (a full disk, a folder that may not be written, no memory), in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pipeline.core.errors import Problem
from pipeline.core.paths import RESULTS

Words = tuple[str, str, str]

_FULL = (
    "the disk is full",
    "room for the results",
    "make room (results/ and .dvc/cache are computed and may be deleted); then: stickiness run",
)
_SHUT = (
    "it may not be read or written",
    "a folder of your own",
    "change its rights, or copy the project to a folder in which you may write; then: stickiness run",
)
_IN_THE_WAY = (
    "a file where a folder should be, or a folder where a file should be",
    "files and folders as this project makes them",
    "rename or delete what is in the way; then: stickiness run",
)
_NOT_YET = ("no such file", "the output of an earlier step", "stickiness run makes it")
_MEMORY = (
    "not enough memory",
    "memory for the data set",
    "close other programs, or lower events.memory and panel.rows_in_memory in params.yaml; then: stickiness run",
)
_WORDS: dict[int, Words] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: ("your share of the disk is used up", *_FULL[1:]),
    errno.EFBIG: (
        "a file would be larger than the system allows",
        "no such limit",
        "see ulimit -f, or the file system",
    ),
    errno.EROFS: ("the disk is read-only", *_SHUT[1:]),
    errno.EACCES: _SHUT,
    errno.EPERM: _SHUT,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EISDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOMEM: _MEMORY,
    errno.EMFILE: ("too many open files", "a higher limit", "ulimit -n 4096; then: stickiness run"),
    errno.EIO: ("the disk does not answer", "a disk in order", "check the disk; copy the project to another one"),
    errno.ENAMETOOLONG: ("a path that is too long", "a shorter one", "move the project to a folder with a short path"),
}
# Libraries that write without Python (DuckDB, a notebook's kernel) quote the system's words; SQLite has its own.
_QUOTED = {
    os.strerror(number): _WORDS[number]
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.ENOMEM)
} | {
    "database or disk is full": _FULL,
    "disk I/O error": ("the disk is full, or does not answer", *_FULL[1:]),
    "attempt to write a readonly database": _SHUT,
    "unable to open database file": _SHUT,
}


def refusal(error: BaseException) -> Problem | None:
    """The refusal of the machine that an error or one of its causes reports; None if it is of another kind."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _WORDS:
            return Problem(shown(cause.filename2 or cause.filename), *_WORDS[cause.errno])
        if isinstance(cause, FileNotFoundError) and Path(shown(cause.filename)).is_relative_to(RESULTS):
            return Problem(shown(cause.filename), *_NOT_YET)
        if isinstance(cause, MemoryError | BrokenProcessPool) or type(cause).__name__ == "OutOfMemoryException":
            return Problem("this machine", *_MEMORY)
        for quoted, words in _QUOTED.items():
            if quoted in str(cause):
                return Problem("this machine", *words)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def shown(path: object) -> str:
    """A path as a user knows it, below the project's folder where it lies there."""
    if not isinstance(path, str | bytes | os.PathLike):
        return "this machine"
    name = os.fsdecode(path)
    inside = os.path.relpath(name)
    return name if inside.startswith(os.pardir) else inside
