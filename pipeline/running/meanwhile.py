"""What a step rests on, before its command and after it.

DVC hashes dependencies and parameters when the command has ended: what somebody edits meanwhile would be noted, and
kept in its cache of runs, as what the step computed with.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from pipeline.core import declared
from pipeline.core.errors import Problem
from pipeline.running import file_times
from pipeline.wording.texts import worded

if TYPE_CHECKING:
    from dvc.stage import PipelineStage

# File or parameter, by its file and name → what tells one state of it from another.
State = dict[tuple[str, str], Any]
NAMED = 3


def state(stage: PipelineStage) -> State:
    """Size and times of every file that a step reads, and the values of its parameters.

    Parameters are read as a step begins, so that their values tell whether they are the same, whatever else is edited
    in their file; choices by each process that a step starts, so that whoever writes their file has changed it.
    """
    from dvc.dependency.param import ParamsDependency

    found: State = {}
    for dependency in stage.deps:
        path = dependency.def_path
        if isinstance(dependency, ParamsDependency) and path != declared.CHOICES:
            found |= {(path, name): value for name, value in dependency.read_params().items()}
            continue
        try:
            found |= {(file, ""): times for file, times in file_times.of([path]).items()}
        except OSError as error:  # DVC says what is not there
            found[path, ""] = error.errno
    return found


def changed(before: State, now: State) -> list[Problem]:
    """What to tell of files and parameters that are not as they were."""
    differ = sorted(entry for entry in before.keys() | now.keys() if before.get(entry) != now.get(entry))
    files = [file for file, name in differ if not name]
    named = {file: [name for _, name in each] for file, each in groupby(differ, lambda entry: entry[0])}
    places: list[tuple[str, str | None]] = [(_listed(files), None)] if files else []
    places += [(file, _listed(names)) for file, names in named.items() if any(names)]
    return [
        Problem(
            place,
            worded("changed_meanwhile"),
            worded("same_from_begin_to_end"),
            worded("nothing_kept_so_run_again"),
            column=column,
        )
        for place, column in places
    ]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
