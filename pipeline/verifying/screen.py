"""What `verify` and `compare` print: one screen."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.verifying.cells import Cell
from pipeline.verifying.contrast import moved
from pipeline.verifying.stability import Stability
from pipeline.verifying.verification import BAD, FAILED, NOT_AT_HAND, REPRODUCED, STATES, Checked, Found
from pipeline.wording import columns
from pipeline.wording.words import said

SHOWN = 8
_WORDS = {REPRODUCED: "reproduced", "different": "differs", NOT_AT_HAND: "not_at_hand", FAILED: "no_rerun"}


def verified(checked: Sequence[Checked]) -> str:
    """A line a data set, then what differs, and how to get what is not at hand."""
    rows = [
        [one.data_set, one.date, *(str(one.counts.get(state, ".")) for state in STATES), _result(one)]
        for one in checked
    ]
    head = [said("head_set"), said("head_published"), *(said(f"cell_{state}") for state in STATES), said("head_result")]
    lines = columns.aligned(head, rows, right=range(2, 2 + len(STATES)))
    for one in checked:
        lines += _details(one)
    return "\n".join(lines)


def _result(one: Checked) -> str:
    return said(f"result_{_WORDS[one.state]}")


def _details(one: Checked) -> list[str]:
    lines: list[str] = []
    bad = [found for found in one.found if found.state in BAD]
    if bad:
        lines += ["", said("not_as_published", name=one.data_set)]
        lines += [f"  {_finding(found)}" for found in bad[:SHOWN]]
        lines += [said("more_on_page", n=len(bad) - SHOWN)] * (len(bad) > SHOWN)
    if one.changed:
        lines += ["", said("changed_since", name=one.data_set, commit=one.commit[:10])]
        lines += [f"  {name}: {how}" for name, how in one.changed[:SHOWN]]
        lines += [said("more_on_page", n=len(one.changed) - SHOWN)] * (len(one.changed) > SHOWN)
    if one.said:
        lines += [
            "",
            said("set_and_result", name=one.data_set, result=_result(one)),
            *(f"  {line}" for line in one.said.splitlines()),
        ]
    return lines


def _finding(found: Found) -> str:
    cell = found.cell
    place = said("place_of_cell", state=said(f"cell_{found.state}"), table=cell.table, row=cell.row)
    if not cell.column:
        return place
    column = said("at_column", column=cell.column)
    told = place + column + said("published_got", published=shown(cell.left), got=shown(cell.right))
    if cell.difference != cell.difference:
        return told
    most, kind = f"{found.allowed.most:.2g}", found.allowed.kind
    return told + said("differs_by", by=f"{cell.difference:.2g}", most=most, kind=kind)


def stability(listed: Sequence[Stability], seeds: int) -> str:
    """Verdicts that depend on the seed, and how many do not."""
    moving = [one for one in listed if not one.stable]
    lines = ["", said("over_seeds", seeds=seeds, n=len(listed) - len(moving), all=len(listed))]
    for one in moving:
        words = ", ".join(f"{word} {count}×" for word, count in one.words.items())
        kind = said(f"kind_of_{one.kind}")
        lines.append(
            said("moving", name=one.data_set, id=one.hypothesis, kind=kind, published=one.published, words=words)
        )
    return "\n".join(lines)


def contrasted(names: tuple[str, str], listed: Sequence[Cell]) -> str:
    """What matters most of the difference between two results."""
    if not listed:
        return said("all_same", left=names[0], right=names[1])
    verdicts = sum(cell.table == "verdicts" and cell.column in ("verdict", "") for cell in listed)
    deciding = sum(cell.decides and cell.table != "verdicts" for cell in listed)
    counts = {"n": len(listed), "verdicts": verdicts, "deciding": deciding}
    lines = [said("differences", **counts, left=names[0], right=names[1])]
    for cell in listed[: 3 * SHOWN]:
        known = cell.column == "estimate" and cell.line.get("se", 0) > 0
        far = said("in_errors", n=f"{moved(cell):.2g}") if known else ""
        column = said("at_column", column=cell.column) if cell.column else ""
        lines.append(f"  {cell.table}, {cell.row}{column}: {shown(cell.left)} → {shown(cell.right)}{far}")
    lines += [said("more_in_file", n=len(listed) - 3 * SHOWN)] * (len(listed) > 3 * SHOWN)
    return "\n".join(lines)


def shown(value: float | str | None) -> str:
    """A value in its printed digits."""
    if value is None:
        return said("no_such_row")
    return value or said("nothing") if isinstance(value, str) else f"{value:.6g}"
