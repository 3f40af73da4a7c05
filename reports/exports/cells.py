"""Cells and notes as they are shown, without the page: lines of runs, or plain text."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

from markupsafe import Markup

_RAISED, _LOWERED = "sup", "sub"


@dataclass(frozen=True)
class Run:
    """Text of one appearance; `position` is `sup`, `sub` or empty."""

    text: str
    position: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[Run]] = [[]]
        self.positions: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "br":
            self.lines.append([])
        elif tag in (_RAISED, _LOWERED):
            self.positions.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in (_RAISED, _LOWERED) and self.positions:
            self.positions.pop()

    def handle_data(self, data: str) -> None:
        self.lines[-1].append(Run(data, self.positions[-1] if self.positions else ""))


def lines(cell: object) -> list[list[Run]]:
    """The lines of a cell; text that is no markup is one line as it stands."""
    if not isinstance(cell, Markup):
        return [[Run(str(cell))]]
    reader = _Reader()
    reader.feed(str(cell))
    reader.close()
    return reader.lines


def plain(cell: object, between: str = " ") -> str:
    """The text of a cell, its lines joined."""
    return between.join("".join(run.text for run in line) for line in lines(cell)).strip()
