"""The record of the rows that a rule removed or flagged, in remarks; worded only where somebody reads it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from models.remarks import Remark, packed


@dataclass(frozen=True)
class Line:
    """What a rule did to how many rows of a group: ``dropped`` or ``kept`` (flagged only)."""

    group: str
    rule: Remark
    rows: int
    action: str


@dataclass
class Ledger:
    """Rows that a rule removed or flagged, a line each."""

    lines: list[Line] = field(default_factory=list)

    def add(self, group: str, rule: Remark, rows: int, action: str = "dropped") -> None:
        """Put a rule on record, unless it concerns no row."""
        if rows:
            self.lines.append(Line(group, rule, int(rows), action))

    def lost(self, group: str | None = None) -> int:
        """Count the rows of a group, or of all, that rules removed."""
        lines = (line for line in self.lines if line.action == "dropped" and group in (None, line.group))
        return sum(line.rows for line in lines)

    def table(self) -> pd.DataFrame:
        """Return a row a rule, in English; ``said`` has it as data (``models.remarks.unpacked``)."""
        lines = [(one.group, str(one.rule), one.rows, one.action, packed([one.rule])) for one in self.lines]
        return pd.DataFrame(lines, columns=["group", "rule", "rows", "action", "said"])


class Recorded:
    """A result that has the ledger of its sample."""

    ledger: Ledger

    @property
    def dropped(self) -> pd.DataFrame:
        """Table of group, rule in English, rows and action of what a rule removed (or flagged: action "kept")."""
        return self.ledger.table()
