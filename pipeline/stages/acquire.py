"""acquire: card and source → `raw/`, one Parquet file a table, with where each came from."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from pipeline.cards import card as cards
from pipeline.core import handed, paths, record
from pipeline.core.seeds import Seeds
from pipeline.reading import package_files, sources


def run(data_set: str) -> None:
    card = cards.load(paths.card_path(data_set))
    params = handed.to("acquire")
    seeds = Seeds(params.seed, card.id, "acquire")
    with record.kept(data_set, "acquire", seeds), paths.whole(paths.of(data_set, "raw")) as draft:
        draft.mkdir()
        if card.source.kind == "simulator":
            files = simulated(card, seeds, draft)
        else:
            with TemporaryDirectory() as download:
                files = copied(card, params.mirror, draft, Path(download))
        facts = {
            "data_set": card.id,
            "simulated": card.simulated,
            "licence": card.source.licence,
            "citation": card.source.citation,
            "official": card.source.official,
            "files": files,
        }
        text = json.dumps(facts, indent=2, ensure_ascii=False, sort_keys=True)
        (draft / "provenance.json").write_text(text + "\n", encoding="utf-8")


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
