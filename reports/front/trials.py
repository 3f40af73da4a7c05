"""Simulated data on the front page: verdicts against the truth, in a sentence and a small table."""

from __future__ import annotations

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.front.matrix import UNTESTED
from reports.front.sets import Summary
from reports.texts import Texts


def counts(found: list[Summary]) -> dict[tuple[bool, str], int]:
    """(true in the simulation, supported | not | withheld) → how many verdicts on a hypothesis with a known truth."""
    cells = {(true, word): 0 for true in (True, False) for word in ("supported", "not", "withheld")}
    for entry in found:
        for row in entry["verdicts"]:
            if row["kind"] in entry["kinds"] and row.get("holds") is not None:
                word = {"supported": "supported", UNTESTED: "withheld"}.get(row["verdict"], "not")
                cells[bool(row["holds"]), word] += 1
    return cells


def table(found: list[Summary], texts: Texts) -> Table | None:
    """Truth against verdict; None where no truth of a hypothesis is known."""
    cells = counts(found)
    if not sum(cells.values()):
        return None
    words = ("supported", "not", "withheld")
    return Table(
        name="trials",
        caption=texts("site.trials_caption"),
        head=[texts("site.trials.truth"), *(texts(f"site.trials.{word}") for word in words)],
        kinds=[TEXT, *[NUMBER] * 3],
        rows=[
            [
                texts(f"site.trials.{'true' if true else 'untrue'}"),
                *(numbers.count(cells[true, word]) for word in words),
            ]
            for true in (True, False)
        ],
        stages=[],
    )


def sentences(found: list[Summary], texts: Texts) -> list[str]:
    """How many verdicts are right, and how many parameters lie in their interval."""
    said = []
    if (right := _right(found)) is not None:
        said.append(texts("site.trials.right", **right))
    for entry in found:
        recovered = entry["recovery"]
        if recovered["parameters"]:
            share = numbers.percent(recovered["covered"] / recovered["parameters"], 0)
            known = {key: numbers.count(value) for key, value in recovered.items()}
            said.append(texts("site.recovered", share=share, **known))
    return said


def boxes(found: list[Summary], texts: Texts) -> list[dict[str, str]]:
    """The same as the large number of a box."""
    right = _right(found)
    if right is None:
        return []
    return [{"big": texts("together.of", k=right["k"], n=right["n"]), "small": texts("site.trials.box", **right)}]


def _right(found: list[Summary]) -> dict[str, str] | None:
    cells = counts(found)
    given = sum(number for (_, word), number in cells.items() if word != "withheld")
    if not given:
        return None
    withheld = sum(cells.values()) - given
    right = cells[True, "supported"] + cells[False, "not"]
    return {"k": numbers.count(right), "n": numbers.count(given), "withheld": numbers.count(withheld)}
