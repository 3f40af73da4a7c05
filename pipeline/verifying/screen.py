"""What `verify` and `compare` print: one screen."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.verifying.cells import Cell
from pipeline.verifying.contrast import moved
from pipeline.verifying.stability import Stability
from pipeline.verifying.verification import BAD, FAILED, NOT_AT_HAND, REPRODUCED, STATES, Checked, Found

SHOWN = 8
_WORDS = {
    REPRODUCED: "reproduced",
    "different": "DIFFERENT",
    NOT_AT_HAND: "data not at hand, not rerun",
    FAILED: "NO RERUN",
}


def verified(checked: Sequence[Checked]) -> str:
    """A line a data set, then what differs, and how to get what is not at hand."""
    width = max(len(one.data_set) for one in checked) + 1
    header = f"{'data set':<{width}} {'published':<11}" + "".join(f"{state:>9}" for state in STATES) + "  result"
    lines = [header, "-" * len(header)]
    for one in checked:
        counts = "".join(f"{one.counts.get(state, '.'):>9}" for state in STATES)
        lines.append(f"{one.data_set:<{width}} {one.date:<11}{counts}  {_WORDS[one.state]}")
    for one in checked:
        lines += _details(one)
    return "\n".join(lines)


def _details(one: Checked) -> list[str]:
    lines: list[str] = []
    bad = [found for found in one.found if found.state in BAD]
    if bad:
        lines += ["", f"{one.data_set}: not as published"]
        lines += [f"  {_finding(found)}" for found in bad[:SHOWN]]
        lines += [f"  … and {len(bad) - SHOWN} more, all of them on the page"] * (len(bad) > SHOWN)
    if one.changed:
        lines += ["", f"{one.data_set}: changed since publication ({one.commit[:10]})"]
        lines += [f"  {name}: {how}" for name, how in one.changed[:SHOWN]]
        lines += [f"  … and {len(one.changed) - SHOWN} more, all of them on the page"] * (len(one.changed) > SHOWN)
    if one.said:
        lines += ["", f"{one.data_set}: {_WORDS[one.state]}", *(f"  {line}" for line in one.said.splitlines())]
    return lines


def _finding(found: Found) -> str:
    cell = found.cell
    place = f"{found.state}: {cell.table}, {cell.row}"
    if not cell.column:
        return place
    by = f", by {cell.difference:.2g} (allowed {found.allowed.most:.2g}, {found.allowed.kind})"
    return f"{place}, {cell.column}: published {shown(cell.left)}, got {shown(cell.right)}" + by * (
        cell.difference == cell.difference
    )


def stability(listed: Sequence[Stability], seeds: int) -> str:
    """Verdicts that depend on the seed, and how many do not."""
    moving = [one for one in listed if not one.stable]
    lines = ["", f"verdicts over {seeds} seeds: {len(listed) - len(moving)} of {len(listed)} never change"]
    for one in moving:
        words = ", ".join(f"{word} {count}×" for word, count in one.words.items())
        lines.append(f"  {one.data_set} {one.hypothesis} ({one.kind}): published {one.published}; {words}")
    return "\n".join(lines)


def contrasted(names: tuple[str, str], listed: Sequence[Cell]) -> str:
    """What matters most of the difference between two results."""
    if not listed:
        return f"{names[0]} and {names[1]} are the same in every printed digit"
    verdicts = sum(cell.table == "verdicts" and cell.column in ("verdict", "") for cell in listed)
    deciding = sum(cell.decides and cell.table != "verdicts" for cell in listed)
    lines = [
        f"{len(listed)} differences: {verdicts} of verdicts, {deciding} in numbers that decide "
        f"(what matters most first; left {names[0]}, right {names[1]})"
    ]
    for cell in listed[: 3 * SHOWN]:
        far = (
            f"  ({moved(cell):.2g} standard errors)" if cell.column == "estimate" and cell.line.get("se", 0) > 0 else ""
        )
        column = f", {cell.column}" if cell.column else ""
        lines.append(f"  {cell.table}, {cell.row}{column}: {shown(cell.left)} → {shown(cell.right)}{far}")
    lines += [f"  … and {len(listed) - 3 * SHOWN} more in the file"] * (len(listed) > 3 * SHOWN)
    return "\n".join(lines)


def shown(value: float | str | None) -> str:
    """A value in its printed digits."""
    if value is None:
        return "no such row"
    return value or "nothing" if isinstance(value, str) else f"{value:.6g}"
