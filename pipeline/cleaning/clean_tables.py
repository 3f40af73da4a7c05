"""The clean tables of a card, in a folder: survey, panel, cohort, and the ledger of what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from pipeline.cards.card import Card
from pipeline.cleaning import cohort, events, ready_made, respondents, survey_answers, treatments
from pipeline.core.blocks import Options
from pipeline.core.errors import InputError, Problem
from pipeline.core.ledger import Ledger
from pipeline.wording.texts import worded


def write(card: Card, raw: dict[str, Path], arrived: dict[str, Any], draft: Path, options: Options) -> None:
    """Write the clean tables of a card and the ledger into `draft`."""
    ledger = Ledger()
    if card.survey is not None:
        ledger.arrivals("survey", list(card.survey.tables), arrived)
        answers = survey_answers.clean(card, respondents.stacked(card, raw), str(raw[card.survey.table]), ledger)
        answers.kept.to_parquet(draft / "survey.parquet", index=False)
        answers.left_out.to_parquet(draft / "left_out.parquet", index=False)
    if card.panel is not None:
        ledger.arrivals("panel", [card.panel.table, *card.panel.stack], arrived)
        target, starts = draft / "panel.parquet", treatments.reached(card, raw)
        if card.panel.of_events:
            events.write_panel(card, raw, ledger, target, options)
        else:
            path = raw[card.panel.table]
            panel = ready_made.panel(card, pd.read_parquet(path), str(path), ledger)
            panel.to_parquet(target, index=False)
        if card.panel.treatments:
            ledger.arrivals("treatments", [each.table for each in card.panel.treatments.values()], arrived)
            panel = treatments.with_starts(card, pd.read_parquet(target), starts, raw, ledger)
            panel.to_parquet(target, index=False)
        _check_left(card, "panel", pq.read_metadata(target).num_rows, ledger)
    if card.cohort is not None:
        if card.cohort.table:
            ledger.arrivals("cohort", [card.cohort.table], arrived)
        spells = cohort.spells(card, raw, ledger, options)
        _check_left(card, "cohort", len(spells), ledger)
        spells.to_parquet(draft / "cohort.parquet", index=False)
    ledger.frame(card.smallest_cell).to_csv(draft / "ledger.csv", index=False, lineterminator="\n")


def _check_left(card: Card, part: str, rows: int, ledger: Ledger) -> None:
    if rows == 0:
        found = worded("no_row_left", step=ledger.emptied(part))
        raise InputError(
            Problem(
                str(card.path),
                found,
                worded("at_least_one_row"),
                worded("check_rules_under", part=part),
                column=part,
            )
        )
