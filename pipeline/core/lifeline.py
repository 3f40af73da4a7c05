"""No process of a run outlives the run: standard input is a pipe that the run holds open, and its end is theirs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import parent_process
from types import FrameType

VARIABLE = "STICKINESS_LIFELINE"


class Terminated(KeyboardInterrupt):
    """The system asked this process to end (SIGTERM); drafts are removed on the way out, as after Ctrl-C."""


def begun(arguments: Sequence[str], **variables: str) -> subprocess.Popen[str]:
    """A Python process in a group of its own that ends when this one does; what it says comes as text.

    Parameters
    ----------
    arguments
        What stands behind `python`.
    variables
        Of its environment, beside those of this process.
    """
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {VARIABLE: "1", "PYTHONIOENCODING": "utf-8"} | variables,
        start_new_session=True,
    )


def end_group(leader: int, how: int) -> None:
    """Send a signal to every process of a group; on Windows, which has none, to its leader."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(leader, how)
        else:
            os.kill(leader, signal.SIGTERM)


def hold_on() -> None:
    """End this process and its group as soon as the run that started it is gone, however that came about."""
    if VARIABLE in os.environ:
        threading.Thread(target=_until_the_end_of_input, daemon=True).start()


def hold_on_to_parent() -> None:
    """End this worker of a process pool as soon as the process that started it is gone."""
    threading.Thread(target=_until_the_end_of_parent, daemon=True).start()


@contextmanager
def asked_to_end() -> Iterator[None]:
    """Within the block SIGTERM raises `Terminated`, so that what is half-written is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _until_the_end_of_input() -> None:
    while os.read(0, 1024):
        pass
    if hasattr(os, "killpg"):
        end_group(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _until_the_end_of_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
