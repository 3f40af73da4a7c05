"""Rows that a rule of an estimation removed or flagged, as rows of the long results table."""

from __future__ import annotations

from collections.abc import Iterable

from models.panel.engine.ledger import Line
from models.remarks import Remark, packed


def left_out(lines: Iterable[Line], model: str, by: str | None = None) -> list[dict]:
    """Rows `dropped`, one a rule and group.

    Parameters
    ----------
    lines
        Of the ledger of the model's sample.
    model
        Specification or estimator.
    by
        Grouping by whose members the model was estimated.
    """
    return [
        {
            "table": "dropped",
            "model": model,
            "group": f"{by}: {line.group}" if by else line.group,
            "term": named(line.rule),
            "quantity": line.action,
            "estimate": line.rows,
            "note": packed([line.rule]),
        }
        for line in lines
    ]


def named(rule: Remark) -> str:
    """The key of a rule and what it speaks of, but no counts: `missing_value: lag(value)`."""
    subjects = ", ".join(value for value in rule.values.values() if isinstance(value, str))
    return f"{rule.key}: {subjects}" if subjects else rule.key
