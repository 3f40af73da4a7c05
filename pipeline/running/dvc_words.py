"""What DVC complains about, in this project's words: found, expected, next step."""

from __future__ import annotations

import re

from dvc.config import ConfigError
from dvc.dependency.base import DependencyDoesNotExistError
from dvc.exceptions import (
    CacheLinkError,
    CheckoutError,
    ConfirmRemoveError,
    DvcException,
    FileMissingError,
    NotDvcRepoError,
)
from dvc.lock import LockError
from dvc.output import OutputDoesNotExistError
from dvc.rwlock import RWLockFileCorruptedError, RWLockFileFormatError
from dvc.stage.exceptions import MissingDataSource, StageCmdFailedError
from dvc.utils.strictyaml import YAMLSyntaxError, YAMLValidationError
from dvc_data.hashfile.cache import DiskError

from pipeline.core.errors import InputError, Problem
from pipeline.running import machine
from pipeline.wording.texts import Worded, as_is, worded

LOCK = "dvc.lock"
ANOTHER = Problem(
    worded("this_project"),
    worded("another_run_goes_on"),
    worded("one_run_at_a_time"),
    worded("wait_and_run"),
)
_RESTORE = worded("take_file_back_and_run")
_STORE = (
    ".dvc/cache",
    worded("store_is_damaged"),
    worded("files_of_earlier_runs"),
    worded("delete_store_and_run"),
)
NO_FOLDER = Problem(".dvc", worded("no_such_folder"), worded("folder_of_dvc"), _RESTORE)
_STATUS = re.compile(r"exited with (-?\d+)")
_STOPPED = {-2, -15, 130, 143}


def problems(error: BaseException) -> list[Problem]:
    """What to tell a user about an error that DVC ended with; nothing where a step has said it already."""
    if isinstance(error, InputError):
        return error.problems
    for cause in _causes(error):
        found = _problem(cause)
        if found is not None:
            return found
    if (refused := machine.refusal(error)) is not None:
        return [refused]
    if isinstance(error, DvcException):
        return [Problem("dvc.yaml", _first(error), worded("steps_as_they_were_delivered"), _RESTORE)]
    return [
        Problem(
            "dvc",
            worded("column_because", column=type(error).__name__, why=_first(error)),
            worded("defect_of_dvc"),
            worded("debug_and_delete"),
        )
    ]


def broken_lock(error: BaseException) -> bool:
    """Whether it is the list of finished steps (dvc.lock) that cannot be read."""
    return any(str(getattr(cause, "path", "")).endswith(LOCK) for cause in _causes(error)) or any(
        isinstance(cause, DvcException) and f"{LOCK}'" in str(cause) for cause in _causes(error)
    )


def _problem(error: BaseException) -> list[Problem] | None:
    if isinstance(error, StageCmdFailedError):
        return _ended(str(error))
    if isinstance(error, LockError):
        return [ANOTHER]
    if isinstance(error, RWLockFileCorruptedError | RWLockFileFormatError):
        return [
            Problem(
                ".dvc/tmp/rwlock",
                worded("file_that_cannot_be_read"),
                worded("no_output_named"),
                worded("delete_it_then_run"),
            )
        ]
    if isinstance(error, NotDvcRepoError):
        return [NO_FOLDER]
    if isinstance(error, ConfigError):
        return [Problem(".dvc/config", _first(error), worded("settings_as_they_were_delivered"), _RESTORE)]
    if isinstance(error, DependencyDoesNotExistError | MissingDataSource | FileMissingError):
        return [Problem("dvc.yaml", _first(error), worded("every_dependency"), _RESTORE)]
    if isinstance(error, FileNotFoundError):
        return [Problem(_file(error), worded("no_such_file"), worded("every_dependency"), _RESTORE)]
    if isinstance(error, OutputDoesNotExistError):
        return [Problem("dvc.yaml", _first(error), worded("every_output"), as_is("stickiness run --force"))]
    if isinstance(error, YAMLSyntaxError | YAMLValidationError):
        return [Problem(_file(error), _first(error), worded("yaml_as_it_was_delivered"), _RESTORE)]
    if isinstance(error, DiskError):
        memory = machine.shown(error.directory)
        return [
            Problem(
                memory,
                worded("damaged_file"),
                worded("what_dvc_notes_there"),
                worded("delete_then_run", memory=memory),
            )
        ]
    if isinstance(error, CheckoutError | CacheLinkError):
        return [Problem(*_STORE)]
    if isinstance(error, ConfirmRemoveError):
        return [
            Problem(
                "results",
                _first(error),
                worded("results_that_only_steps_write"),
                worded("move_away_and_force"),
            )
        ]
    return None


def _ended(message: str) -> list[Problem]:
    """A step that ended by itself has said why; one that was ended from outside could not."""
    match = _STATUS.search(message)
    status = int(match[1]) if match else 1
    if status in _STOPPED:
        return [
            Problem(
                worded("this_step"), worded("it_was_stopped"), worded("run_to_its_end"), worded("run_goes_on_from_here")
            )
        ]
    if status in (-9, 137):
        return [
            Problem(
                worded("this_step"),
                worded("killed_for_memory"),
                worded("memory_for_data_set"),
                worded("close_programs_and_run_here"),
            )
        ]
    if status < 0 or status > 128:
        return [
            Problem(
                worded("this_step"),
                worded("it_crashed", status=abs(status) % 128),
                worded("run_to_its_end"),
                as_is("stickiness run"),
            )
        ]
    if status in (126, 127):
        return [
            Problem(
                worded("this_step"),
                worded("command_cannot_start"),
                worded("environment_that_uv_sync_makes"),
                worded("uv_sync_and_run"),
            )
        ]
    return []


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__
    return found


def _file(error: BaseException) -> str | Worded:
    names = (getattr(error, name, None) for name in ("path", "relpath", "filename"))
    return machine.shown(next(filter(None, names), "dvc.yaml"))


def _first(error: BaseException) -> Worded:
    return as_is(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__)
