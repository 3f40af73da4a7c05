"""Tables and lines for a terminal."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Sequence

from models.messages.places import padded, width


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Lines of a table, its head first; the columns at `right` are aligned there. A row of one cell heads others."""
    whole = [row for row in rows if len(row) == len(head)]
    widths = [max(width(row[i]) for row in [head, *whole]) for i in range(len(head))]

    def line(row: Sequence[str]) -> str:
        if len(row) != len(head):
            return row[0]
        cells = (padded(cell, widths[i], i in right) for i, cell in enumerate(row))
        return "  ".join(cells).rstrip()

    first = line(head)
    return [first, "─" * max([width(first), *(width(line(row)) for row in rows)]), *map(line, rows)]


def wrapped(text: str, indent: str = "") -> list[str]:
    """A text broken to the width of the terminal."""
    columns = min(shutil.get_terminal_size((100, 40)).columns, 120)
    if width(text) == len(text):
        return textwrap.wrap(text, columns, initial_indent=indent, subsequent_indent=indent) or [""]
    lines, line = [], indent
    for word in re.findall(r"[\w.,:<>=-]+(?<![^\x00-\x7f])|.", text, flags=re.ASCII):
        if width(line + word) > columns:
            lines.append(line)
            line = indent
        line += word
    return [*lines, line]


def short(text: str, places: int) -> str:
    """A text cut to so many places."""
    if width(text) <= places:
        return text
    while width(text) > places - 1:
        text = text[:-1]
    return text.rstrip() + "…"
