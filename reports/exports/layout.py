"""How wide the columns of a table have to be, and whether it needs a page on its side."""

from __future__ import annotations

import re

from reports.exhibits import NUMBER, Band, Table
from reports.exports import cells

# So many Latin letters of a table's size stand on a line of an upright page.
UPRIGHT = 112
_TEXT, _FIGURES = 30, 34
# Chinese breaks anywhere; so few signs of it stand in a line at least.
_SIGNS = 5
_CHINESE = re.compile(r"[\u2e80-\uffef]+")


def needs(table: Table) -> list[int]:
    """Letters that each shown column needs: its longest word, and longer texts as far as they need not break."""
    found = []
    for i in table.filled:
        texts = [table.head[i], *(row[i] for row in table.rows if not isinstance(row, Band))]
        parts = [line for text in texts for line in cells.plain(text, "\n").split("\n")]
        longest = max((_set(word) for part in parts for word in _words(part)), default=1)
        most = max(map(shown, parts), default=1)
        found.append(max(longest, min(most, _FIGURES if table.kinds[i] == NUMBER else _TEXT)) + 2)
    return found


def _words(text: str) -> list[str]:
    """What a line cannot break within."""
    apart = _CHINESE.sub(lambda found: f" {found[0][:_SIGNS]} ", text)
    return apart.split(" ")


def _set(word: str) -> int:
    """Width of a word; capitals, as in RMSEA, take half as much again."""
    return shown(word) + sum(map(str.isupper, word)) // 2


def wide(table: Table) -> bool:
    """Whether the table does not fit on an upright page."""
    return sum(needs(table)) > UPRIGHT


def shown(text: str) -> int:
    """Width of a text in Latin letters; Chinese ones are as wide as two."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
