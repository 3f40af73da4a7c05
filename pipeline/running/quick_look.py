"""A quick look without DVC: every step of every data set anew, data sets side by side, results apart."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from pipeline.core import declared, lifeline, quick
from pipeline.core.parallel import cores
from pipeline.core.progress import FAR
from pipeline.running import steps
from pipeline.running.progress import Failure, Outcome


def look(data_sets: Sequence[str]) -> Outcome:
    """Run every stage of each data set with few draws, printing one line a step; then those over all data sets."""
    outcome, began = Outcome(), time.monotonic()
    declared_stages = declared.stages()
    stages = [name for name, entry in declared_stages.items() if "matrix" in entry]
    over_all = [name for name in declared_stages if name not in stages]
    with ThreadPoolExecutor(cores()) as pool, _Processes(len(steps.every(data_sets))) as processes:
        for failure in pool.map(lambda name: processes.chain(name, stages), data_sets):
            if failure is not None:
                outcome.failures.append(failure)
        held_up = {failure.data_set for failure in outcome.failures}
        outcome.finished = [name for name in data_sets if name not in held_up]
        if not held_up:
            of = list(data_sets)
            outcome.failures += [failure for stage in over_all if (failure := processes.step(stage, of=of))]
    outcome.code = int(bool(outcome.failures))
    if not outcome.code:
        print(f"done in {time.monotonic() - began:.1f} s")
    return outcome


class _Processes:
    """Stages as processes of their own, none of which outlives this one."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.alive: set[subprocess.Popen[str]] = set()

    def __enter__(self) -> _Processes:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.alive:
            process.kill()

    def chain(self, data_set: str, stages: Sequence[str]) -> Failure | None:
        """The stages of a data set one after another, until one fails."""
        return next((failure for stage in stages if (failure := self.step(stage, data_set))), None)

    def step(self, stage: str, data_set: str = "", of: Sequence[str] = ()) -> Failure | None:
        """One stage of a data set, or of several together."""
        began = time.monotonic()
        command = ["-m", "pipeline.cli", "stage", stage, *(of or [data_set])]
        process = lifeline.begun(command, **{quick.VARIABLE: "1"})
        self.alive.add(process)
        assert process.stdout is not None
        said = [line.rstrip() for line in process.stdout if line.strip() and not line.startswith(FAR)]
        code = process.wait()
        self.alive.discard(process)
        self.done += 1
        took = f"{time.monotonic() - began:6.1f} s" if code == 0 else " failed"
        print(f"[{self.done:>2}/{self.total}] {data_set or 'all data sets':<18} {stage:<10} {took}", flush=True)
        return None if code == 0 else Failure(stage, data_set, "\n".join(said))
