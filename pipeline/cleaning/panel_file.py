"""The clean panel: whole where it fits into memory, else a random sample of its users beside a reader of all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from models.remarks import Remark, remark

ROWS_A_PIECE = 65_536


def load(path: Path, limit: int, seed_of: Callable[[], int]) -> tuple[pd.DataFrame, Remark | None]:
    """The panel, or all rows of as many randomly drawn users as make up about `limit` rows.

    Returns
    -------
    The rows, and what the sample is (None for the whole panel).
    """
    rows = pq.read_metadata(path).num_rows
    if rows <= limit:
        return pd.read_parquet(path), None
    entities = pd.Index([])
    for frame in reader(path)(["entity"]):
        entities = entities.append(pd.Index(frame["entity"].unique())).unique()
    size = max(int(len(entities) * limit / rows), 1)
    drawn = entities[np.sort(np.random.default_rng(seed_of()).choice(len(entities), size, replace=False))]
    columns = pq.read_schema(path).names
    data = pd.concat([f[f["entity"].isin(drawn)] for f in reader(path)(columns)], ignore_index=True)
    return data, remark("users_sampled", n=size, all=len(entities))


def reader(path: Path) -> Callable[[list[str]], Iterable[pd.DataFrame]]:
    """A function that reads columns piece by piece, in the order of the file."""

    def read(columns: list[str]) -> Iterator[pd.DataFrame]:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                for batch in file.iter_batches(ROWS_A_PIECE, row_groups=[group], columns=columns):
                    yield batch.to_pandas()

    return read
