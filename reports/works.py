"""Titles of the works that the report cites, and where they appeared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reports.texts import yaml_of

FILE = Path(__file__).parent / "works.yaml"
_SHORT = re.compile(r"(?:.* in )?(.+? \(\d{4}[a-z]?)[^)]*\)")


@dataclass(frozen=True)
class Record:
    """A work: its title, and the journal, the publisher, the book of a chapter or the meeting."""

    title: str
    journal: str = ""
    publisher: str = ""
    book: str = ""
    meeting: str = ""

    @property
    def where(self) -> str:
        """Where it appeared."""
        return self.journal or self.publisher or self.book or self.meeting

    @property
    def whole(self) -> bool:
        """Whether it is no part of something larger, so that its own title is set in italics."""
        return bool(self.publisher or self.meeting)


@cache
def records() -> dict[str, Record]:
    """Short citation → work."""
    return {short: Record(**entry) for short, entry in yaml_of(FILE).items()}


def short(cited: str) -> str:
    """A citation without the place in the work and without what was read in it.

    `Wooldridge (2010, §11.6)` → `Wooldridge (2010)`; `Jackson (1977) in Curran (2016)` → `Curran (2016)`.
    """
    found = _SHORT.match(cited)
    return found[1] + ")" if found else cited
