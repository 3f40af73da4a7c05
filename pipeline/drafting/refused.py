"""Why a table is drafted neither as a survey nor as a log, and what somebody can do who knows it better."""

from __future__ import annotations

from pipeline.core.errors import Problem
from pipeline.drafting import roles
from pipeline.drafting.sheet import Sheet, texts
from pipeline.wording.texts import worded

FEW = 8
EXPECTED = worded("two_questions_or_a_log")


def problem(file: str, sheet: Sheet) -> Problem:
    """What the table has and lacks."""
    names = list(map(str, sheet.frame.columns))
    found = worded("columns_are", names=", ".join(names[:FEW]) + (" …" if len(names) > FEW else ""))
    times = [name for name in names if roles.is_time(sheet.frame[name])]
    if not times:
        fix = worded("name_columns_of_table")
        return Problem(file, found, EXPECTED, fix)
    found = worded("times_but_no_users", found=found, times=", ".join(times))
    fix = worded("join_column_of_users")
    for name in names:
        first = texts(sheet.frame[name]).dropna().str.extract(r"^([^_]+)_[^_]+$")[0]
        if len(first) and first.notna().all() and 1 < first.nunique() < len(first) / 2:
            found = worded("columns_begin_with_values", found=found, name=name, n=first.nunique())
            way = f'panel.columns: {{user: {{from: {name}, pattern: "^([^_]+)_"}}}}'
            fix = worded("write_card_with", way=way)
            break
    return Problem(file, found, EXPECTED, fix)
