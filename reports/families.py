"""What is said of exhibits by their name, or by that of their family: how their names begin, with a star."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reports.reading import Report
from reports.texts import Texts

# Exhibit or family → what is said of it, by the report, its texts and what follows the beginning of the name.
Sayings = Mapping[str, Callable[[Report, Texts, str], str]]


def said(sayings: Sayings, exhibit: str, report: Report, texts: Texts) -> str:
    """What is said of an exhibit; empty where nothing is."""
    for name, saying in sayings.items():
        start, star, _ = name.partition("*")
        if exhibit == name or star and exhibit.startswith(start):
            return saying(report, texts, exhibit.removeprefix(start) if star else "")
    return ""
