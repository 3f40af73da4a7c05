"""The blocks of `params.yaml` as frozen objects; its schema asks for every entry, so that none has a default there."""

from __future__ import annotations

from dataclasses import dataclass

from models.sem.options import Estimator, Missing


@dataclass(frozen=True)
class Doubtful:
    """Whose answers are doubted: any one of these flags, or so many different flags of any kind."""

    any_of: tuple[str, ...] = ()
    at_least: int | None = None


@dataclass(frozen=True)
class Structure:
    """How structural models are estimated; groups below `min_group` people are not."""

    missing: Missing
    estimator: Estimator
    min_group: int
    permutations: int
    bootstrap: int


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
