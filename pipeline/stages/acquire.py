"""acquire: card and source → `raw/`, one Parquet file a table, with where each came from."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.cards import card as cards
from pipeline.core import handed, paths, record
from pipeline.core.seeds import Seeds
from pipeline.reading import raw_tables


def run(data_set: str) -> None:
    card = cards.load(paths.card_path(data_set))
    params = handed.to("acquire")
    seeds = Seeds(params.seed, card.id, "acquire")
    with record.kept(data_set, "acquire", seeds), paths.whole(paths.of(data_set, "raw")) as draft:
        draft.mkdir()
        if card.source.kind == "simulator":
            files = raw_tables.simulated(card, seeds, draft)
        else:
            with TemporaryDirectory() as download:
                files = raw_tables.copied(card, params.mirror, draft, Path(download))
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
