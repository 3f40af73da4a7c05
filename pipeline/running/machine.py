"""What the machine refuses (a full disk, a folder that may not be written, no memory), in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pipeline.core.errors import Problem
from pipeline.core.paths import RESULTS
from pipeline.wording.texts import Worded, worded

Words = tuple[Worded, Worded, Worded]

_FULL = (
    worded("disk_is_full"),
    worded("room_for_results"),
    worded("make_room"),
)
_SHUT = (
    worded("may_not_read_or_write"),
    worded("folder_of_your_own"),
    worded("change_rights"),
)
_IN_THE_WAY = (
    worded("file_for_folder"),
    worded("files_as_project_makes_them"),
    worded("clear_the_way"),
)
_NOT_YET = (worded("no_such_file"), worded("output_of_earlier_step"), worded("run_makes_it"))
_MEMORY = (
    worded("not_enough_memory"),
    worded("memory_for_data_set"),
    worded("close_programs_and_run"),
)
_WORDS: dict[int, Words] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: (worded("quota_used_up"), *_FULL[1:]),
    errno.EFBIG: (
        worded("file_too_large"),
        worded("no_such_limit"),
        worded("see_limit_of_files"),
    ),
    errno.EROFS: (worded("disk_is_read_only"), *_SHUT[1:]),
    errno.EACCES: _SHUT,
    errno.EPERM: _SHUT,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EISDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOMEM: _MEMORY,
    errno.EMFILE: (worded("too_many_open_files"), worded("higher_limit"), worded("raise_limit")),
    errno.EIO: (worded("disk_does_not_answer"), worded("disk_in_order"), worded("check_disk")),
    errno.ENAMETOOLONG: (worded("path_that_is_too_long"), worded("shorter_one"), worded("move_to_short_path")),
}
# Libraries that write without Python (DuckDB, a notebook's kernel) quote the system's words; SQLite has its own.
_QUOTED = {
    os.strerror(number): _WORDS[number]
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.ENOMEM)
} | {
    "database or disk is full": _FULL,
    "disk I/O error": (worded("disk_full_or_silent"), *_FULL[1:]),
    "attempt to write a readonly database": _SHUT,
    "unable to open database file": _SHUT,
}


def refusal(error: BaseException) -> Problem | None:
    """The refusal of the machine that an error or one of its causes reports; None if it is of another kind."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _WORDS:
            return Problem(shown(cause.filename2 or cause.filename), *_WORDS[cause.errno])
        if isinstance(cause, FileNotFoundError) and Path(str(shown(cause.filename))).is_relative_to(RESULTS):
            return Problem(shown(cause.filename), *_NOT_YET)
        if isinstance(cause, BrokenProcessPool):
            return Problem(worded("this_machine"), worded("process_was_ended"), *_MEMORY[1:])
        if isinstance(cause, MemoryError) or type(cause).__name__ == "OutOfMemoryException":
            return Problem(worded("this_machine"), *_MEMORY)
        for quoted, words in _QUOTED.items():
            if quoted in str(cause):
                return Problem(worded("this_machine"), *words)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def shown(path: object) -> str | Worded:
    """A path as a user knows it, below the project's folder where it lies there."""
    if not isinstance(path, str | bytes | os.PathLike):
        return worded("this_machine")
    name = os.fsdecode(path)
    inside = os.path.relpath(name)
    return name if inside.startswith(os.pardir) else inside
