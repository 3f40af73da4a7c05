"""Raw tables: the files of a card, or what its simulator draws, one Parquet file a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.cards import card as cards
from pipeline.core.seeds import Seeds
from pipeline.reading import package_files, sources


def copied(card: cards.Card, mirror: str | None, draft: Path, download: Path) -> dict:
    """Write the tables of a card's files into `draft`; where each came from."""
    files = {}
    for table, entry in card.source.files.items():
        path = sources.locate(card, table, mirror, download)
        frame, noticed = sources.read(card, table, path)
        frame.to_parquet(draft / f"{table}.parquet", index=False)
        files[table] = {"file": Path(entry.path).name, "sha256": entry.sha256, "rows": len(frame)} | noticed
        if card.source.kind == "package":
            files[table]["package"] = package_files.edition(card)
    return files


def simulated(card: cards.Card, seeds: Seeds, draft: Path) -> dict:
    """Write simulated tables and their truth into `draft`; where each came from."""
    from models.benchmark import Design, simulate

    seed = seeds()
    result = simulate(Design.of(card.source.simulator.design), seed)
    files = {}
    tables: dict[str, pd.DataFrame] = {"survey": result.survey, "events": result.events, "users": result.users}
    for table, frame in tables.items():
        frame.to_parquet(draft / f"{table}.parquet", index=False)
        files[table] = {"file": f"{table} (simulated, seed {seed})", "rows": len(frame)}
    result.truth.to_csv(draft / "truth.csv", index=False, lineterminator="\n")
    return files
