"""The ledger of cleaning: every step that changes or drops rows says its rule, the rows before and after, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

COLUMNS = ["table", "step", "rule", "rows_before", "rows_after", "cells_changed", "why"]


@dataclass
class Ledger:
    """Collects the steps in their order."""

    rows: list[dict] = field(default_factory=list)

    def record(
        self, table: str, step: str, rule: str, before: int, after: int, why: str, cells_changed: int = 0
    ) -> None:
        """Note one step; a step that changed nothing is noted too."""
        self.rows.append(dict(zip(COLUMNS, (table, step, rule, before, after, cells_changed, why), strict=True)))

    def arrivals(self, part: str, tables: list[str], arrived: dict[str, Any]) -> None:
        """Note what the readers of a part's tables put right, where they did; `arrived` is the provenance's."""
        for table in dict.fromkeys(tables):
            noticed = arrived.get(table, {})
            rows, blank = noticed.get("rows", 0), noticed.get("blank_rows", 0)
            if trailing := noticed.get("trailing_separators"):
                rule = f"{table}: a separator more than names at the end of rows"
                why = "nothing stands behind it"
                self.record(part, "trailing separators", rule, rows + blank, rows + blank, why, trailing)
            if blank:
                rule = f"{table}: every cell is blank"
                self.record(part, "blank rows", rule, rows + blank, rows, "nothing stands in them")

    def emptied(self, table: str) -> str:
        """The step that left no row of a table, in words."""
        steps = [r for r in self.rows if r["table"] == table and r["rows_before"] > r["rows_after"] == 0]
        of_rows = [r for r in steps if "(rows: entities" not in r["why"]]
        if not steps:
            return "the card's rules"
        step = (of_rows or steps)[-1]
        return f"{step['step']} ({step['rule']}): {step['rows_before']} rows before, none after"

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=COLUMNS)


def added_up(parts: list[Ledger], total: Ledger) -> None:
    """Add the same steps of several parts of the data to a ledger, as one line a step."""
    for lines in zip(*(part.rows for part in parts), strict=True):
        sums = {name: sum(line[name] for line in lines) for name in ("rows_before", "rows_after", "cells_changed")}
        total.rows.append(lines[0] | sums)
