"""Whose words are whose: steps that run side by side print to one pipe, each line under the name of its step."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import TextIO

from pipeline.core import lifeline

MARK = "\x1f"
STEP = "DVC_STAGE"  # set by DVC for every command that it runs


@contextmanager
def own_lines() -> Iterator[None]:
    """Within the block a step of a run prints whole lines under its name; everything else prints as it is."""
    step = os.environ.get(STEP, "")
    if not step or lifeline.VARIABLE not in os.environ:
        yield
        return
    lines = _Lines(sys.stdout, step)
    with redirect_stdout(lines), redirect_stderr(lines):
        try:
            yield
        finally:
            lines.end()


def parted(line: str) -> tuple[str, str]:
    """The step that printed a line, and what it printed; no step where the line does not name one."""
    if not line.startswith(MARK):
        return "", line
    _, step, text = line.split(MARK, 2)
    return step, text


class _Lines(StringIO):
    """Text that is passed on line by line."""

    def __init__(self, out: TextIO, step: str) -> None:
        super().__init__()
        self._out, self._step, self._begun = out, step, ""

    def write(self, text: str) -> int:
        *lines, self._begun = f"{self._begun}{text}".split("\n")
        if lines:
            self._out.write("".join(f"{MARK}{self._step}{MARK}{line}\n" for line in lines))
            self._out.flush()
        return len(text)

    def end(self) -> None:
        if self._begun:
            self.write("\n")
