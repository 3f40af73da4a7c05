"""The process that runs the stages, and its end: however it or this program ends, nothing of it stays behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from pipeline.core import lifeline
from pipeline.wording.texts import worded

GRACE = 15.0  # seconds for stages to remove their drafts and for DVC to write down what is finished


class Runner:
    """`pipeline.running.repro` in a group of its own, with a standard input that lives as long as this process."""

    def __init__(self, arguments: Sequence[str]) -> None:
        # Stages call `stickiness`, which lies beside the running Python whether or not that folder is on the path.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self.process = lifeline.begun(["-m", "pipeline.running.repro", *arguments], PATH=path)
        # A stage holds the output open after the death of its parent: reading would never end.
        self._watch = threading.Thread(target=self._follow, daemon=True)
        self._watch.start()

    @property
    def code(self) -> int:
        return self.process.wait()

    def lines(self) -> Iterator[str]:
        """What the process and its stages print, until all of them have ended."""
        assert self.process.stdout is not None
        yield from self.process.stdout

    def end(self) -> str:
        """What to tell a user whose run ended without a word."""
        how = worded("was_killed", signal=-self.code) if self.code < 0 else worded("ended_with_code", code=self.code)
        return f"The process that runs the steps {how}. What is finished is kept: stickiness run goes on from there."

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None:
                lifeline.end_group(self.process.pid, signal.SIGTERM)
            self._watch.join(GRACE)
        finally:
            if self.process.poll() is None:
                self._kill()

    def _follow(self) -> None:
        self.process.wait()
        self._kill()

    def _kill(self) -> None:
        lifeline.end_group(self.process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
