"""The raw tables as they were acquired."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.cards.card import Card
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded


def tables(card: Card, folder: Path) -> tuple[dict[str, Path], dict[str, Any]]:
    """The raw tables, and what their readers noticed.

    Raises
    ------
    InputError
        When a table of the card was not acquired.
    """
    raw = {path.stem: path for path in sorted(folder.glob("*.parquet"))}
    lacking = [table for table in card.source.files if table not in raw]
    if lacking or not (folder / "provenance.json").exists():
        found = worded("no_raw_table", lacking=lacking[0]) if lacking else worded("no_raw_tables")
        fix = worded("acquire_first", id=card.id)
        raise InputError(Problem(str(folder), found, worded("tables_that_acquire_writes"), fix))
    return raw, json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["files"]
