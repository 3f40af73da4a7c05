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

from pipeline.core.errors import InputError, Problem, worded
from pipeline.running import machine

LOCK = "dvc.lock"
ANOTHER = Problem(
    "this project",
    "another run is going on here",
    "one run at a time",
    "wait until it has ended, or stop it; then: stickiness run",
)
_RESTORE = "unpack the project again, or take the file back with git checkout; then: stickiness run"
_STORE = (
    ".dvc/cache",
    "the store of finished steps is damaged",
    "the files that earlier runs put there",
    "delete .dvc/cache and dvc.lock (only computing time is lost); then: stickiness run",
)
NO_FOLDER = Problem(".dvc", "no such folder", "the folder .dvc with its file config", _RESTORE)
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
        return [Problem("dvc.yaml", _first(error), "the steps as they were delivered", _RESTORE)]
    return [
        Problem(
            "dvc",
            worded("{name}: {error}", name=type(error).__name__, error=_first(error)),
            "no such error: this is a defect",
            "stickiness run --debug shows where; deleting dvc.lock and .dvc/tmp, which are computed, may help",
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
        return [Problem(".dvc/tmp/rwlock", "a file that cannot be read", "none", "delete it; then: stickiness run")]
    if isinstance(error, NotDvcRepoError):
        return [NO_FOLDER]
    if isinstance(error, ConfigError):
        return [Problem(".dvc/config", _first(error), "the settings as they were delivered", _RESTORE)]
    if isinstance(error, DependencyDoesNotExistError | MissingDataSource | FileMissingError):
        return [Problem("dvc.yaml", _first(error), "every file that a step names under deps", _RESTORE)]
    if isinstance(error, FileNotFoundError):
        return [Problem(_file(error), "no such file", "every file that a step names under deps", _RESTORE)]
    if isinstance(error, OutputDoesNotExistError):
        return [Problem("dvc.yaml", _first(error), "every file that a step names under outs", "stickiness run --force")]
    if isinstance(error, YAMLSyntaxError | YAMLValidationError):
        return [Problem(_file(error), _first(error), "YAML as it was delivered", _RESTORE)]
    if isinstance(error, DiskError):
        memory = machine.shown(error.directory)
        return [
            Problem(
                memory,
                "a damaged file",
                "what DVC notes there",
                worded("delete {memory}; then: stickiness run", memory=memory),
            )
        ]
    if isinstance(error, CheckoutError | CacheLinkError):
        return [Problem(*_STORE)]
    if isinstance(error, ConfirmRemoveError):
        return [
            Problem(
                "results",
                _first(error),
                "results that only the steps write",
                "move away what you put there; then: stickiness run --force",
            )
        ]
    return None


def _ended(message: str) -> list[Problem]:
    """A step that ended by itself has said why; one that was ended from outside could not."""
    match = _STATUS.search(message)
    status = int(match[1]) if match else 1
    if status in _STOPPED:
        return [Problem("this step", "it was stopped", "it to run to its end", "stickiness run goes on from here")]
    if status in (-9, 137):
        return [
            Problem(
                "this step",
                "it was killed, as the system does when memory runs out",
                "memory for the data set",
                "close other programs, or lower events.memory and panel.rows_in_memory in params.yaml; stickiness run",
            )
        ]
    if status < 0 or status > 128:
        return [
            Problem(
                "this step",
                worded("it crashed (signal {status})", status=abs(status) % 128),
                "it to run to its end",
                "stickiness run",
            )
        ]
    if status in (126, 127):
        return [
            Problem(
                "this step",
                "the command `stickiness` cannot be started",
                "the environment that uv sync makes",
                "uv sync; then: uv run stickiness run",
            )
        ]
    return []


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__
    return found


def _file(error: BaseException) -> str:
    names = (getattr(error, name, None) for name in ("path", "relpath", "filename"))
    return machine.shown(next(filter(None, names), "dvc.yaml"))


def _first(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
