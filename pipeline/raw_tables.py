"""The tables of a data set as the step acquire left them."""

from __future__ import annotations

from pathlib import Path

from pipeline import paths
from pipeline.errors import InputError, Problem


class Tables(dict[str, Path]):
    """Table of a source → its file under `raw/`; asking for one that is not there is an error with the next step."""

    folder: Path
    data_set: str

    @classmethod
    def of(cls, data_set: str) -> Tables:
        folder = paths.of(data_set, "raw")
        found = cls({path.stem: path for path in sorted(folder.glob("*.parquet"))})
        found.folder, found.data_set = folder, data_set
        return found

    def __missing__(self, table: str) -> Path:
        raise InputError(
            Problem(
                str(self.folder),
                f"no table {table!r}" + (f"; there is: {', '.join(self)}" if self else ""),
                "every table that the card reads, as the step acquire writes them",
                f"stickiness stage acquire {self.data_set}, or stickiness run",
            )
        )
