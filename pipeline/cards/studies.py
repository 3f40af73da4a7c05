"""What a synthesis knows of a data set: beside its verdicts, and with published results."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from models import across, theory
from pipeline.cards.card import Card
from pipeline.core import results

# Columns of the verdicts that hold numbers.
MEASURED = ["standardised", "zero_lower", "zero_upper", "n"]
ROWS, VERDICTS, ABOUT = "synthesis.csv", "verdicts.csv", "about.json"


def write(card: Card, rows: pd.DataFrame, verdicts: pd.DataFrame, folder: Path) -> None:
    """Write the verdicts, the rows that a synthesis reads, and what the card says of the data set."""
    folder.mkdir()
    results.write(rows[across.needed(rows)], folder / ROWS)
    results.write(verdicts, folder / VERDICTS)
    about = {"simulated": card.simulated, "traits": traits(card), "proxies": sorted(card.proxies)}
    (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def traits(card: Card) -> dict[str, str]:
    """What the data set differs in from others: its platform type where there is one only, its country where said."""
    constant = {
        group.constant
        for part in card.parts.values()
        for name, group in part.groups.items()
        if name == "platform_type" and group.constant
    }
    found = {"platform_type": constant.pop() if len(constant) == 1 else "", "country": card.country}
    return {name: value for name, value in found.items() if value}


def read(name: str, folder: Path) -> across.Study | None:
    """The study of a data set as `write` left it; None for simulated data, which say nothing about the world.

    Verdicts that were published under another rule than today's say nothing of today's hypothesis and are left out.
    """
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    if about["simulated"]:
        return None
    verdicts, rows = results.verdicts(folder / VERDICTS), results.read(folder / ROWS)
    verdicts = verdicts[of_today(verdicts)].reset_index(drop=True)
    verdicts[MEASURED] = verdicts[MEASURED].apply(pd.to_numeric, errors="coerce")
    return across.Study(name, verdicts, rows, about["traits"], frozenset(about["proxies"]))


def of_today(verdicts: pd.DataFrame) -> pd.Series:
    """Which verdicts the theory would still decide by the rule that decided them (columns `hypothesis kind rule`)."""
    named = zip(verdicts["hypothesis"], verdicts["kind"], verdicts["rule"], strict=True)
    return pd.Series([rule == theory.decided_by(one, kind) for one, kind, rule in named], verdicts.index, dtype=bool)
