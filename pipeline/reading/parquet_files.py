"""Reading a Parquet file: the types that a table of text has too, and nothing that a program would have to guess."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.cards.card import Card
from pipeline.cards.columns import keys
from pipeline.core.errors import InputError, Problem, near
from pipeline.reading.compressed import ANYWAY, EXPANDS
from pipeline.reading.fields import MOST_COLUMNS
from pipeline.wording.texts import as_is, worded


def read(card: Card, table: str, path: Path) -> pd.DataFrame:
    """The columns that the card keeps, all of them by default.

    Times with a zone become UTC, dates times; durations become text with their unit (185 s), for which a survey's
    duration has a reader, decimals numbers.

    Raises
    ------
    InputError
        For a damaged file, columns that the card names and the file lacks, nested types, bytes that are no text.
    """
    columns = list(card.source.files[table].columns) or None
    try:
        with pq.ParquetFile(path) as file:
            _check(path, table, file, columns)
            rows = file.read(columns=columns)
        rows = rows.drop_columns([name for name in rows.column_names if name.startswith("__index_level_")])
        made = {name: _plain(rows[name], path, table, name) for name in rows.column_names}
        ids, frame = keys(card, table), pa.table(made).to_pandas()
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError) as error:
        said = str(error).split("\n")[0][:200] or type(error).__name__
        raise InputError(
            Problem(str(path), as_is(said), worded("whole_parquet_file"), worded("get_file_again"))
        ) from None
    # numbers of ids with gaps would become floats, in which long ids are the same
    whole = [c for c in made if c in ids and pa.types.is_integer(made[c].type) and made[c].null_count]
    return frame.assign(**{c: made[c].to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get) for c in whole})


def _check(path: Path, table: str, file: pq.ParquetFile, columns: list[str] | None) -> None:
    names = file.schema_arrow.names
    lacking = [name for name in columns or () if name not in names]
    problems = [
        Problem(
            str(path),
            worded("no_column", column=name),
            worded("column_of_source_file", table=table),
            near(name, names),
        )
        for name in lacking
    ]
    wanted = columns or names
    for name, times in Counter(names).items():
        if times > 1 and name in wanted:
            problems.append(
                Problem(
                    str(path),
                    worded("columns_named", times=times, name=name),
                    worded("each_name_once"),
                    worded("rename_one"),
                )
            )
    if len(wanted) > MOST_COLUMNS:
        found, expected = (
            worded("so_many_columns", n=len(wanted)),
            worded("at_most_columns", most_columns=MOST_COLUMNS),
        )
        problems.append(Problem(str(path), found, expected, worded("name_columns_to_keep", table=table)))
    size = file.metadata.num_rows * len(wanted) * 8
    if size > max(ANYWAY, EXPANDS * path.stat().st_size):
        found = worded(
            "rows_in_so_many_bytes",
            num_rows=file.metadata.num_rows,
            st_size=path.stat().st_size,
        )
        expected = worded("unfolds_to_times_its_size", expands=EXPANDS)
        problems.append(Problem(str(path), found, expected, worded("check_file_or_uncompressed")))
    if problems:
        raise InputError(problems)


def _plain(column: pa.ChunkedArray, path: Path, table: str, name: str) -> pa.ChunkedArray:
    """A column in a type that every door knows."""
    held, types = column.type, pa.types
    if types.is_dictionary(held):
        return _plain(pc.cast(column, held.value_type), path, table, name)
    if types.is_timestamp(held):
        return pc.cast(column, pa.timestamp(held.unit, "UTC")) if held.tz else column
    if types.is_date(held):
        return pc.cast(pc.cast(column, pa.date32()), pa.timestamp("us"))
    if types.is_duration(held):
        return _durations(column)
    if types.is_time(held):
        return pc.cast(column, pa.string())
    if types.is_decimal(held):
        return pc.cast(column, pa.int64() if held.scale == 0 and held.precision <= 18 else pa.float64())
    if types.is_float16(held):
        return pc.cast(column, pa.float32())
    if types.is_unsigned_integer(held) and held != pa.uint64():
        return pc.cast(column, pa.int64())
    if types.is_binary(held) or types.is_large_binary(held):
        return _text(column, path, table, name)
    if types.is_large_string(held) or str(held) == "string_view":
        return pc.cast(column, pa.large_string())
    if types.is_nested(held) or not _flat(held):
        found, expected = worded("column_of_type", dtype=held), worded("types_of_columns")
        raise InputError(Problem(str(path), found, expected, worded("name_columns_to_keep", table=table), column=name))
    return column


def _flat(held: Any) -> bool:
    types = pa.types
    simple = types.is_integer(held) or types.is_floating(held) or types.is_boolean(held)
    return simple or types.is_string(held) or types.is_null(held)


def _durations(column: pa.ChunkedArray) -> pa.ChunkedArray:
    ticks = {"s": 0, "ms": 3, "us": 6, "ns": 9}[column.type.unit]
    seconds = [None if n is None else f"{n / 10**ticks:.{ticks}f} s" for n in pc.cast(column, pa.int64()).to_pylist()]
    return pa.chunked_array([pa.array(seconds, pa.string())])


def _text(column: pa.ChunkedArray, path: Path, table: str, name: str) -> pa.ChunkedArray:
    try:
        return pc.cast(column, pa.large_string())
    except pa.ArrowInvalid:
        expected = worded("text_in_utf_8")
        raise InputError(
            Problem(
                str(path),
                worded("bytes_that_are_no_text"),
                expected,
                worded("name_columns_to_keep", table=table),
                column=name,
            )
        ) from None
