"""How wide the columns of a table have to be, and whether it needs a page on its side."""

from __future__ import annotations

import re

from reports.exhibits import NUMBER, Band, Table
from reports.exports import cells

# So many Latin letters of a table's size stand on a line of an upright page.
UPRIGHT = 112
_TEXT, _FIGURES = 30, 34
_UNBROKEN = 18
# Chinese breaks anywhere; so few signs of it stand in a line at least.
_SIGNS = 5
_CHINESE = re.compile(r"[\u2e80-\uffef]+")


def needs(table: Table) -> list[int]:
    """Letters that each shown column needs: its longest word, and longer texts as far as they need not break."""
    found = []
    for i in table.filled:
        most = max(map(shown, _lines(table, i)), default=1)
        found.append(max(_longest(table, i), min(most, _FIGURES if table.kinds[i] == NUMBER else _TEXT)) + 2)
    return found


def widths(table: Table, room: float, letter: float, margins: float) -> list[float]:
    """Widths of the shown columns that fill `room`, none narrower than what a line cannot break within.

    Parameters
    ----------
    letter, margins
        Width of a letter, and of what is left free beside a text, in the unit of `room`.

    Notes
    -----
    Columns that would be too narrow get what they need, and the others share what is left.
    """
    least = [letter * _longest(table, i) + margins for i in table.filled]
    wanted = needs(table)
    given: set[int] = set()
    while True:
        rest = [i for i in range(len(wanted)) if i not in given]
        share = (room - sum(least[i] for i in given)) / max(sum(wanted[i] for i in rest), 1)
        short = {i for i in rest if wanted[i] * share < least[i]}
        if not short or short == set(rest):
            break
        given |= short
    found = [least[i] if i in given else max(wanted[i] * share, least[i]) for i in range(len(wanted))]
    return [width * room / sum(found) for width in found]


def _lines(table: Table, column: int) -> list[str]:
    return [*_of([table.head[column]]), *_of([row[column] for row in table.rows if not isinstance(row, Band)])]


def _of(texts: list[str]) -> list[str]:
    return [line for text in texts for line in cells.plain(text, "\n").split("\n")]


def _longest(table: Table, column: int) -> int:
    """Letters of the longest word of a column; a number with its interval does not break either, unless it is long."""
    body = _of([row[column] for row in table.rows if not isinstance(row, Band)])
    whole = [line for line in body if table.kinds[column] == NUMBER and shown(line) <= _UNBROKEN]
    words = [word for line in _lines(table, column) for word in _words(line)]
    return max(map(_set, [*words, *whole]), default=1)


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
