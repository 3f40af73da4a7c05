"""Why a table is drafted neither as a survey nor as a log, and what somebody can do who knows it better."""

from __future__ import annotations

from pipeline.core.errors import Problem, worded
from pipeline.drafting import roles
from pipeline.drafting.sheet import Sheet, texts

FEW = 8
EXPECTED = "two questions or more on one scale, or a log: a column of times and one of users who occur again"


def problem(file: str, sheet: Sheet) -> Problem:
    """What the table has and lacks."""
    names = list(map(str, sheet.frame.columns))
    found = worded("columns {names}", names=", ".join(names[:FEW]) + (" …" if len(names) > FEW else ""))
    times = [name for name in names if roles.is_time(sheet.frame[name])]
    if not times:
        fix = "name the columns of the table, or write the card by hand (data/README.md)"
        return Problem(file, found, EXPECTED, fix)
    found = worded(
        "{found}; times in {times}, but no column of users who occur again", found=found, times=", ".join(times)
    )
    fix = "join a column of users, or write the card by hand (data/README.md)"
    for name in names:
        first = texts(sheet.frame[name]).dropna().str.extract(r"^([^_]+)_[^_]+$")[0]
        if len(first) and first.notna().all() and 1 < first.nunique() < len(first) / 2:
            found = worded("{found}; {name} begins with one of {n} values", found=found, name=name, n=first.nunique())
            way = f'panel.columns: {{user: {{from: {name}, pattern: "^([^_]+)_"}}}}'
            fix = worded("write the card by hand; there {way} takes them out", way=way)
            break
    return Problem(file, found, EXPECTED, fix)
