"""Spark for tests: one session a process, with one thread, one partition and Java's quick compiler, for small data."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HERE = bool(importlib.util.find_spec("pyspark")) and (shutil.which("java") is not None or "JAVA_HOME" in os.environ)
NEEDED = pytest.mark.skipif(not HERE, reason="Spark needs Java 17 and: uv sync --group spark")
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def session() -> SparkSession:
    """The open session, which the pipeline takes too."""
    from pyspark.sql import SparkSession

    found = SparkSession.builder.master("local[1]").config(map=SETTINGS).getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found
