"""Time and memory of two-way panel slopes by platform type, as ratios against named peers.

    python -m benchmarks.panel --rows 1000000 10000000 --engines read stream duckdb spark linearmodels pyfixest plm

Each engine runs in its own process on the same Parquet file (user, month, platform_type, outcome, three regressors;
sorted by user, 15 % of the months missing), so that the peak memory is its own, after a run on 20 000 rows that leaves
imports and compilation out of the clock. All engines estimate separate slopes and month effects for five platform
types, clustered by user, with the convention of Stata and plm's "sss". Processor seconds (cpu) are
fairer than the clock on a machine that others use. At the end, the way from a log of events to such a panel is compared
with polars (`benchmarks.events`).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import events

FORMULA = "stickiness ~ value + trust + participation"
MONTHS = 24
PLATFORMS = ["comprehensive", "vertical", "social", "content", "livestream"]

ENGINES = {
    "read": """
        def run(path):
            rows = sum(batch.num_rows for batch in batches(path))
            return {}
    """,
    "stream": """
        from models import panel
        def run(path):
            options = dict(entity="user", time="month", by="platform_type", fallback=False)
            return slopes(panel.fit_stream(formula, lambda: batches(path), **options).tidy())
    """,
    "duckdb": """
        import ibis
        from models import panel
        def run(path):
            table = ibis.duckdb.connect(threads=1, memory_limit="1GB").read_parquet(path)
            options = dict(entity="user", time="month", by="platform_type", fallback=False)
            return slopes(panel.fit_stream(formula, table, **options).tidy())
    """,
    "spark": """
        from models import panel
        from pipeline.cleaning.engines import Options, connect
        def run(path):
            table = connect(Options("spark", memory=2)).connection.read_parquet(path)
            options = dict(entity="user", time="month", by="platform_type", fallback=False)
            return slopes(panel.fit_stream(formula, table, **options).tidy())
    """,
    "linearmodels": """
        import pandas as pd
        from models import panel
        def run(path):
            options = dict(entity="user", time="month", by="platform_type", engine="linearmodels")
            return slopes(panel.fit(formula, pd.read_parquet(path), **options).tidy())
    """,
    "pyfixest": """
        import pandas as pd
        import pyfixest as pf
        def run(path):
            # the default correction depends on the process's hash seed with two effects: never use it
            options = dict(vcov={"CRV1": "user"}, ssc=pf.ssc(k_fixef="none"), fixef_rm="none", fixef_tol=1e-12)
            fits = pf.feols(formula + " | user + month", pd.read_parquet(path), split="platform_type", **options)
            return {f"{f._sample_split_value}:{t}": [e, s] for f in fits.to_list()
                    for t, e, s in zip(f.coef().index, f.coef(), f.se())}
    """,
}

SCRIPT = """
import json, resource, sys, time
import pyarrow.parquet as pq
path, small, formula = sys.argv[1:]
def batches(path):
    # row group by row group: one iteration over all of them holds the file in memory
    with pq.ParquetFile(path) as file:
        for i in range(file.num_row_groups):
            yield from file.iter_batches(65_536, row_groups=[i])
def slopes(table):
    return {f"{r.group}:{r.term}": [r.est, r.se] for r in table.itertuples()}
%s
run(small)
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
clock, before = time.perf_counter(), cpu()
result = run(path)
seconds, cpu = time.perf_counter() - clock, cpu() - before
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
print(json.dumps({"seconds": seconds, "cpu": cpu, "memory": memory, "result": result}))
"""

PLM = """
args <- commandArgs(TRUE); library(plm); d <- read.csv(args[1]); start <- proc.time()[3]; out <- list()
for (g in unique(d$platform_type)) {
  fit <- plm(as.formula(args[2]), pdata.frame(d[d$platform_type == g, ], c("user", "month")), model = "within",
             effect = "twoways")
  se <- sqrt(diag(vcovHC(fit, method = "arellano", type = "sss", cluster = "group")))
  for (t in names(coef(fit))) out <- c(out, sprintf('"%s:%s": [%.17g, %.17g]', g, t, coef(fit)[[t]], se[[t]]))
}
cat(sprintf('{"seconds": %f, "cpu": null, "memory": null, "result": {%s}}', proc.time()[3] - start,
            paste(out, collapse = ", ")))
"""


def write_panel(path: Path, rows: int, seed: int = 0) -> None:
    """Write a simulated unbalanced panel, a block of users at a time."""
    rng = np.random.default_rng(seed)
    users = int(rows / (MONTHS * 0.85))
    season = rng.normal(size=MONTHS)
    writer = None
    for first in range(0, users, 50_000):
        ids = np.arange(first, min(first + 50_000, users))
        user, month = np.repeat(ids, MONTHS), np.tile(np.arange(MONTHS), len(ids))
        kept = rng.random(len(user)) < 0.85
        user, month = user[kept], month[kept]
        kind = user % len(PLATFORMS)
        liking = rng.normal(size=len(ids))[user - first]
        x = {n: rng.normal(size=len(user)) + 0.5 * liking for n in ("value", "trust", "participation")}
        y = 0.3 * x["value"] + 0.1 * kind * x["trust"] + 0.2 * x["participation"] + liking + season[month]
        table = pa.table(
            {"user": user, "month": month.astype(np.int16), "platform_type": pa.array(PLATFORMS).take(pa.array(kind))}
            | {"stickiness": y + rng.normal(size=len(user))}
            | x
        )
        table = table.set_column(2, "platform_type", table["platform_type"].dictionary_encode())
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def run(engine: str, path: Path, folder: Path) -> dict[str, object] | str:
    """Run one engine in its own process; a text says why it did not run."""
    if engine == "plm":
        if shutil.which("Rscript") is None:
            return "R is not installed"
        table = folder / "panel.csv"
        pq.read_table(path).to_pandas().to_csv(table, index=False)
        script = folder / "plm.R"
        script.write_text(PLM)
        command = ["Rscript", str(script), str(table), FORMULA]
    else:
        if engine == "pyfixest" and importlib.util.find_spec("pyfixest") is None:
            return "pyfixest is not installed (dependency group 'bench')"
        command = [
            sys.executable,
            "-c",
            SCRIPT % textwrap.dedent(ENGINES[engine]),
            str(path),
            str(folder / "small.parquet"),
            FORMULA,
        ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=False)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"ended with {done.returncode}"
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def difference(result: dict[str, list[float]], other: dict[str, list[float]]) -> str:
    """Largest relative difference of slopes and errors."""
    if not result or set(result) != set(other):
        return ""
    pairs = np.array([[*result[k], *other[k]] for k in result])
    return f"{np.abs(pairs[:, :2] / pairs[:, 2:] - 1).max():.0e}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--engines", nargs="+", default=["read", "stream", "duckdb", "linearmodels", "pyfixest", "plm"])
    parser.add_argument("--events", type=int, default=5_000_000, help="length of the log; 0 leaves it out")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each engine; the median counts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        write_panel(Path(place) / "small.parquet", 20_000)
        for rows in arguments.rows:
            path = Path(place) / f"{rows}.parquet"
            write_panel(path, rows)
            n = pq.ParquetFile(path).metadata.num_rows
            print(f"{n:,} rows, {path.stat().st_size / 1e6:.0f} MB")
            columns = f"{'seconds':>9}{'cpu':>8}{'to stream':>11}{'(cpu)':>7}{'to reading':>12}{'GB':>7}"
            print(f"{'engine':<14}{columns}  off stream by")
            found = {e: [run(e, path, Path(place)) for _ in range(arguments.repeat)] for e in arguments.engines}
            report(found)
    if arguments.events:
        events.compare(arguments.events, list(events.ENGINES), arguments.repeat)


def report(found: dict[str, list[dict[str, object] | str]]) -> None:
    """Print a line an engine."""
    runs = {e: sorted((r for r in rs if isinstance(r, dict)), key=lambda r: r["seconds"]) for e, rs in found.items()}
    median = {e: rs[len(rs) // 2] for e, rs in runs.items() if rs}
    for engine, results in found.items():
        if engine not in median:
            print(f"{engine:<14}{results[0]}")
            continue
        own = median[engine]
        ratios = [own["seconds"] / median[p]["seconds"] if p in median else float("nan") for p in ("stream", "read")]
        memory = own["memory"] if own["memory"] is not None else float("nan")
        off = difference(own["result"], median["stream"]["result"]) if "stream" in median else ""
        cpu = own["cpu"] if own["cpu"] is not None else float("nan")
        shared = cpu / median["stream"]["cpu"] if "stream" in median else float("nan")
        times = f"{own['seconds']:>9.2f}{cpu:>8.1f}{ratios[0]:>11.1f}{shared:>7.1f}{ratios[1]:>12.1f}"
        print(f"{engine:<14}{times}{memory:>7.2f}  {off}")


if __name__ == "__main__":
    main()
