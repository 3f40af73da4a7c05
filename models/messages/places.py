"""Text in a terminal, in which a Chinese letter takes two places and a combining mark none."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """Return the places that a text takes."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def padded(text: str, places: int, right: bool = False) -> str:
    """Return a text filled up to its places, on its left for `right`."""
    blanks = " " * (places - width(text))
    return blanks + text if right else text + blanks
