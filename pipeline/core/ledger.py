"""The ledger of cleaning: every step that changes or drops rows says its rule, the numbers before and after, and why.

Where a step counts the same before and after (`unit_before` and `unit_after`), the difference is what it leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from models.disclosure import apart
from models.remarks import Remark, packed, remark
from pipeline.wording.texts import Worded, worded

COLUMNS = [
    "table", "step", "rule", "unit_before", "rows_before", "unit_after", "rows_after", "cells_changed", "why",
]  # fmt: skip
COUNTS = ["rows_before", "rows_after", "cells_changed"]
Step = Literal[
    "trailing_separators", "blank_rows", "read", "names", "labels", "missing_codes", "reverse", "unseen",
    "screening", "too_few_answers", "duplicates", "straight_lining", "speeding", "clock", "selection",
    "no_entity_or_time", "robots_and_wholesalers", "sessions", "one_group_an_entity", "left_censored",
    "right_censored", "periods", "too_short", "zero", "undefined", "first_start", "not_in_the_panel", "no_origin",
    "too_late", "censoring", "same_day", "horizon",
]  # fmt: skip
# What is counted: rows as they are delivered, respondents, events of a log, entities with their periods, and so on.
Unit = Literal["rows", "people", "events", "sessions", "entities", "periods_with_events", "entity_periods", "subjects"]
STEPS, UNITS = get_args(Step), get_args(Unit)
# What a row of each clean table is.
ROW: dict[str, Unit] = {"survey": "people", "panel": "entity_periods", "cohort": "subjects"}


@dataclass
class Ledger:
    """Collects the steps in their order."""

    rows: list[dict] = field(default_factory=list)

    def record(
        self,
        table: str,
        step: Step,
        rule: Remark,
        before: int,
        after: int,
        why: Remark,
        unit: Unit,
        unit_before: Unit | None = None,
        cells: int = 0,
    ) -> None:
        """Note one step; a step that changed nothing is noted too.

        Parameters
        ----------
        unit, unit_before
            What `after` counts, and `before` where that is another thing.
        cells
            How many values the step changed or counted, where it is about values.
        """
        if step not in STEPS or {unit, unit_before or unit} - set(UNITS):
            raise ValueError(f"no step {step!r} in {unit!r} among those of the ledger")
        values = (table, step, rule, unit_before or unit, before, unit, after, cells, why)
        self.rows.append(dict(zip(COLUMNS, values, strict=True)))

    def arrivals(self, part: str, tables: list[str], arrived: dict[str, Any]) -> None:
        """Note what the readers of a part's tables put right, where they did; `arrived` is the provenance's."""
        for table in dict.fromkeys(tables):
            noticed = arrived.get(table, {})
            rows, blank = noticed.get("rows", 0), noticed.get("blank_rows", 0)
            if trailing := noticed.get("trailing_separators"):
                rule, why = remark("separator_too_many", table=table), remark("nothing_behind_it")
                self.record(part, "trailing_separators", rule, rows + blank, rows + blank, why, "rows", cells=trailing)
            if blank:
                rule, why = remark("every_cell_blank", table=table), remark("nothing_in_them")
                self.record(part, "blank_rows", rule, rows + blank, rows, why, "rows")

    def emptied(self, table: str) -> Worded:
        """The step that left nothing of a table, in words."""
        step = self._emptying(table)
        if step is None:
            return worded("rules_of_card")
        return worded(
            "none_after_step",
            step=worded(f"step_{step['step']}"),
            rule=step["rule"],
            n=step["rows_before"],
            unit=worded(f"unit_{step['unit_before']}"),
        )

    def emptied_by(self, table: str, otherwise: str) -> str:
        """The entry of the card that left nothing of a table: its `where`, or `otherwise` with its other rules."""
        step = self._emptying(table)
        return f"{table}.where" if step is not None and step["step"] == "selection" else otherwise

    def _emptying(self, table: str) -> dict | None:
        steps = [row for row in self.rows if row["table"] == table and row["rows_before"] > row["rows_after"] == 0]
        return steps[-1] if steps else None

    def frame(self, least: int = 0) -> pd.DataFrame:
        """The steps as a table, columns `COLUMNS`; `rule` and `why` are packed remarks.

        Parameters
        ----------
        least
            Smallest count of people that may be told, by its own or by the difference of two.
        """
        rows = [row | {name: packed([row[name]]) for name in ("rule", "why")} for row in self.rows]
        found = pd.DataFrame(rows, columns=COLUMNS)
        return _without_few(found, least) if least else found


def _without_few(ledger: pd.DataFrame, least: int) -> pd.DataFrame:
    """The ledger without counts of few people: each table's from its first step to its last, unit by unit."""
    out = ledger.astype(dict.fromkeys(COUNTS, "Int64"))
    out.loc[out["cells_changed"].between(1, least - 1), "cells_changed"] = pd.NA
    places = [(at, side) for at in out.index for side in ("before", "after")]
    for table in out["table"].unique():
        for units in (("rows", "people"), ("entities",), ("subjects",)):
            told = [p for p in places if out.at[p[0], "table"] == table and out.at[p[0], f"unit_{p[1]}"] in units]
            shown = apart([out.at[at, f"rows_{side}"] for at, side in told], least)
            for (at, side), count in zip(told, shown, strict=True):
                out.at[at, f"rows_{side}"] = pd.NA if count is None else count
    return out


def added_up(parts: list[Ledger], total: Ledger) -> None:
    """Add the same steps of several parts of the data to a ledger, as one line a step."""
    for lines in zip(*(part.rows for part in parts), strict=True):
        sums = {name: sum(line[name] for line in lines) for name in COUNTS}
        total.rows.append(lines[0] | sums)


def read(path: Path) -> pd.DataFrame:
    """A ledger as `clean` wrote it; counts that it hides are missing."""
    return pd.read_csv(path, keep_default_na=False, na_values={name: [""] for name in COUNTS})


def left(ledger: pd.DataFrame, table: str) -> int | None:
    """Rows of a clean table, "survey", "panel" or "cohort", as its last step of that unit left them."""
    steps = ledger[(ledger["table"] == table) & (ledger["unit_after"] == ROW[table])]
    return None if steps.empty else int(steps["rows_after"].iloc[-1])
