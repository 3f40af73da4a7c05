"""Time and memory from a log of events to user × month indices, against the same indices written by hand in polars.

    python -m benchmarks.events --events 50000000 --engines read duckdb polars

Both read one Parquet file in the order of time and write 17 measures a user and month, sorted by user. `duckdb` is the
stage of the pipeline with its card: besides, it counts the events that each rule keeps, looks for users on two
platforms, counts censored users and fills months without events. `polars` is its streaming engine. Each runs in its own
process after a run on 20 000 events. Processor seconds (cpu) are fairer than the clock on a machine that others use.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.log import PLATFORMS, write_log

ENGINES = {
    "read": """
        import pyarrow.parquet as pq
        def run(path, target):
            with pq.ParquetFile(path) as file:
                for i in range(file.num_row_groups):
                    for batch in file.iter_batches(65_536, row_groups=[i]):
                        pass
    """,
    "duckdb": """
        from benchmarks.events import card
        from pipeline.cleaning.engines import Options
        from pipeline.cleaning.events import write_panel
        from pipeline.core.ledger import Ledger
        def run(path, target):
            write_panel(card(), {"log": Path(path)}, Ledger(), Path(target), Options())
    """,
    "polars": """
        import polars as pl
        def run(path, target):
            c, n = pl.col, pl.len()
            of = lambda *kinds: c("event").cast(pl.String).is_in(kinds)
            count = lambda *kinds: of(*kinds).sum().cast(pl.Float64)
            share = lambda a, b: a / pl.when(b != 0).then(b)
            bought = of("buy")
            month = c("time").dt.year().cast(pl.Int64) * 12 + c("time").dt.month() - 1
            cells = pl.scan_parquet(path).group_by("user", month.alias("month"), "platform").agg(
                n.cast(pl.Float64).alias("stickiness"), c("time").dt.date().n_unique().alias("days"),
                count("buy").alias("purchases"), c("amount").filter(bought).sum().alias("spent"),
                c("item").filter(of("view")).n_unique().alias("items"), c("score").mean().alias("score"),
                c("score").filter(of("deliver")).mean().alias("delivered"), c("amount").max().alias("dearest"),
                count("view", "search").alias("passive"), count("like", "comment").alias("active"),
                count("create").alias("created"), count("share").alias("shared"), count("return").alias("returned"),
                share(count("complain"), count("deliver")).alias("complaints"),
                share(c("discount").filter(bought).sum(), c("amount").filter(bought).sum()).alias("discount"),
                share(count("buy"), count("view")).alias("conversion"),
                share((bought & (c("discount") > 0)).sum(), count("buy")).alias("promoted"),
            )
            cells.sort("user", "month").collect(engine="streaming").write_parquet(target)
    """,
}

SCRIPT = """
import json, resource, sys, time
from pathlib import Path
path, small, target = sys.argv[1:]
%s
run(small, target)
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
clock, before = time.perf_counter(), cpu()
run(path, target)
seconds, cpu = time.perf_counter() - clock, cpu() - before
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
print(json.dumps({"seconds": seconds, "cpu": cpu, "memory": memory}))
"""


def card():
    """A card of 17 measures on the simulated log."""
    from pipeline.cards.card import Card

    def count(*kinds: str) -> dict:
        return {"agg": "count", "where": {"event": list(kinds)}}

    def total(column: str) -> dict:
        return {"agg": "sum", "column": column, "where": {"event": "buy"}}

    measures = {
        "stickiness": {"agg": "count"},
        "days": {"agg": "days"},
        "purchases": count("buy"),
        "spent": total("amount"),
        "items": {"agg": "nunique", "column": "item", "where": {"event": "view"}},
        "score": {"agg": "mean", "column": "score"},
        "delivered": {"agg": "mean", "column": "score", "where": {"event": "deliver"}},
        "dearest": {"agg": "max", "column": "amount"},
        "passive": count("view", "search"),
        "active": count("like", "comment"),
        "created": count("create"),
        "shared": count("share"),
        "returned": count("return"),
        "complaints": {"ratio": [count("complain"), count("deliver")]},
        "discount": {"ratio": [total("discount"), total("amount")]},
        "conversion": {"ratio": [count("buy"), count("view")]},
        "promoted": {"ratio": [{"agg": "count", "where": {"event": "buy", "discount": {"above": 0}}}, count("buy")]},
    }
    panel = {
        "table": "log",
        "rows_are": "events",
        "entity": "user",
        "time": {"column": "time"},
        "period": "month",
        "groups": {"platform_type": {"column": "platform", "levels": {p: p for p in PLATFORMS}}},
        "measures": {name: {"label": {"en": name, "zh": name}} | measure for name, measure in measures.items()},
    }
    return Card(Path("card.yaml"), {"id": "log", "panel": panel})


def run(engine: str, path: Path, folder: Path) -> dict[str, float] | str:
    """Run one engine in its own process; a text says why it did not run."""
    script = SCRIPT % textwrap.dedent(ENGINES[engine])
    command = [
        sys.executable,
        "-c",
        script,
        str(path),
        str(folder / "small.parquet"),
        str(folder / f"{engine}.parquet"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=False)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"ended with {done.returncode}"
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def difference(folder: Path) -> float:
    """Largest relative difference of the measures' sums over users and months."""
    sums = []
    for engine in ("duckdb", "polars"):
        rows = pq.read_table(folder / f"{engine}.parquet", columns=list(card().panel.measures))
        sums.append({name: rows[name].to_pandas().sum() for name in rows.column_names})
    return max(abs(sums[0][name] / sums[1][name] - 1) for name in sums[0])


def compare(events: int, engines: list[str], repeat: int) -> None:
    """Print a line an engine: medians of runs that take turns, and how many times the stage's seconds they are."""
    with tempfile.TemporaryDirectory() as place:
        folder, path = Path(place), Path(place) / "log.parquet"
        write_log(folder / "small.parquet", 20_000)
        write_log(path, events)
        print(f"{events:,} events, {path.stat().st_size / 1e6:.0f} MB")
        print(f"{'engine':<10}{'seconds':>9}{'cpu':>8}{'to duckdb':>11}{'(cpu)':>7}{'GB':>7}")
        found = {engine: [] for engine in engines}
        for _ in range(repeat):
            for engine in engines:
                found[engine].append(run(engine, path, folder))
        done = {e: [r for r in runs if isinstance(r, dict)] for e, runs in found.items()}
        median = {e: {what: np.median([r[what] for r in runs]) for what in runs[0]} for e, runs in done.items() if runs}
        for engine, runs in found.items():
            if engine not in median:
                print(f"{engine:<10}{runs[0]}")
                continue
            own, ours = median[engine], median.get("duckdb", dict.fromkeys(("seconds", "cpu"), np.nan))
            times = f"{own['seconds']:>9.1f}{own['cpu']:>8.1f}"
            ratios = f"{own['seconds'] / ours['seconds']:>11.2f}{own['cpu'] / ours['cpu']:>7.2f}"
            print(f"{engine:<10}{times}{ratios}{own['memory']:>7.2f}", flush=True)
        if {"duckdb", "polars"} <= set(median):
            print(f"largest relative difference of a measure's sum: {difference(folder):.0e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[5_000_000])
    parser.add_argument("--engines", nargs="+", default=list(ENGINES))
    parser.add_argument("--repeat", type=int, default=1, help="runs of each engine; the median counts")
    arguments = parser.parse_args()
    for events in arguments.events:
        compare(events, arguments.engines, arguments.repeat)


if __name__ == "__main__":
    main()
