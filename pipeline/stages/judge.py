"""judge: the stages' tables → the one long table, verdicts, headline numbers, what a synthesis needs."""

from __future__ import annotations

import json
from functools import partial

import pandas as pd

from models import evidence, specs
from pipeline.cards import card as cards
from pipeline.cards import studies
from pipeline.cards.offered import offer, sizes
from pipeline.core import paths, record, results


def run(data_set: str) -> None:
    with record.kept(data_set, "judge"):
        card = cards.load(paths.card_path(data_set))
        clean, drawn_from = paths.of(card.id, "clean"), paths.of(card.id, "raw", "truth.csv")
        steps = ("measure", "structure", "panel")
        tables = [results.read(paths.made(card.id, step, f"{step}.csv")) for step in steps]
        truth = pd.read_csv(drawn_from, keep_default_na=False) if drawn_from.exists() else None
        own = partial(results.table, data_set=card.id, simulated=card.simulated, stage="judge")
        rows, found = evidence.judged(tables, offer(card, clean), truth, own)
        verdicts = results.verdict_table(found, data_set=card.id, simulated=card.simulated)
        with paths.whole(paths.of(card.id, "judge")) as draft:
            draft.mkdir()
            results.publish(rows, draft)
            results.write(verdicts, draft / "verdicts.csv")
            results.write(evidence.declared(), draft / "threats.csv")
        with paths.whole(paths.RESULTS / "judged" / card.id) as draft:
            studies.write(card, rows, verdicts, draft)
        headline = evidence.headline(rows, verdicts, sizes(clean), specs.MAIN)
        with paths.whole(paths.of(card.id, "metrics.json")) as draft:
            draft.write_text(json.dumps(headline, indent=2, sort_keys=True) + "\n", encoding="utf-8")
