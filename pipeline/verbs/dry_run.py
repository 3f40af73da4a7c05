"""A card tried on its data as far as the clean tables, apart from the results; nothing of it stays."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from pipeline.cards.card import Card
from pipeline.cleaning import clean_tables
from pipeline.core import handed
from pipeline.core import ledger as ledgers
from pipeline.core.errors import InputError
from pipeline.core.seeds import Seeds
from pipeline.reading import lines, raw_tables


@dataclass(frozen=True)
class Tried:
    """What became of the data of a card.

    Attributes
    ----------
    files
        Table → where it came from, with its rows.
    ledger
        The steps of cleaning.
    folder
        Of the clean tables, there until the block ends.
    seconds
        That it took.
    """

    card: Card
    files: dict[str, Any]
    ledger: pd.DataFrame
    folder: Path
    seconds: float

    def table(self, part: str) -> pd.DataFrame:
        """A clean table: survey, panel or cohort."""
        return pd.read_parquet(self.folder / f"{part}.parquet")


@contextmanager
def tried(card: Card) -> Iterator[Tried]:
    """Read and clean the data of a card in a temporary folder.

    Raises
    ------
    InputError
        For everything that `acquire` and `clean` refuse, with its file, row and column.
    """
    began, params = time.monotonic(), handed.to("acquire")
    with TemporaryDirectory() as place:
        raw, folder, download = (Path(place, name) for name in ("raw", "clean", "download"))
        for each in (raw, folder, download):
            each.mkdir()
        if card.source.kind == "simulator":
            files = raw_tables.simulated(card, Seeds(params.seed, card.id, "acquire"), raw)
        else:
            files = raw_tables.copied(card, params.mirror, raw, download)
        (raw / "provenance.json").write_text(json.dumps({"files": files}), encoding="utf-8")
        try:
            tables = {path.stem: path for path in sorted(raw.glob("*.parquet"))}
            clean_tables.write(card, tables, files, folder, handed.to("clean").events)
        except InputError as error:
            raise lines.in_source(card, raw, error) from None
        ledger = ledgers.read(folder / "ledger.csv")
        yield Tried(card, files, ledger, folder, time.monotonic() - began)
