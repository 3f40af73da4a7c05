"""A run with progress: which data set, which step, how far, how long, and at the end what did not go well."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

from models.messages.places import padded
from pipeline.core.progress import FAR
from pipeline.running import costs, durations, steps, tagged, unchanged
from pipeline.running.repro import MARK
from pipeline.running.runner import Runner
from pipeline.wording.words import said

# What DVC did instead of running a step → its words.
STATES = {"unchanged": "step_unchanged", "from the cache": "step_cached"}


@dataclass(frozen=True)
class Failure:
    """A step that failed, with what it said or what is said about it."""

    step: str
    data_set: str
    said: str


@dataclass
class Outcome:
    """What became of a run.

    Attributes
    ----------
    code
        0, 1 when something failed, 130 when it was stopped.
    finished
        Data sets whose pages are up to date, in the order of params.yaml.
    failures
        Steps that failed, in the order in which they ran.
    said
        What keeps the run as a whole from going on.
    kept
        Whether everything was found as the last run had left it.
    remember
        To be called when all is written that rests on a run that ended well.
    """

    code: int = 1
    finished: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    kept: bool = False
    remember: Callable[[], None] = lambda: None


def reproduce(data_sets: Sequence[str], force: bool = False, alone: bool = False) -> Outcome:
    """Bring every step up to date, printing one line a step; a step that fails holds up its own data set only.

    Parameters
    ----------
    alone
        Whether other data sets, and what is made of all of them, stay as they are.
    """
    every = steps.every(data_sets, alone)
    screen = _Screen(every)
    if not force and (same := unchanged.steps_of_last_run(data_sets, alone)):
        return _nothing_to_do(screen, same, data_sets)
    unchanged.forget()
    before = unchanged.state(data_sets, outputs=False)
    with Runner([*(["--force"] if force else []), *(every if alone else [])]) as runner:
        for line in runner.lines():
            if line.startswith(MARK):
                screen.event(json.loads(line[len(MARK) :]))
            else:
                screen.heard(*tagged.parted(line.rstrip()))
    outcome = screen.outcome
    outcome.finished = [name for name in data_sets if name in screen.pages]
    outcome.code = runner.code
    if runner.code not in (0, 1, 130):
        outcome.said.append("\n".join([*chain(*screen.complaints.values()), runner.end()]))
    screen.close()
    if outcome.code == 0:
        outcome.remember = partial(unchanged.keep, before, data_sets, screen.ended)
    return outcome


def _nothing_to_do(screen: _Screen, same: list[str], data_sets: Sequence[str]) -> Outcome:
    """Tell of a run in which every step is unchanged."""
    for step in same:
        screen.event({"stage": step, "state": "unchanged"})
    screen.outcome.code, screen.outcome.kept = 0, True
    screen.outcome.finished = [name for name in data_sets if f"page@{name}" in same]
    screen.close()
    return screen.outcome


class _Screen:
    """One line a step; how far a step is, and how long the run still takes, goes to a terminal only."""

    def __init__(self, every: Sequence[str]) -> None:
        self.total, self.done = len(every), 0
        self.waiting = set(every)
        self.running: dict[str, float] = {}
        self.complaints: dict[str, list[str]] = {}
        self.pages: set[str] = set()
        self.ended: list[str] = []
        self.outcome = Outcome()
        self.live = sys.stdout.isatty()
        self.began = time.monotonic()

    def event(self, event: dict[str, Any]) -> None:
        if "note" in event:
            print(event["note"])
        if "stage" not in event:
            self.outcome.said += event.get("problems", ())
            return
        step = event["stage"]
        stage, _, data_set = step.partition("@")
        state = event["state"]
        self.waiting.discard(step)
        if state == "begun":
            self.complaints.pop(step, None)
            self.running[step] = time.monotonic()
            self._left("…")
        elif state == "ended":
            if step in self.running:
                self._line(step, self._took(step))
            self.ended.append(step)
            if stage == "page":
                self.pages.add(data_set)
        elif state == "failed":
            told = "\n".join([*self.complaints.pop(step, []), *event["problems"]])
            self.outcome.failures.append(Failure(stage, data_set, told))
            self._line(step, f" {said('failed')}")
        else:
            self._line(step, f" {said(STATES[state])}")

    def heard(self, step: str, text: str) -> None:
        """Take note of what a step printed."""
        if text.startswith(FAR):
            self._left(text)
        elif text.strip():
            self.complaints.setdefault(step, []).append(text)

    def close(self) -> None:
        for step in list(self.running):
            self._line(step, f" {said('step_stopped')}")
        if self.outcome.code == 0:
            print(said("done_in", seconds=f"{time.monotonic() - self.began:.1f}"))

    def _left(self, text: str) -> None:
        if self.live:
            now = time.monotonic()
            left = durations.left(self.waiting, {step: now - began for step, began in self.running.items()})
            print(f"[{self.done:>2}/{self.total}] {', '.join(self.running)} {text} {left}\033[K", end="\r", flush=True)

    def _line(self, step: str, how: str) -> None:
        self.running.pop(step, None)
        self.done += 1
        print(line_of(step, self.done, self.total, how) + ("\033[K" if self.live else ""), flush=True)

    def _took(self, step: str) -> str:
        return took(time.monotonic() - self.running[step], step)


def line_of(step: str, done: int, total: int, how: str) -> str:
    """What is told of a step when it has ended."""
    stage, _, data_set = step.partition("@")
    return f"[{done:>2}/{total}] {padded(data_set or said('all_sets'), 18)} {stage:<10} {how}"


def took(seconds: float, step: str) -> str:
    """Seconds of a step that ended well, and the most memory that one of its processes held."""
    memory = costs.of(step).get("peak_memory_mb")
    return f"{seconds:6.1f} s" + (f" {memory:6.0f} MB" if memory else "")
