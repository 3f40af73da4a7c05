"""A long log cut into buckets of whole entities, each of which can be worked on by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import feather

from pipeline.cards.parts import Panel
from pipeline.cleaning.engines import Engine
from pipeline.cleaning.event_log import Log
from pipeline.core import parallel

Bucket = Callable[[Engine], Log]
FEW, FIRST_ROWS = 127, 10_000
MOST_BUCKETS = 500
PLACE = "place of its bucket"


def buckets(spec: Panel, log: Log, events: int, size: int, engine: Engine, folder: Path) -> list[Bucket]:
    """Ranges of entities with about `size` events each; the whole log where duplicates may be of two entities.

    Where the engine reads rows from memory (DuckDB), the log is read once and every bucket is written to a file of its
    own; other engines filter the log for every bucket. Events without entity come with the first bucket.
    """
    same = spec.rules.same
    sizes = None
    if events > size and (not same or spec.entity in same):
        sizes = engine.counted(log.table.group_by("entity").agg(n=log.table.count()).order_by("entity")).dropna()
    if sizes is None or sizes.empty:
        return [lambda _: log]
    size = max(size, events // MOST_BUCKETS)
    place = np.cumsum(sizes["n"].to_numpy()) // size
    last = np.flatnonzero(np.diff(place, append=place[-1]) > 0)
    ends = [e.item() if hasattr(e, "item") else e for e in sizes["entity"].iloc[last]]
    if engine.views:
        few = _few_values(log.table, engine)
        return [partial(_stored, log, few, path) for path in _written(log.table, ends, few, engine, folder)]
    return [partial(_filtered, log, low, high) for low, high in zip([None, *ends], [*ends, None], strict=True)]


def _filtered(log: Log, low: Any, high: Any, _: Engine) -> Log:
    """The events of entities above `low` up to `high`."""
    entity = log.table.entity
    kept = ibis.literal(True) if high is None else entity <= high
    return replace(log, table=log.table.filter(kept | entity.isnull() if low is None else kept & (entity > low)))


def _stored(log: Log, few: dict[str, list[str]], path: Path, engine: Engine) -> Log:
    rows = feather.read_table(path, memory_map=True)
    for name, values in few.items():
        numbers = rows[name].chunks
        texts = [pa.DictionaryArray.from_arrays(pc.subtract(n, pa.scalar(1, n.type)), values) for n in numbers]
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.chunked_array(texts))
    return replace(log, table=engine.view(rows), stored=True)


@ibis.udf.scalar.builtin
def list_position(values: ibis.dtype("array<string>"), text: str) -> int:  # type: ignore[valid-type,empty-body]
    """DuckDB's place in a list, from 1; it looks every text of a block up once, not once a row."""


def _few_values(table: ibis.Table, engine: Engine) -> dict[str, list[str]]:
    """Columns of text with few values, and these; the first rows show which columns are worth a look at all."""
    few: dict[str, list[str]] = {}
    for name in (name for name, kind in table.schema().items() if kind.is_string()):
        column = table.select(name)
        if column.limit(FIRST_ROWS).distinct().count().execute() <= FEW:
            values = engine.counted(column.distinct().order_by(name))[name].dropna().tolist()
            few |= {name: values} if 0 < len(values) <= FEW else {}
    return few


def _written(table: ibis.Table, ends: list[Any], few: dict[str, list[str]], engine: Engine, folder: Path) -> list[Path]:
    """A file a range of entities, its events in the order of the log; one thread reads on while another writes."""
    paths = [folder / f"events_{piece}.arrow" for piece in range(len(ends) + 1)]
    place = table.entity.isnull().ifelse(0, _place(table.entity, ends))
    numbers = {name: list_position(ibis.array(values), table[name]).cast("int8") for name, values in few.items()}
    rows = engine.batches(table.mutate(**numbers, **{PLACE: place}))
    schema = rows.schema.remove(rows.schema.get_field_index(PLACE))
    with ExitStack() as files:
        writers = [
            files.enter_context(pa.ipc.new_file(files.enter_context(pa.OSFile(str(path), "wb")), schema))
            for path in paths
        ]
        for _ in parallel.in_order(partial(_append, writers), rows, workers=1):
            pass
    return paths


def _append(writers: list[pa.RecordBatchWriter], rows: pa.RecordBatch) -> None:
    """Every row to the file of its place."""
    place = rows.column(PLACE).to_numpy()
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=len(writers)))
    sorted_rows = rows.drop_columns([PLACE]).take(pa.array(order))
    for writer, begin, end in zip(writers, [0, *ends[:-1]], ends, strict=True):
        writer.write_batch(sorted_rows.slice(begin, end - begin))


def _place(entity: ibis.Value, ends: list[Any], first: int = 0) -> ibis.Value:
    """Number of the range that an entity lies in, found by halving."""
    if not ends:
        return ibis.literal(first, "int16")
    half = len(ends) // 2
    low, high = _place(entity, ends[:half], first), _place(entity, ends[half + 1 :], first + half + 1)
    return (entity <= ibis.literal(ends[half], entity.type())).ifelse(low, high)
