"""How many columns of a terminal a text takes."""

from __future__ import annotations

from unicodedata import east_asian_width


def display_width(text: str) -> int:
    """Return how many columns a text takes; wide characters take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
