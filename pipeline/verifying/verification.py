"""A rerun against what is published: every number the same, within tolerance, different, missing or new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.cards import card as cards
from pipeline.core import paths
from pipeline.core.errors import InputError, Problem
from pipeline.reading import sources
from pipeline.verifying import cells, clean_copy, program, published, tolerances
from pipeline.verifying.cells import Cell
from pipeline.verifying.published import Results
from pipeline.verifying.tolerances import Allowed

# Where a cell of the rerun stands; the last three are what may not be.
STATES = ("same", "within", "differs", "missing", "new")
BAD = STATES[2:]
# What became of a data set.
REPRODUCED, DIFFERENT, NOT_AT_HAND, FAILED = "reproduced", "different", "not_at_hand", "failed"


@dataclass(frozen=True)
class Found:
    """A cell that is not the same, and what it may differ by."""

    state: str
    cell: Cell
    allowed: Allowed

    def record(self) -> dict[str, Any]:
        """The finding for a machine."""
        cell = self.cell
        by = cell.difference
        return {
            "state": self.state,
            "table": cell.table,
            "row": cell.key,
            "column": cell.column,
            "published": _plain(cell.left),
            "got": _plain(cell.right),
            "by": _plain(by),
            "allowed": self.allowed.most,
            "kind": self.allowed.kind,
            "decides": cell.decides,
        }


@dataclass(frozen=True)
class Checked:
    """What became of one data set.

    Attributes
    ----------
    state
        `reproduced`, `different`, `not_at_hand` or `failed`.
    date, commit
        Of publication.
    counts
        State of a cell → how many.
    found
        Every cell that is not the same, verdicts first, then what decides.
    changed
        Files of the program, sources, settings and versions that are not those of publication: name, and how.
    said
        Why there was no rerun, or how to get the data.
    """

    data_set: str
    state: str
    date: str
    commit: str
    counts: dict[str, int] = field(default_factory=dict)
    found: tuple[Found, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    said: str = ""

    def record(self) -> dict[str, Any]:
        """All of it for a machine."""
        return {
            "data_set": self.data_set,
            "state": self.state,
            "published": self.date,
            "commit": self.commit,
            "counts": self.counts,
            "differences": [found.record() for found in self.found],
            "changed": [{"what": name, "how": how} for name, how in self.changed],
            "said": self.said,
        }


def verify(data_set: str, told: Callable[[str], None] = lambda _: None) -> Checked:
    """Compute the published results of a data set again in a clean copy, and compare.

    Parameters
    ----------
    told
        Is called with the name of each stage before it begins.
    """
    was = published.load(data_set)
    facts = {"data_set": data_set, "date": was.facts["date"], "commit": was.facts["commit"]}
    changed = tuple(program.changed(was.program, program.files(data_set)))
    absent = out_of_reach(data_set)
    if absent is not None:
        state = FAILED if str(absent.column).endswith("sha256") else NOT_AT_HAND
        return Checked(**facts, state=state, changed=changed, said=str(absent))
    try:
        with clean_copy.clean(data_set) as root:
            got = clean_copy.rerun(root, data_set, told)
    except clean_copy.Failed as failed:
        return Checked(**facts, state=FAILED, changed=changed, said=str(failed))
    return compared(was, got)


def compared(was: Results, got: Results) -> Checked:
    """Two results of one data set, the published ones first."""
    alike = _computed_alike(was.facts, got.facts)
    rows = got.rows if was.facts["whole"] else got.rows[got.rows["decides"].astype(str) == "True"]
    words, same = cells.of_verdicts(was.verdicts, got.verdicts)
    numbers, same_too = cells.of_rows(was.rows, rows)
    found = [_judged(cell, was, alike) for cell in (*words, *numbers)]
    found.sort(key=lambda one: (one.state not in BAD, one.cell.table != "verdicts", not one.cell.decides))
    counts = Counter(one.state for one in found)
    counts["same"] = same + same_too
    changed = program.changed(was.program, got.program) + _settings(was.facts, got.facts)
    return Checked(
        data_set=was.data_set,
        state=DIFFERENT if any(counts[state] for state in BAD) else REPRODUCED,
        date=was.facts.get("date", ""),
        commit=was.facts.get("commit", ""),
        counts={state: counts[state] for state in STATES},
        found=tuple(found),
        changed=tuple(changed),
    )


def out_of_reach(data_set: str) -> Problem | None:
    """Why the source of a data set cannot be read here; nothing where it can, or has an address to fetch it from."""
    card = cards.load(paths.card_path(data_set))
    if card.source.kind == "simulator":
        return None
    for table, entry in card.source.files.items():
        if not entry.url and not card.source.version:
            try:
                sources.locate(card, table, paths.params().mirror, Path())
            except InputError as error:
                return error.problems[0]
    return None


def _judged(cell: Cell, was: Results, alike: bool) -> Found:
    if cell.left is None:
        return Found("new", cell, Allowed("exact", 0.0))
    if cell.right is None:
        return Found("missing", cell, Allowed("exact", 0.0))
    allowed = tolerances.allowed(cell, was, alike)
    return Found("within" if cell.difference <= allowed.most else "differs", cell, allowed)


def _settings(was: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str]]:
    """Parameters, choices, seeds and versions of the stages that are not those of publication."""
    found: dict[str, str] = {}
    for stage, before in was["records"].items():
        after = now["records"].get(stage, {})
        for block in ("parameters", "used", "choices", "versions"):
            old, new = before.get(block, {}), after.get(block, {})
            for name in sorted(old.keys() | new.keys()):
                if old.get(name) != new.get(name):
                    found[f"{block}: {name}"] = f"{old.get(name)} → {new.get(name)}"
        if before.get("seed") != after.get("seed"):
            found["seed"] = f"{before.get('seed')} → {after.get('seed')}"
    return list(found.items())


def _computed_alike(was: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether the same machine computed with the same versions, so that not even the last digit may differ."""
    names = tolerances.declared()["elsewhere"]["versions"]

    def versions(facts: dict[str, Any]) -> list[Any]:
        return [[record.get("versions", {}).get(name) for name in names] for record in facts["records"].values()]

    return was["machine"] == now["machine"] and versions(was) == versions(now)


def _plain(value: float | str | None) -> float | str | None:
    """A value that JSON has: no NaN."""
    return None if isinstance(value, float) and value != value else value
