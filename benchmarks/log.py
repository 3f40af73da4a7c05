"""A simulated log of events of any length, in the order of time, as one Parquet file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PLATFORMS = ["comprehensive", "vertical", "social", "content", "livestream"]
EVENTS = ["view", "search", "like", "comment", "create", "deliver", "complain", "buy", "return", "share"]
SHARES = [0.42, 0.14, 0.12, 0.06, 0.02, 0.07, 0.02, 0.09, 0.02, 0.04]
DAYS, PIECE = 365, 2_000_000


def write_log(path: Path, events: int, seed: int = 0, users: int | None = None) -> None:
    """Write ``events`` events of a year; users come back as often as their own rate says, on one platform each."""
    rng = np.random.default_rng(seed)
    users = users or max(events // 80, 10)
    rate = np.cumsum(rng.gamma(2.0, size=users))
    begin = np.datetime64("2025-01-01", "us").astype(np.int64)
    writer = None
    for first in range(0, events, PIECE):
        n = min(PIECE, events - first)
        moment = np.sort(rng.random(n) * n / events + first / events) * DAYS * 86_400e6
        user = np.searchsorted(rate, rng.random(n) * rate[-1])
        kind = rng.choice(len(EVENTS), n, p=SHARES).astype(np.int8)
        bought = kind == EVENTS.index("buy")
        amount = np.where(bought, np.round(rng.lognormal(3, 1, n), 2), 0.0)
        table = pa.table(
            {
                "user": user,
                "time": pa.array(begin + moment.astype(np.int64), pa.timestamp("us")),
                "platform": _coded(user % len(PLATFORMS), PLATFORMS),
                "event": _coded(kind, EVENTS),
                "item": (rng.pareto(1.2, n) * 50).astype(np.int64) % 20_000,
                "score": np.round(rng.normal(3, 1, n), 2),
                "amount": amount,
                "discount": np.round(np.where(rng.random(n) < 0.3, 0.2, 0.0) * amount, 2),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def _coded(codes: np.ndarray, values: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(values))
