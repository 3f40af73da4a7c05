"""`python -m pipeline.running.repro`: DVC in a process of its own, which tells what it does as events (JSON lines).

Log records of DVC are turned into events, its exceptions into problems; nothing that it would print reaches a user.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from pipeline.core import lifeline, standing
from pipeline.core.errors import InputError, Problem
from pipeline.core.problems import told
from pipeline.running import durations, machine, meanwhile, parameter_files, side_by_side, unchanged
from pipeline.running.lock_file import LockFile
from pipeline.running.turn import Turn
from pipeline.wording.texts import as_is, worded
from pipeline.wording.words import translated

if TYPE_CHECKING:
    from dvc.stage import PipelineStage

MARK = "\x1e"  # RFC 7464: JSON texts in a stream of other text
STATES = {
    "Running stage": "begun",
    "didn't change, skipping": "unchanged",
    "is cached - skipping run": "from the cache",
}
TEMPORARY = Path(".dvc/tmp")
DEBUG = "STICKINESS_DEBUG"


def main(force: bool, targets: list[str]) -> int:
    """Bring every stage up to date, or those that are named.

    The exit code is 0, 1 when something failed, 130 when stopped.
    """
    lifeline.hold_on()
    stop = _Stop()
    try:
        from pipeline.running import dvc_words

        try:
            return _alone(force, targets, stop)
        except KeyboardInterrupt:
            return 130
        except Exception as error:
            if DEBUG in os.environ:
                raise
            _tell(problems=dvc_words.problems(error))
    except OSError as error:
        _tell(
            problems=[
                machine.refusal(error) or Problem("DVC", as_is(str(error)), worded("dvc_to_start"), as_is("uv sync"))
            ]
        )
    return 1


class _Stop:
    """SIGTERM and SIGINT end the stage that runs, and DVC after it has put its files in order."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            lifeline.end_group(os.getpgrp() if hasattr(os, "getpgrp") else os.getpid(), signal.SIGTERM)


def _alone(force: bool, targets: list[str], stop: _Stop) -> int:
    """Under the lock of this project: a killed run leaves it free."""
    from dvc.lock import Lock, LockError

    from pipeline.running import dvc_words

    if not Path(".dvc").is_dir():
        raise InputError(dvc_words.NO_FOLDER)
    TEMPORARY.mkdir(exist_ok=True)
    lock = Lock(str(TEMPORARY / unchanged.LOCK))
    try:
        lock.lock()
    except LockError:
        raise InputError(dvc_words.ANOTHER) from None
    try:
        _forget_killed_runs()
        try:
            return _reproduce(force, targets, stop)
        except Exception as error:
            if not dvc_words.broken_lock(error):
                raise
            os.replace(dvc_words.LOCK, f"{dvc_words.LOCK}.broken")
            _tell(note=translated(worded("list_was_broken", name=dvc_words.LOCK)))
            return _reproduce(force, targets, stop)
    finally:
        lock.unlock()


def _reproduce(force: bool, targets: list[str], stop: _Stop) -> int:
    """Every stage, or those that are named: `Stage.reproduce` tells what changed and runs it."""
    from dvc.repo import Repo, lock_repo

    from pipeline.running import dvc_words

    _listen()
    parameter_files.read_once()
    kept = LockFile(Path(dvc_words.LOCK))
    with Repo() as repo:
        repo.lock = turn = Turn(repo.lock)
        with lock_repo(repo):
            graph = repo.index.graph
            stages = {stage.addressing: stage for stage in graph}
            wanted = targets or list(stages)
            needed = {name: {other.addressing for other in graph.successors(stages[name])} for name in wanted}
            before = {name: those & set(wanted) for name, those in needed.items()}

            def one(name: str) -> bool:
                with turn:
                    return not stop.asked and _one(stages[name], force, kept, stop)

            with turn.given_up():
                well = side_by_side.all_done(before, one, durations.expected)
    return 130 if stop.asked else int(not well)


def _one(stage: PipelineStage, force: bool, kept: LockFile, stop: _Stop) -> bool:
    try:
        _bring_up_to_date(stage, force or _outdated(stage.addressing), kept)
    except Exception as error:
        if not stop.asked:
            _tell(stage=stage.addressing, state="failed", error=error)
        return False
    _tell(stage=stage.addressing, state="ended")
    return True


def _outdated(step: str) -> bool:
    """Whether a page shows less or more than what was computed when asked for, which no step depends on."""
    stage, _, data_set = step.partition("@")
    return stage == "page" and standing.outdated(data_set)


def _bring_up_to_date(stage: PipelineStage, force: bool, kept: LockFile) -> None:
    """As `Stage.reproduce`, which keeps nothing of a step until what it rests on is known to be as it was before.

    Raises
    ------
    InputError
        With all that was changed while the step ran; what it wrote is gone then.
    """
    before = meanwhile.state(stage)
    if stage.reproduce(force=force, no_commit=True) is None:
        return
    if problems := meanwhile.changed(before, meanwhile.state(stage)):
        stage.remove_outs(force=True)
        raise InputError(problems)
    stage.repo.stage_cache.save(stage)
    stage.commit()
    kept.keep(stage)


def _listen() -> None:
    """Take DVC's log records instead of letting it print them."""
    for name in ("dvc", "dvc_objects", "dvc_data"):
        logger = logging.getLogger(name)
        if DEBUG not in os.environ:
            logger.handlers.clear()
            logger.propagate = False
    logging.getLogger("dvc").addHandler(_Listener())


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        name = re.search(r"[Ss]tage '([^']+)'", text)
        for words, state in STATES.items():
            if words in text and name:
                _tell(stage=name[1], state=state)


def _forget_killed_runs() -> None:
    """Runs of ours that DVC still lists as readers and writers are gone: this one holds the lock."""
    path = TEMPORARY / "rwlock"
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        alive = {
            "write": {file: by for file, by in listed.get("write", {}).items() if not _ours(by)},
            "read": {
                file: left
                for file, by in listed.get("read", {}).items()
                if (left := [reader for reader in by if not _ours(reader)])
            },
        }
        path.write_text(json.dumps(alive), encoding="utf-8")
    except FileNotFoundError:
        return
    except (ValueError, AttributeError, TypeError, KeyError):  # cut off while it was written
        with suppress(FileNotFoundError):
            path.unlink()


def _ours(process: dict[str, Any]) -> bool:
    return Path(__file__).name in process["cmd"]


def _tell(error: BaseException | None = None, problems: list[Problem] | None = None, **event: Any) -> None:
    if error is not None:
        from pipeline.running import dvc_words

        problems = dvc_words.problems(error)
    if problems is not None:
        event["problems"] = [told(problem) for problem in problems]
    sys.stdout.write(f"{MARK}{json.dumps(event)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main("--force" in sys.argv, [name for name in sys.argv[1:] if name != "--force"]))
