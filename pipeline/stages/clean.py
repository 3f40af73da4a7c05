"""clean: raw tables → clean survey with flags of doubtful answers, panel, cohort, and the ledger of what was done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from pipeline.cards import card as cards
from pipeline.cards.card import Card
from pipeline.cleaning import cohort, events, ready_made, respondents, survey_answers, treatments
from pipeline.core import handed, paths, record
from pipeline.core.errors import InputError, Problem
from pipeline.core.ledger import Ledger
from pipeline.core.seeds import Seeds
from pipeline.reading import lines
from pipeline.wording.texts import worded


def run(data_set: str) -> None:
    card = cards.load(paths.card_path(data_set))
    folder = paths.of(data_set, "raw")
    raw, arrived = _raw(card, folder)
    seeds = Seeds(handed.to("clean").seed, card.id, "clean")
    with record.kept(data_set, "clean", seeds):
        try:
            with paths.whole(paths.of(data_set, "clean")) as draft:
                draft.mkdir()
                cleaned(card, raw, arrived, draft)
                if card.codebook:
                    _flag(card, seeds, draft)
        except InputError as error:
            raise lines.in_source(card, folder, error) from None


def cleaned(card: Card, raw: dict[str, Path], arrived: dict[str, Any], draft: Path) -> None:
    """Write the clean tables of a card and the ledger into `draft`."""
    ledger, options = Ledger(), handed.to("clean").events
    if card.survey is not None:
        ledger.arrivals("survey", list(card.survey.tables), arrived)
        answers = survey_answers.clean(card, respondents.stacked(card, raw), str(raw[card.survey.table]), ledger)
        answers.kept.to_parquet(draft / "survey.parquet", index=False)
        answers.left_out.to_parquet(draft / "left_out.parquet", index=False)
    if card.panel is not None:
        ledger.arrivals("panel", [card.panel.table, *card.panel.stack], arrived)
        target = draft / "panel.parquet"
        if card.panel.of_events:
            events.write_panel(card, raw, ledger, target, options)
        else:
            path = raw[card.panel.table]
            panel = ready_made.panel(card, pd.read_parquet(path), str(path), ledger)
            panel.to_parquet(target, index=False)
        if card.panel.treatments:
            ledger.arrivals("treatments", [each.table for each in card.panel.treatments.values()], arrived)
            panel = treatments.with_starts(card, pd.read_parquet(target), raw, ledger)
            panel.to_parquet(target, index=False)
        _check_left(card, "panel", pq.read_metadata(target).num_rows, ledger)
    if card.cohort is not None:
        if card.cohort.table:
            ledger.arrivals("cohort", [card.cohort.table], arrived)
        spells = cohort.spells(card, raw, ledger, options)
        _check_left(card, "cohort", len(spells), ledger)
        spells.to_parquet(draft / "cohort.parquet", index=False)
    ledger.frame(card.smallest_cell).to_csv(draft / "ledger.csv", index=False, lineterminator="\n")


def _flag(card: Card, seeds: Seeds, draft: Path) -> None:
    """Flag doubtful answers once, for the measurement that shows them and the models that try to do without them."""
    from models import survey

    data = pd.read_parquet(draft / "survey.parquet")
    found = survey.flagged(card.questionnaire, data, seeds.of("measure")("quality"))
    found.flags.to_parquet(draft / "flags.parquet", index=False)
    found.checks.to_parquet(draft / "checks.parquet", index=False)


def _raw(card: Card, folder: Path) -> tuple[dict[str, Path], dict[str, Any]]:
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
