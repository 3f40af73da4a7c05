"""The blocks of `params.yaml` as frozen objects; its schema asks for every entry, so that none has a default there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.analysis.setting import Doubtful, Estimation
from models.messages.forms import Doi, Text, made

SCHEMA = Path(__file__).with_name("params.schema.json")


@dataclass(frozen=True)
class Measure:
    bootstrap: int


@dataclass(frozen=True)
class Options:
    """How a log is worked through.

    Attributes
    ----------
    engine
        Duckdb, polars or spark.
    bucket
        Events that a core works on at a time; a longer log is cut into buckets of whole entities.
    memory
        Gigabytes for the engine (Polars takes what it needs).
    """

    engine: str = "duckdb"
    bucket: int = 1_500_000
    memory: float = 2.0


@dataclass(frozen=True)
class Panel:
    rows_in_memory: int


@dataclass(frozen=True)
class Printed:
    """How the main tables are printed; what is None is left to the style.

    Attributes
    ----------
    style
        Apa, misq (MIS Quarterly) or glsj (管理世界).
    stars
        Levels of p, a star each; none are printed where the list is empty.
    digits
        Of a p-value.
    intervals
        Whether intervals are printed.
    language
        Of exported files, en or zh; both where it is None.
    """

    style: str
    stars: tuple[float, ...] | None = None
    digits: int | None = None
    intervals: bool | None = None
    language: str | None = None


@dataclass(frozen=True)
class Parameters:
    """Everything that `params.yaml` says.

    Attributes
    ----------
    data_sets
        Those that are run, by the name of their folder under data/.
    seed
        From which every random number comes.
    mirror
        Folder that is searched first for source files.
    """

    data_sets: tuple[str, ...]
    seed: int
    mirror: str | None
    doubtful: Doubtful
    structure: Estimation
    measure: Measure
    events: Options
    panel: Panel
    report: Printed


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the project chose for an entry that is a choice of the analysis, as the schema declares it.

    Attributes
    ----------
    value
        What was chosen; source and reason are those of this value.
    decides
        What the entry decides.
    source, doi
        Where the value comes from.
    reason
        Why the project chose it; needed where it has no source.
    """

    value: Any
    decides: Text
    source: str = ""
    doi: Doi = Doi("")
    reason: Text | None = None


@cache
def chosen() -> dict[str, Chosen]:
    """Entries that are choices of the analysis, by their place, such as `structure.estimator`."""
    return {
        f"{block}.{name}": made(Chosen, entry["chosen"])
        for block, inside in schema()["properties"].items()
        for name, entry in inside.get("properties", {}).items()
        if "chosen" in entry
    }


@cache
def schema() -> dict[str, Any]:
    """What may stand in `params.yaml`."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))
