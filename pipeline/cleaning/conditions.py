"""What a `where` of the card says, as remarks."""

from __future__ import annotations

from typing import Any

from models.remarks import Remark, remark


def stated(where: dict[str, Any]) -> list[Remark]:
    """The conditions of a `where`: the values a column may have, or its limits."""
    found = []
    for column, value in where.items():
        if isinstance(value, dict):
            found += [remark("column_above", column=column, limit=value["above"])] if "above" in value else []
            found += [remark("column_below", column=column, limit=value["below"])] if "below" in value else []
        else:
            values = [str(one) for one in (value if isinstance(value, list) else [value])]
            found.append(remark("column_is", column=column, values=values))
    return found
