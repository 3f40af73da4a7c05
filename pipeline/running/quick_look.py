"""A quick look without DVC: every step of every data set anew, steps side by side, results apart."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence

from pipeline.core import lifeline, quick
from pipeline.core.progress import FAR
from pipeline.running import durations, side_by_side, steps
from pipeline.running.progress import Failure, Outcome, line_of
from pipeline.wording.words import said


def look(data_sets: Sequence[str]) -> Outcome:
    """Run every stage of each data set with few draws, printing one line a step; then those over all data sets."""
    outcome, began = Outcome(), time.monotonic()
    before = steps.before(data_sets)
    with _Processes(data_sets, len(before)) as processes:
        well = side_by_side.all_done(before, processes.step, durations.expected)
    outcome.failures = processes.failures
    held_up = {failure.data_set for failure in outcome.failures}
    outcome.finished = [name for name in data_sets if name not in held_up]
    outcome.code = int(not well)
    if well:
        print(said("done_in", seconds=f"{time.monotonic() - began:.1f}"))
    return outcome


class _Processes:
    """Stages as processes of their own, none of which outlives this one."""

    def __init__(self, data_sets: Sequence[str], total: int) -> None:
        self.data_sets, self.total, self.done = data_sets, total, 0
        self.alive: set[subprocess.Popen[str]] = set()
        self.failures: list[Failure] = []

    def __enter__(self) -> _Processes:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.alive:
            process.kill()

    def step(self, step: str) -> bool:
        """Run a step; False when it failed."""
        began = time.monotonic()
        stage, _, data_set = step.partition("@")
        command = ["-m", "pipeline.cli", "stage", stage, *([data_set] if data_set else self.data_sets)]
        process = lifeline.begun(command, **{quick.VARIABLE: "1"})
        self.alive.add(process)
        assert process.stdout is not None
        told = [line.rstrip() for line in process.stdout if line.strip() and not line.startswith(FAR)]
        code = process.wait()
        self.alive.discard(process)
        self.done += 1
        how = f"{time.monotonic() - began:6.1f} s" if code == 0 else f" {said('failed')}"
        print(line_of(step, self.done, self.total, how), flush=True)
        if code:
            self.failures.append(Failure(stage, data_set, "\n".join(told)))
        return code == 0
