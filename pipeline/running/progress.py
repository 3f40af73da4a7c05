"""A run with progress: which data set, which step, how far, how long, and at the end what did not go well."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.progress import FAR
from pipeline.running import durations, steps, unchanged
from pipeline.running.repro import MARK
from pipeline.running.runner import Runner


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
    code : 0, 1 when something failed, 130 when it was stopped.
    finished : data sets whose pages are up to date, in the order of params.yaml.
    failures : steps that failed, in the order in which they ran.
    said : what keeps the run as a whole from going on.
    """

    code: int = 1
    finished: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def reproduce(data_sets: Sequence[str], force: bool = False, alone: bool = False) -> Outcome:
    """Bring every step up to date, printing one line a step; a step that fails holds up its own data set only.

    Parameters
    ----------
    alone : whether other data sets, and what is made of all of them, stay as they are.
    """
    every = steps.every(data_sets, alone)
    screen = _Screen(every)
    if not (force or alone) and (same := unchanged.steps_of_last_run(data_sets)):
        return _nothing_to_do(screen, same, data_sets)
    unchanged.forget()
    before = unchanged.state(data_sets, outputs=False)
    with Runner([*(["--force"] if force else []), *(every if alone else [])]) as runner:
        for line in runner.lines():
            if line.startswith(MARK):
                screen.event(json.loads(line[len(MARK) :]))
            elif line.startswith(FAR):
                screen.far(line.rstrip())
            elif line.strip():
                screen.complaints.append(line.rstrip())
    outcome = screen.outcome
    outcome.finished = [name for name in data_sets if name in screen.pages]
    outcome.code = runner.code
    if runner.code not in (0, 1, 130):
        outcome.said.append("\n".join([*screen.complaints, runner.end()]))
    screen.close()
    if outcome.code == 0 and not alone:
        unchanged.keep(before, data_sets, screen.ended)
    return outcome


def _nothing_to_do(screen: _Screen, same: list[str], data_sets: Sequence[str]) -> Outcome:
    """Tell of a run in which every step is unchanged."""
    for step in same:
        screen.event({"stage": step, "state": "unchanged"})
    screen.outcome.code = 0
    screen.outcome.finished = [name for name in data_sets if f"page@{name}" in same]
    screen.close()
    return screen.outcome


class _Screen:
    """One line a step; how far a step is, and how long the run still takes, goes to a terminal only."""

    def __init__(self, every: Sequence[str]) -> None:
        self.total, self.done = len(every), 0
        self.waiting, self.step = set(every), ""
        self.running: tuple[str, float] | None = None
        self.complaints: list[str] = []
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
        stage, _, data_set = event["stage"].partition("@")
        state = event["state"]
        name = f"{data_set or 'all data sets':<18} {stage:<10}"
        self.waiting.discard(event["stage"])
        if state == "begun":
            self.complaints.clear()
            self.step = event["stage"]
            self._begin(name)
        elif state == "ended":
            self._end()
            self.ended.append(event["stage"])
            if stage == "page":
                self.pages.add(data_set)
        elif state == "failed":
            said = "\n".join([*self.complaints, *event["problems"]])
            self.outcome.failures.append(Failure(stage, data_set, said))
            self.complaints.clear()
            if self.running is None:
                self._begin(name)
            self._end("failed")
        else:
            self.done += 1
            print(f"{self._numbered(name)}  {state}", flush=True)

    def far(self, text: str) -> None:
        if self.running is not None and self.live:
            name, began = self.running
            left = durations.left(self.waiting, self.step, time.monotonic() - began)
            print(f"{name} {text}, {left}\033[K", end="\r", flush=True)

    def close(self) -> None:
        self._end("stopped")
        if self.outcome.code == 0:
            print(f"done in {time.monotonic() - self.began:.1f} s")

    def _begin(self, name: str) -> None:
        self.done += 1
        if self.live:
            print(f"{self._numbered(name)} … {durations.left(self.waiting, self.step)}\033[K", end="\r", flush=True)
        self.running = (self._numbered(name), time.monotonic())

    def _end(self, how: str = "") -> None:
        if self.running is not None:
            name, began = self.running
            took = f" {time.monotonic() - began:6.1f} s"
            print(f"{name}{f'  {how}' if how else took}" + ("\033[K" if self.live else ""), flush=True)
            self.running = None

    def _numbered(self, name: str) -> str:
        return f"[{self.done:>2}/{self.total}] {name}"
