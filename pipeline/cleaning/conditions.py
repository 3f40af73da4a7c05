"""What a `where` of the card means, whatever holds the rows, and that every value that it names is there.

A cell has a value if both say the same: as text, so that the numbers 1 and 1.0 and the text "1" are equal, and without
spaces around it. A blank cell has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from math import inf

from models.remarks import Remark, remark
from pipeline.cards.meaning import key_of
from pipeline.cards.parts import Limits, Value, Where, listed
from pipeline.core.errors import Problem, near, shown
from pipeline.wording.texts import worded

# Column → text of a value that its cells may have → the value, and the entry of the card that names it.
Asked = dict[str, dict[str, tuple[Value, str]]]


def text_of(value: object) -> str:
    """What a value says."""
    return key_of(value).strip()


def asked(selections: Iterable[tuple[str, Where]]) -> Asked:
    """The values that selections name, each with the first entry of the card that does."""
    found: Asked = {}
    for at, where in selections:
        for column, meant in where.items():
            for value in listed(meant):
                found.setdefault(column, {}).setdefault(text_of(value), (value, at))
    return found


def absent(column: str, values: dict[str, tuple[Value, str]], known: Collection[str], path: str) -> Iterator[Problem]:
    """Every value that a column is asked for and does not hold; `known` are texts of what it holds."""
    for text, (value, at) in values.items():
        if text not in known:
            found = worded("no_row_with_value", column=column, unknown=shown(value))
            fix = near(text, sorted(known)) if known else worded("name_column_that_is_filled")
            yield Problem(path, found, worded("value_that_occurs", at=at), fix, column=column)


def stated(where: Where) -> list[Remark]:
    """The conditions of a `where`, as remarks."""
    found = []
    for column, meant in where.items():
        if isinstance(meant, Limits):
            found += [remark("column_above", column=column, limit=meant.above)] if meant.above > -inf else []
            found += [remark("column_below", column=column, limit=meant.below)] if meant.below < inf else []
        else:
            found.append(remark("column_is", column=column, values=[str(value) for value in listed(meant)]))
    return found
