"""What the report reads: the card, the ledger, the long table, the verdicts, the provenance of one data set."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from models import specs, theory
from pipeline.cards import card as cards
from pipeline.core import ledger as ledgers
from pipeline.core import paths, record, results, standing
from reports import style
from reports.style import JOURNALS, Style
from reports.texts import Texts


@dataclass(frozen=True)
class Report:
    """The results of one data set.

    Attributes
    ----------
    card
        The data card.
    rows
        The long results table.
    verdicts
        One row a hypothesis and kind of test.
    ledger
        The steps of cleaning.
    provenance
        Sources with their checksums.
    hashes
        File → SHA-256, of every file read.
    records
        Stage → what it computed with (`pipeline.core.record`).
    style
        How the main tables are printed.
    """

    card: cards.Card
    rows: pd.DataFrame
    verdicts: pd.DataFrame
    ledger: pd.DataFrame
    provenance: dict[str, Any]
    hashes: dict[str, str]
    records: dict[str, dict[str, Any]]
    style: Style = JOURNALS["apa"]

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def simulated(self) -> bool:
        return self.card.simulated

    @property
    def kinds(self) -> list[str]:
        """Kinds of data at hand: survey, panel, or a cohort alone."""
        found = [kind for kind in ("survey", "panel") if getattr(self.card, kind) is not None]
        return [*found, "cohort"] if self.card.cohort and self.card.panel is None else found

    def table(self, name: str, **values: str) -> pd.DataFrame:
        """Rows of one table, with the given values in other columns."""
        found = self._tables.get(name, self.rows.iloc[:0])
        for column, value in values.items():
            found = found[found[column] == value]
        return found.reset_index(drop=True)

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        return results.by_table(self.rows)

    def file(self, stage: str) -> str:
        """Where a stage writes its result; the card itself for `card`."""
        if stage in standing.ON_DEMAND:
            return paths.of(self.id, stage, "results.csv").as_posix()
        return paths.card_path(self.id).as_posix() if stage == "card" else record.output(self.id, stage)

    def set_by_card(self, texts: Texts, *what: str) -> str:
        """The sentence that says, where it is so, that the card sets a number of resamples."""
        own = any(name in self.card.own_resamples for name in what)
        return texts("punctuation.space") + texts("note.draws_card") if own else ""

    def models(self, table: str, **values: str) -> list[str]:
        """Models that have rows of a table, the main model first."""
        return sorted(dict.fromkeys(self.table(table, **values)["model"]), key=lambda model: model != specs.MAIN)

    def ordered(self, groups: Iterable[str]) -> list[str]:
        """Members of groupings in the order of the theory, else of the card, else as they come."""
        order = ["all", *theory.platform_types()]
        for part in self.card.parts.values():
            for entry in part.groups.values():
                order += entry.values
        place = {value: position for position, value in reversed(list(enumerate(order)))}
        return sorted(dict.fromkeys(groups), key=lambda group: place.get(group.rpartition(": ")[2], len(order)))

    def in_order(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Differences between each two members (`group`: `a − b`) turned and sorted as `ordered` has the members.

        A contrast that a hypothesis states keeps its direction.
        """
        out, place = rows.copy(), {}
        for at, row in rows.iterrows():
            pair = row["group"].split(" − ")
            if row["table"] != "pairs" and row["definition"] != "equivalence":
                continue
            first, second = self.ordered(pair)
            if pair != [first, second]:
                out.loc[at, ["group", "estimate", "statistic", "ci_lower", "ci_upper"]] = [
                    f"{first} − {second}",
                    *(-row[name] for name in ("estimate", "statistic", "ci_upper", "ci_lower")),
                ]
        members = self.ordered([side for group in out["group"] for side in group.split(" − ")])
        place = {group: [members.index(side) for side in group.split(" − ")] for group in out["group"]}
        return out.sort_values("group", kind="stable", key=lambda groups: groups.map(place))

    def size(self, kind: str) -> int | None:
        """Rows of the clean survey, panel or cohort."""
        return ledgers.left(self.ledger, kind)


def platform_columns(groups: list[str], after: int = 0) -> list[str]:
    """Of the columns of a table by group, the platform type of each: one before the groups, `after` behind them."""
    names = [group.rpartition(": ")[2] for group in groups]
    return ["", *(name if name in theory.platform_types() else "" for name in names), *[""] * after]


def read(data_set: str) -> Report:
    """Read everything that the report of a data set rests on."""
    records = {stage: record.read(data_set, stage) for stage in record.recorded()}
    files = {
        "card": paths.card_path(data_set),
        "provenance": paths.made(data_set, "acquire", "raw", "provenance.json"),
        "ledger": paths.made(data_set, "clean", "clean", "ledger.csv"),
        "rows": paths.made(data_set, "judge", "judge", "results.csv"),
        "verdicts": paths.made(data_set, "judge", "judge", "verdicts.csv"),
    } | {f"record_{stage}": path for stage, (path, _) in records.items()}
    rows = results.read(files["rows"])
    asked = {what: standing.facts(data_set, what) for what in standing.shown(data_set)}
    for what in asked:
        files[what] = paths.of(data_set, what, "results.csv")
        rows = pd.concat([rows, results.read(files[what])], ignore_index=True)
    return Report(
        card=cards.load(files["card"]),
        rows=rows,
        verdicts=_verdicts(files["verdicts"]),
        ledger=ledgers.read(files["ledger"]),
        provenance=json.loads(files["provenance"].read_text(encoding="utf-8")),
        hashes={path.as_posix(): sha256(path.read_bytes()).hexdigest() for path in files.values()},
        records={stage: content for stage, (_, content) in records.items()} | asked,
        style=style.chosen(),
    )


def _verdicts(path: Path) -> pd.DataFrame:
    verdicts = results.verdicts(path)
    for column in ("standardised", "pvalue_holm", "zero_lower", "zero_upper", "smallest"):
        verdicts[column] = pd.to_numeric(verdicts[column])
    return verdicts
