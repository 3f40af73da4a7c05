"""Independent pieces of a long computation, each kept on disk when it is done, so that a stopped one goes on."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.core import parallel, paths, progress, record, standing
from pipeline.wording.words import said


def digest(*parts: object, files: Sequence[Path] = ()) -> str:
    """A name for all that a computation rests on: its arguments, files, and the code of `models`."""
    found = sha256(repr(parts).encode())
    for path in [*files, *standing.program()]:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def computed(
    name: str,
    folder: Path,
    key: str,
    tasks: Mapping[str, tuple[Callable[..., Any], tuple[Any, ...]]],
    elsewhere: set[str],
) -> list[Any]:
    """What each task gives, in their order, on all cores; those that are done from an earlier try are read.

    Parameters
    ----------
    name
        What is computed, for the lines on how far it is.
    folder
        Where pieces are kept; it is removed when all are done.
    key
        `digest` of what the tasks rest on; pieces under another one are of no use and removed.
    tasks
        Name → function of a module and its arguments.
    elsewhere
        Takes the modules that other processes loaded (`record.Noted`).
    """
    place = folder / key[:16]
    for old in folder.glob("*"):
        if old != place:
            shutil.rmtree(old)
    place.mkdir(parents=True, exist_ok=True)
    files = [place / f"{sha256(task.encode()).hexdigest()[:24]}.piece" for task in tasks]
    lacking = [(file, task) for file, task in zip(files, tasks.values(), strict=True) if not file.exists()]
    if len(lacking) < len(tasks):
        print(said("pieces_from_before", n=len(tasks) - len(lacking), total=len(tasks)), flush=True)
    todo: list[parallel.Task] = [(_keep, (file, *task)) for file, task in lacking]
    parallel.each(todo, range(len(todo)), min(parallel.cores(), max(len(todo), 1)), progress.step(name))
    found = []
    for file in files:
        piece, loaded = pickle.loads(file.read_bytes())
        found.append(piece)
        elsewhere |= loaded
    shutil.rmtree(folder)
    return found


def _keep(file: Path, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    found = function(*arguments)
    with paths.whole(file) as draft:
        draft.write_bytes(pickle.dumps((found, record.modules())))
