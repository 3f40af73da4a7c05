"""clean: raw tables → clean survey with flags of doubtful answers, panel, cohort, and the ledger of what was done."""

from __future__ import annotations

from pipeline.cards import card as cards
from pipeline.cleaning import answer_flags, clean_tables
from pipeline.core import handed, paths, record
from pipeline.core.errors import InputError
from pipeline.core.seeds import Seeds
from pipeline.reading import arrived, lines


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("clean")
    folder, seeds = paths.of(data_set, "raw"), Seeds(params.seed, card.id, "clean")
    raw, noticed = arrived.tables(card, folder)
    with record.kept(data_set, "clean", seeds):
        try:
            with paths.whole(paths.of(data_set, "clean")) as draft:
                draft.mkdir()
                clean_tables.write(card, raw, noticed, draft, params.events)
                if card.codebook:
                    answer_flags.write(card, seeds, draft)
        except InputError as error:
            raise lines.in_source(card, folder, error) from None
