"""How much of a hand-made card `stickiness new` drafts from the raw file alone.

    STICKINESS_MIRROR=… uv run python benchmarks/drafts.py

Real surveys and logs whose cards were made by hand are drafted anew, with their codebooks where they have one, and each
draft is compared with the card: which of its questions became items, with which range, whether the codes for no answer
and the columns of groups were found, and of the constructs that the draft names how many are the card's. A construct is
a guess, and the draft says so; one that is left open is not counted as wrong. Parts of files on this machine only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.cards import card as cards
from pipeline.cards.card import Card, Item
from pipeline.core.errors import InputError
from pipeline.drafting import draft
from pipeline.reading import sources

ROOT = Path(__file__).parents[1]
SURVEYS = ("corp_rep", "mobi", "galeries_lafayette", "influencer", "shein")
LOGS = ("ciao", "cdnow", "online_retail")
BESIDE = {"galeries_lafayette": "variables_and_labels.csv", "shein": "codebook.csv"}


def drafted(card: Card, mirror: Path, folder: Path) -> Card:
    """The draft of the files that a card was made for."""
    table = card.survey.table if card.survey else card.panel.table if card.panel else ""
    paths = [sources.locate(card, table, str(mirror), folder)]
    if card.id in BESIDE:
        paths.append(mirror / card.id / BESIDE[card.id])
    return cards.load(draft.write(card.id, paths, folder / card.id).card)


def share(found: int, of: int) -> str:
    return f"{found} of {of}"


def survey(hand: Card, new: Card) -> Iterator[str]:
    """Items, ranges, codes for no answer, groups, constructs."""
    asked: dict[str, Item] = {item.column: item for item in new.items}
    pairs = [(item, asked[item.column]) for item in hand.items if item.column in asked]
    assert hand.survey
    assert new.survey
    yield share(len(pairs), len(hand.items))
    yield share(sum((a.low, a.high) == (b.low, b.high) for a, b in pairs), len(pairs))
    yield share(sum(a.reversed == b.reversed for a, b in pairs), len(pairs))
    codes = set(hand.survey.missing_codes)
    here = set(new.survey.missing_codes).union(*(item.missing_codes for item in new.items))
    yield share(len(codes & here), len(codes))
    columns = {group.column for group in hand.survey.groups.values() if group.column}
    yield share(len(columns & {group.column for group in new.survey.groups.values()}), len(columns))
    named = [(a, b) for a, b in pairs if b.construct]
    yield share(sum(a.construct == b.construct for a, b in named), len(named))


def log(hand: Card, new: Card) -> Iterator[str]:
    """User, time with its form, period, and the measures that both have."""
    assert hand.panel
    assert new.panel
    yield "yes" if hand.panel.entity == new.panel.entity else f"{new.panel.entity}, not {hand.panel.entity}"
    same = hand.panel.time.column == new.panel.time.column
    yield "yes" if same else f"{new.panel.time.column}, not {hand.panel.time.column}"
    yield f"{new.panel.period} ({hand.panel.period})"
    yield share(len(set(hand.panel.measures) & set(new.panel.measures)), len(hand.panel.measures))


def table(names: tuple[str, ...], head: str, compared, mirror: Path) -> None:
    columns = head.split(" | ")
    print(f"| {head} |\n|{'---|' * len(columns)}")
    for name in names:
        hand = cards.load(ROOT / "data" / name / "card.yaml")
        with TemporaryDirectory() as folder:
            try:
                cells = list(compared(hand, drafted(hand, mirror, Path(folder))))
            except InputError as error:
                cells = [str(error.problems[0].found)] + [""] * (len(columns) - 2)
        print("| " + " | ".join([name, *cells]) + " |", flush=True)
    print()


def main(mirror: Path) -> None:
    head = "survey | items | ranges | reversed | codes for no answer | groups | constructs named"
    table(SURVEYS, head, survey, mirror)
    table(LOGS, "log | user | time | period (card) | measures", log, mirror)


if __name__ == "__main__":
    if "STICKINESS_MIRROR" not in os.environ:
        sys.exit("STICKINESS_MIRROR names the folder of the files")
    main(Path(os.environ["STICKINESS_MIRROR"]))
