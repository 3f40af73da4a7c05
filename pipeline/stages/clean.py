"""clean: raw tables → clean survey, panel and cohort, and the ledger of what was changed or left out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from pipeline import card as cards
from pipeline import cohort, events, paths, ready_made, survey, treatments
from pipeline.engines import Options
from pipeline.errors import InputError, Problem
from pipeline.ledger import Ledger


def run(data_set: str) -> None:
    card = cards.load(paths.card_path(data_set))
    raw = _raw(card)
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
            _check_left(card, "panel", pq.read_metadata(target).num_rows, ledger)
        if card.cohort is not None:
            spells = cohort.spells(card, raw, ledger, options)
            _check_left(card, "cohort", len(spells), ledger)
            spells.to_parquet(draft / "cohort.parquet", index=False)
        ledger.frame().to_csv(draft / "ledger.csv", index=False, lineterminator="\n")


def _raw(card: cards.Card) -> dict[str, Path]:
    """Table → its file, of every table that the card names."""
    tables = ("survey", "events", "users") if card.source["kind"] == "simulator" else card.source["files"]
    return {table: paths.made(card.id, "acquire", "raw", f"{table}.parquet") for table in tables}


def _check_left(card: cards.Card, part: str, rows: int, ledger: Ledger) -> None:
    if rows == 0:
        found = f"no row left after {ledger.emptied(part)}"
        raise InputError(
            Problem(str(card.path), found, "at least one row", f"check the rules under {part}", column=part)
        )
