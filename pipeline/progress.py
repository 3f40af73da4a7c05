"""`dvc repro` with progress: which data set, which step, how far, how long."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

_STAGE = re.compile(r"(?:Running stage|Stage) '(?P<stage>[^'@]+)(?:@(?P<set>[^']+))?'(?P<rest>.*)")
_FAR = "… "
_EVERY = 5.0
_NOISE = re.compile(r"^\s*(>|Updating lock file|Generating lock file|To track the changes|Use `dvc push`|git add|$)")


def total_steps(data_sets: Sequence[str]) -> int:
    """Number of stage instances in the pipeline."""
    stages = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return sum(len(data_sets) if "matrix" in stage else 1 for stage in stages.values())


def reproduce(data_sets: Sequence[str], force: bool = False) -> int:
    """Run `dvc repro`, print one line a step, pass on everything that DVC or a stage complains about.

    Returns
    -------
    The exit code of DVC.
    """
    command = [sys.executable, "-m", "dvc", "repro", *(["--force"] if force else [])]
    total, done, began = total_steps(data_sets), 0, time.monotonic()
    running: tuple[str, float] | None = None
    complaints: list[str] = []
    # Stage commands call `stickiness`, which lies beside the running Python whether or not that folder is on the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PATH": path},
    )
    assert process.stdout is not None

    def finish() -> None:
        nonlocal running
        if running is not None:
            rest = "\033[K" if sys.stdout.isatty() else ""
            print(f"{running[0]} {time.monotonic() - running[1]:6.1f} s{rest}", flush=True)
            running = None

    for line in process.stdout:
        if line.startswith(_FAR):
            if running is not None and sys.stdout.isatty():
                print(f"{running[0]} {line.rstrip()}\033[K", end="\r", flush=True)
            continue
        match = _STAGE.match(line.strip())
        if match is None:
            if not _NOISE.match(line):
                complaints.append(line.rstrip())
            continue
        finish()
        done += 1
        name = f"[{done:>2}/{total}] {match['set'] or 'all data sets':<18} {match['stage']:<10}"
        if "skipping" in match["rest"]:
            print(f"{name}  unchanged" if "didn't change" in match["rest"] else f"{name}  from the cache", flush=True)
        else:
            if sys.stdout.isatty():
                print(f"{name} …", end="\r", flush=True)
            running = (name, time.monotonic())
    code = process.wait()
    if code == 0:
        finish()
        print(f"done in {time.monotonic() - began:.1f} s")
    else:
        print(f"{running[0]} failed" if running else "failed")
        print("\n".join(complaints))
    return code


def step(name: str) -> Callable[[str, int, int], None]:
    """A line now and then on how far a long computation within a stage is: what, refits finished, of how many."""
    began = told = time.monotonic()

    def tell(what: str, finished: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _EVERY and finished < total:
            return
        told = now
        print(f"{_FAR}{what} of {name}: {finished:,} of {total:,}, {now - began:.0f} s", flush=True)

    return tell
