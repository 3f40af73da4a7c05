"""Speed of `models.sem` as ratios against lavaan (serial and two processors) and semopy, on the same models and data.

    OMP_NUM_THREADS=1 python benchmarks/sem.py [--quick] [--only NAME ...] [--json FILE]

Where Rscript with lavaan and jsonlite is present, lavaan draws the resamples of a bootstrap (with missing answers 20,
from which its time for all is extrapolated) and this engine refits to the very same ones to show how far the estimates
are apart. Serial times are processor time, so that other programs on the machine do not matter much; with two
processors they are elapsed time. Medians of repeats; the first use of the compiled code is left out and its cost
printed apart. Read the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(FOLDER))

from models import sem  # noqa: E402
from models.sem.kernels import refits as kernels  # noqa: E402
from models.sem.resampling.refit import refit_all  # noqa: E402
from models.sem.resampling.resample import draws, moments, pools  # noqa: E402

FIXTURES = FOLDER / "tests" / "fixtures" / "sem"


@dataclass(frozen=True)
class Task:
    """One thing to time; `reference` names the fixture with model and data, `samples` > 0 asks for a bootstrap.

    Where lavaan takes too long it draws `peer_samples` only, and its time is extrapolated in proportion; what is
    shorter than R's clock can tell is called `calls` times between two looks at it.
    """

    name: str
    reference: str
    samples: int = 0
    peer_samples: int = 0
    repeats: int = 5
    calls: int = 1
    ordered: bool = False
    semopy: bool = False
    args: dict[str, Any] = field(default_factory=dict)


TASKS = (
    Task("fit, nine items", "hs_ml", repeats=9, calls=20, semopy=True),
    Task("fit, theory model", "theory", repeats=9, calls=3, semopy=True),
    Task("fit, five groups, scalar", "theory_five_scalar_second", repeats=3),
    Task("fit, missing answers (FIML)", "theory_fiml", repeats=1),
    Task("fit, ordinal (WLSMV)", "theory_correlated", repeats=1, ordered=True, args={"estimator": "WLSMV"}),
    Task("bootstrap, nine items", "hs_ml", samples=1000, repeats=3),
    Task("bootstrap, nine items, missing answers (FIML)", "hs_fiml", samples=1000, peer_samples=20, repeats=3),
    Task("bootstrap, theory model", "theory", samples=200, repeats=1),
    Task("bootstrap, five groups, scalar", "theory_five_scalar_second", samples=8, repeats=1),
)
QUICK = {"bootstrap, nine items": 200, "bootstrap, theory model": 20, "bootstrap, five groups, scalar": 0}


def content(task: Task) -> dict[str, Any]:
    """Return the model, the data and the arguments of a task."""
    case = json.loads((FIXTURES / f"{task.reference}.json").read_text(encoding="utf-8"))
    return {
        "syntax": case["syntax"],
        "data": str(FIXTURES / case["data"]),
        "args": dict(case["args"] or {}) | task.args,
    }


def seconds(
    code: Callable[[], object], repeats: int, clock: Callable[[], float] = time.process_time, calls: int = 1
) -> float:
    """Return the median time of a call, where each repeat is so many of them."""
    times = []
    for _ in range(repeats):
        start = clock()
        for _ in range(calls):
            code()
        times.append((clock() - start) / calls)
    return statistics.median(times)


def lavaan(tasks: list[Task]) -> list[dict[str, Any]] | None:
    """Return lavaan's times and estimates, or None where it is not installed."""
    needed = ["Rscript", "-e", "library(lavaan); library(jsonlite)"]
    if shutil.which("Rscript") is None or subprocess.run(needed, capture_output=True).returncode:
        print("lavaan is left out: it needs Rscript with lavaan and jsonlite", file=sys.stderr)
        return None
    names = {"group_equal": "group.equal", "std_lv": "std.lv"}
    written = []
    for task in tasks:
        case = content(task)
        args = {names.get(k, k): "ml" if v == "fiml" else v for k, v in case["args"].items()}
        samples = task.peer_samples or task.samples
        written.append(
            case
            | {"args": args, "samples": samples, "repeats": task.repeats, "calls": task.calls, "ordered": task.ordered}
        )
    with tempfile.TemporaryDirectory() as folder:
        there, back = Path(folder) / "tasks.json", Path(folder) / "results.json"
        there.write_text(json.dumps(written), encoding="utf-8")
        subprocess.run(["Rscript", str(FOLDER / "benchmarks" / "sem.R"), str(there), str(back)], check=True)
        return json.loads(back.read_text(encoding="utf-8"))["results"]


def semopy_seconds(task: Task) -> float:
    """Return semopy's time for estimates and standard errors, tolerance tightened."""
    import semopy

    case = content(task)
    frame = pd.read_csv(case["data"])
    text = "\n".join(line for line in case["syntax"].splitlines() if ":=" not in line)

    def run() -> None:
        model = semopy.Model(text)
        model.fit(frame, solver="SLSQP", options={"ftol": 1e-12, "maxiter": 2000})
        model.inspect()

    return seconds(run, max(1, task.repeats // 3))


def measure(task: Task, peer: dict[str, Any] | None) -> dict[str, Any]:
    """Time this engine on one task and put it beside its peers."""
    case = content(task)
    frame = pd.read_csv(case["data"])
    args = dict(case["args"])
    if task.ordered:
        args["ordered"] = [c for c in frame.columns if c != "platform_type"]

    def fit() -> sem.Fit:
        return sem.fit(case["syntax"], frame, **args)

    def with_errors() -> None:
        result = fit()
        result.vcov()
        result.baseline  # noqa: B018
        _ = result.scaled_test

    row: dict[str, Any] = {"task": task.name, "samples": task.samples or None}
    if not task.samples:
        with_errors()
        row["seconds"] = seconds(with_errors, task.repeats, calls=task.calls)
        if task.semopy:
            row["vs_semopy"] = semopy_seconds(task) / row["seconds"]
    else:
        fitted = fit()
        sem.bootstrap(fitted, 4, seed=1)
        clocks = {
            "seconds": (1, time.process_time),
            "seconds_two": (2, time.perf_counter),
        }
        for column, (threads, clock) in clocks.items():
            row[column] = seconds(
                lambda threads=threads: sem.bootstrap(fitted, task.samples, seed=1, threads=threads),
                max(3, task.repeats),
                clock,
            )
    if peer is not None:
        share = task.peer_samples / task.samples if task.peer_samples else 1.0
        row["vs_lavaan"] = peer["seconds"] / share / row["seconds"]
        if task.samples:
            row["two_vs_serial"] = peer["seconds"] / share / row["seconds_two"]
            row["two_vs_two"] = peer["seconds_two"] / share / row["seconds_two"]
            row["deviation"] = deviation(fitted, peer)
    return row


def deviation(fitted: sem.Fit, peer: dict[str, Any]) -> float:
    """Return the median over resamples of the largest deviation from lavaan's estimates, in standard errors."""
    sample = fitted.task.sample
    counts = [
        np.array([np.bincount(chosen, minlength=group.n) for chosen in np.array(rows)])
        for group, rows in zip(sample.groups, peer["rows"], strict=True)
    ]
    found = refit_all(fitted.task, fitted.theta, [counts], 1, "auto")
    theirs = np.array(peer["refits"])
    if theirs.shape != found.theta.shape:
        return np.nan
    se = np.sqrt(np.diag(fitted.vcov()))
    return float(np.median(np.abs((found.theta - theirs) / se).max(axis=1)))


def first_use() -> float:
    """Return the time of the first refit in a process without cached machine code."""
    code = (
        "import time, pandas as pd; from models import sem; import sys\n"
        f"frame = pd.read_csv({str(FIXTURES / 'holzinger.csv')!r})\n"
        "fitted = sem.fit('f =~ x1 + x2 + x3', frame); start = time.process_time()\n"
        "sem.bootstrap(fitted, 4, seed=1); print(time.process_time() - start)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "NUMBA_CACHE_DIR": folder,
            "PYTHONPATH": str(FOLDER),
            "PATH": "/usr/bin:/bin",
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def stages(fitted: sem.Fit, n: int) -> dict[str, float]:
    """Return where the time of a bootstrap goes, in seconds."""
    sample = fitted.task.sample
    drawn = pools(sample, "stratified")
    counts = next(draws(drawn, n, seed=1))
    sets = moments(sample, counts)
    return {
        "draw": seconds(lambda: next(draws(drawn, n, seed=1)), 3),
        "moments": seconds(lambda: moments(sample, counts), 3),
        "refit": seconds(lambda: kernels.refit(fitted.task, fitted.theta, sets), 3),
    }


def main() -> None:
    """Run the tasks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer resamples, one repeat, no five-group bootstrap")
    parser.add_argument("--only", nargs="*", help="parts of the names of tasks")
    parser.add_argument("--json", type=Path, help="also write the table here")
    options = parser.parse_args()
    tasks = [task for task in TASKS if not options.only or any(part in task.name for part in options.only)]
    if options.quick:
        tasks = [
            Task(**(vars(task) | {"samples": QUICK.get(task.name, task.samples), "repeats": 1}))
            for task in tasks
            if QUICK.get(task.name, 1)
        ]
    tasks = [task for task in tasks if (FIXTURES / f"{task.reference}.json").exists()]
    peers = lavaan(tasks) or [None] * len(tasks)
    table = pd.DataFrame([measure(task, peer) for task, peer in zip(tasks, peers, strict=True)])
    print(table.to_string(index=False, float_format=lambda x: f"{x:.3g}", na_rep="-"))
    print(f"first use of the compiled refits: {first_use():.1f} s of processor time")
    case = content(TASKS[1])
    fitted = sem.fit(case["syntax"], pd.read_csv(case["data"]))
    parts = ", ".join(f"{name} {value:.2f} s" for name, value in stages(fitted, 1000).items())
    print(f"1,000 resamples of the theory model on one processor: {parts}")
    if options.json:
        options.json.write_text(table.to_json(orient="records", indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
