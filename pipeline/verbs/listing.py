"""`stickiness list`: every data set that has a card."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.verbs import named
from pipeline.wording import columns
from pipeline.wording.texts import in_language
from pipeline.wording.words import language, listed, said

if TYPE_CHECKING:
    from pipeline.cards.card import Card

LICENCE = 40


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb."""
    verbs.add_parser("list", help=said("list_help"))


def run(options: argparse.Namespace) -> int:
    from pipeline.cards import card
    from pipeline.core import paths
    from pipeline.core.errors import InputError

    names, chosen = named.present(), paths.params().data_sets
    if not names:
        print(said("no_cards"))
        return 0
    rows = []
    for name in sorted(names, key=lambda name: (name not in chosen, name)):
        try:
            rows.append(_row(card.load(paths.card_path(name)), name in chosen))
        except InputError:
            rows.append([name, said("state_broken", name=name), "", "", "", ""])
    head = [said(f"head_{key}") for key in ("set", "state", "kind", "size", "last", "licence")]
    print("\n".join([*columns.aligned(head, rows, right=[3]), "", said("list_next")]))
    return 0


def _row(card: Card, chosen: bool) -> list[str]:
    kinds = listed(said(f"kind_of_{kind}") for kind in card.parts)
    return [
        card.id,
        _state(card.id) if chosen else said("state_off", state=_state(card.id)),
        said("kind_simulated", kinds=kinds) if card.simulated else kinds,
        _size(card.id),
        _last(card.id),
        columns.short(in_language(card.source.licence, language()), LICENCE),
    ]


def _state(name: str) -> str:
    from pipeline.core import paths

    if paths.of(name, "judge", "verdicts.csv").exists():
        return said("state_finished")
    if paths.of(name).exists():
        return said("state_unfinished")
    return said("state_published" if (paths.PUBLISHED / name).exists() else "state_new")


def _size(name: str) -> str:
    """Rows of each clean table, of the last run or the published one."""
    from pipeline.core import paths

    for path, key in ((paths.of(name, "metrics.json"), "n"), (paths.PUBLISHED / name / "summary.json", "n")):
        with suppress(OSError, ValueError, KeyError):
            found = json.loads(path.read_text(encoding="utf-8"))[key]
            return " + ".join(f"{n:,}" for n in found.values() if n is not None)
    return ""


def _last(name: str) -> str:
    """When the last stage of a data set ended."""
    from pipeline.core import paths

    ended = [path.stat().st_mtime for path in (paths.RESULTS / "costs" / name).glob("*.json")]
    return f"{datetime.fromtimestamp(max(ended)):%Y-%m-%d %H:%M}" if ended else ""
