"""clean: raw tables → clean survey, panel and cohort, and the ledger of what was changed or left out."""

from __future__ import annotations

import pandas as pd

from pipeline import card as cards
from pipeline import cohort, events, paths, ready_made, survey, treatments
from pipeline.engines import Options
from pipeline.ledger import Ledger


def run(data_set: str) -> None:
    card = cards.load(paths.card_path(data_set))
    raw = {path.stem: path for path in sorted(paths.of(data_set, "raw").glob("*.parquet"))}
    ledger, options = Ledger(), Options.of(paths.params()["events"])
    with paths.whole(paths.of(data_set, "clean")) as draft:
        draft.mkdir()
        if card.survey is not None:
            path = raw[card.survey["table"]]
            answers = survey.clean(card, pd.read_parquet(path), str(path), ledger)
            answers.kept.to_parquet(draft / "survey.parquet", index=False)
            answers.left_out.to_parquet(draft / "left_out.parquet", index=False)
        if card.panel is not None:
            target = draft / "panel.parquet"
            if card.panel.get("rows_are", "events") == "periods":
                path = raw[card.panel["table"]]
                panel = ready_made.panel(card, pd.read_parquet(path), str(path), ledger)
                panel.to_parquet(target, index=False)
            else:
                events.write_panel(card, raw, ledger, target, options)
            if "treatments" in card.panel:
                panel = treatments.with_starts(card, pd.read_parquet(target), raw, ledger)
                panel.to_parquet(target, index=False)
        if card.cohort is not None:
            cohort.spells(card, raw, ledger, options).to_parquet(draft / "cohort.parquet", index=False)
        ledger.frame().to_csv(draft / "ledger.csv", index=False, lineterminator="\n")
