"""The blocks of `params.yaml` as frozen objects; its schema asks for every entry, so that none has a default there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.survey.setting import Doubtful, Estimation


@dataclass(frozen=True)
class Measure:
    bootstrap: int


@dataclass(frozen=True)
class Options:
    """How a log is worked through.

    Attributes
    ----------
    engine : duckdb, polars or spark.
    bucket : events that a core works on at a time; a longer log is cut into buckets of whole entities.
    memory : gigabytes for the engine (Polars takes what it needs).
    """

    engine: str = "duckdb"
    bucket: int = 1_500_000
    memory: float = 2.0


@dataclass(frozen=True)
class Panel:
    rows_in_memory: int


FORMS: dict[str, Any] = {
    "doubtful": Doubtful,
    "structure": Estimation,
    "measure": Measure,
    "events": Options,
    "panel": Panel,
}
