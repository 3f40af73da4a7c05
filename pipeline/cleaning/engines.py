"""The engines that run the expressions over events: DuckDB or Polars inside this process, or Spark."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from pipeline.core import parallel
from pipeline.core.blocks import Options as Options
from pipeline.core.errors import InputError, Problem, near
from pipeline.wording.texts import worded

MODULES = {"duckdb": "duckdb", "polars": "polars", "spark": "pyspark"}
INSTALL = {"duckdb": "uv sync", "polars": "uv sync --group bench", "spark": "uv sync --group spark"}
ROWS_A_BATCH = 500_000
LARGEST = 1e15
JAVA_LETTERS = {
    "Y": "yyyy",
    "m": "M",
    "d": "d",
    "H": "H",
    "I": "h",
    "M": "m",
    "S": "s",
    "p": "a",
    "y": "yy",
    "f": "SSSSSS",
}


@dataclass(frozen=True)
class Engine:
    """A connection and what the engines do not share under one name.

    Attributes
    ----------
    parse
        Text and a strptime form → time, missing where the text has another form.
    local
        Moment in UTC and a zone → time on the clock of that zone.
    bit_or
        Whole numbers and which rows count → their bits, a one where any of them has one.
    ordered
        Whether rows can be put in order within an entity (window functions).
    """

    name: str
    connection: Any
    parse: Callable[[ibis.expr.types.StringValue, str], ibis.expr.types.TimestampValue]
    local: Callable[[ibis.expr.types.TimestampValue, str], ibis.expr.types.TimestampValue]
    bit_or: Callable[[ibis.expr.types.IntegerColumn, Any], ibis.expr.types.IntegerValue]
    ordered: bool

    held: list[Any] = field(default_factory=list)

    @property
    def views(self) -> bool:
        """Whether rows in memory can be read in place, by several threads side by side."""
        return self.name == "duckdb"

    def read(self, path: Path) -> ibis.Table:
        return self.connection.read_parquet(str(path))

    def beside(self) -> Engine:
        """The same engine for one more thread."""
        return replace(self, connection=ibis.duckdb.from_connection(self.connection.con.cursor()), held=[])

    def view(self, rows: pa.Table) -> ibis.Table:
        """Rows in memory, as long as this engine lives."""
        self.connection.con.register("viewed", rows)
        return self.connection.table("viewed")

    def batches(self, table: ibis.Table) -> pa.RecordBatchReader:
        """The rows of an expression, piece by piece."""
        return self.connection.to_pyarrow_batches(table, chunk_size=ROWS_A_BATCH)

    def counted(self, table: ibis.Table) -> pd.DataFrame:
        """What does not depend on the order of rows, on all cores."""
        if self.views:
            self.connection.raw_sql(f"SET threads = {parallel.cores()}")
        found = table.execute()
        if self.views:
            self.connection.raw_sql("SET threads = 1")
        return found

    def hold(self, table: ibis.Table) -> ibis.Table:
        """The rows of an expression, kept by the engine until `let_go`."""
        if self.name == "spark":
            self.held.append(table.cache())
            return self.held[-1]
        self.held.append(f"held_{len(self.held)}")
        rows = table.to_polars() if self.name == "polars" else table
        return self.connection.create_table(self.held[-1], rows, temp=True)

    def keep(self, table: ibis.Table, name: str) -> ibis.Table:
        """The rows of an expression, kept as long as the connection; Spark makes them anew where they are read."""
        if self.name == "spark":
            return table
        return self.connection.create_table(name, table.to_polars() if self.name == "polars" else table, temp=True)

    def running(self, table: ibis.Table, name: str, of: str, by: str, order: str) -> ibis.Table:
        """A column more: the sum of another within `by`, up to each row in `order`, no two of which are the same."""
        if self.name != "polars":
            window = ibis.cumulative_window(group_by=by, order_by=order)
            return table.mutate(**{name: table[of].sum().over(window)})
        rows = table.execute().sort_values([by, order])
        rows[name] = rows.groupby(by)[of].cumsum()
        return self.connection.create_table(name, rows, temp=True)

    def let_go(self) -> None:
        """Give the memory of all held rows back."""
        for table in self.held:
            if self.name == "spark":
                table.release()
            elif self.name == "duckdb":
                self.connection.raw_sql(f"DROP TABLE {table}")
            else:
                self.connection.drop_table(table)
        self.held.clear()


def connect(options: Options, spill: Path | None = None) -> Engine:
    """Open the engine that params.yaml names.

    Parameters
    ----------
    spill
        Folder for what does not fit into memory; the system's own by default.

    Raises
    ------
    InputError
        For an unknown engine or one that is not installed, with the command that installs it.
    """
    name = options.engine
    if name not in MODULES:
        problem = (worded("unknown_engine", name=name), worded("one_of", names=", ".join(MODULES)), near(name, MODULES))
    elif importlib.util.find_spec(MODULES[name]) is None:
        problem = (
            worded("engine_not_installed", name=name, module=MODULES[name]),
            worded("installed_engine"),
            worded("run_command", command=INSTALL[name]),
        )
    elif name == "spark" and shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        problem = (worded("no_java"), worded("java_17"), worded("install_java"))
    else:
        return _OPEN[name](options, spill or Path(gettempdir()))
    raise InputError(Problem("params.yaml", *problem, column="events.engine"))


def _bit_or(bits: Any, where: Any) -> Any:
    return bits.bit_or(where=where)


def _duckdb(options: Options, spill: Path) -> Engine:
    """One thread: sums must not depend on the number of cores."""
    connection = ibis.duckdb.connect(
        threads=1, memory_limit=f"{options.memory}GB", temp_directory=str(spill), preserve_insertion_order=True
    )

    @ibis.udf.scalar.builtin
    def try_strptime(text: str, form: str) -> ibis.dtype("timestamp"):  # type: ignore[valid-type,empty-body]
        """DuckDB's parser that gives NULL instead of an error."""

    @ibis.udf.scalar.builtin
    def timezone(zone: str, moment: ibis.dtype("timestamp('UTC')")) -> ibis.dtype("timestamp"):  # type: ignore[valid-type,empty-body]
        """Local clock time in a zone."""

    def local(moment: Any, zone: str) -> Any:
        return timezone(zone, moment.cast("timestamp('UTC')"))

    return Engine("duckdb", connection, try_strptime, local, _bit_or, ordered=True)


def _polars(options: Options, spill: Path) -> Engine:
    @ibis.udf.scalar.python
    def seconds(text: str, form: str) -> int:
        """Seconds since 1970, missing for another form."""
        try:
            return int((datetime.strptime(text, form) - datetime(1970, 1, 1)).total_seconds())
        except (TypeError, ValueError):
            return None  # type: ignore[return-value]

    def parse(text: Any, form: str) -> Any:
        return seconds(text, form).as_timestamp("s").cast("timestamp(6)")

    def local(moment: Any, zone: str) -> Any:
        clock = "%Y-%m-%d %H:%M:%S"
        return moment.cast("timestamp('UTC')").cast(f"timestamp('{zone}')").strftime(clock).as_timestamp(clock)

    return Engine("polars", ibis.polars.connect(), parse, local, _bit_or, ordered=False)


def _spark(options: Options, spill: Path) -> Engine:
    """The session that is open, or one on this machine (SPARK_MASTER names another place)."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("stickiness").config("spark.sql.session.timeZone", "UTC")
    if SparkSession.getActiveSession() is None:
        settings: dict[str, Any] = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": f"{max(int(options.memory * 1024), 512)}m",
            "spark.sql.shuffle.partitions": str(2 * parallel.cores()),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = builder.master(os.environ.get("SPARK_MASTER", "local[*]")).config(map=settings)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")

    @ibis.udf.scalar.builtin
    def try_to_timestamp(text: str, form: str) -> ibis.dtype("timestamp"):  # type: ignore[valid-type,empty-body]
        """Spark's parser that gives NULL instead of an error."""

    @ibis.udf.scalar.builtin
    def from_utc_timestamp(moment: ibis.dtype("timestamp"), zone: str) -> ibis.dtype("timestamp"):  # type: ignore[valid-type,empty-body]
        """Local clock time in a zone."""

    @ibis.udf.agg.builtin(name="bit_or")
    def any_bit(bits: int, where: bool = True) -> int:  # type: ignore[empty-body]
        """Spark's aggregate, which Ibis has no name for there."""

    def bit_or(bits: Any, where: Any) -> Any:
        return any_bit(bits) if where is None else any_bit(bits, where=where)

    def parse(text: Any, form: str) -> Any:
        return try_to_timestamp(text, java_form(form))

    return Engine("spark", ibis.pyspark.connect(session), parse, from_utc_timestamp, bit_or, ordered=True)


def java_form(form: str) -> str:
    """A strptime pattern in Java's letters."""
    parts = re.findall(r"%(.)|([A-Za-z]+)|([^%A-Za-z]+)", form)
    return "".join(
        JAVA_LETTERS.get(code, code) if code else f"'{word}'" if word else rest for code, word, rest in parts
    )


_OPEN = {"duckdb": _duckdb, "polars": _polars, "spark": _spark}
