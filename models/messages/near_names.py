"""Which of the known names somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def near_names(word: object, known: Iterable[object], count: int = 3) -> list[str]:
    """The known names most like a word, the nearest first; capitals count only among equals.

    Parameters
    ----------
    count : how many names at most.
    """
    names = [str(name) for name in known]
    close = get_close_matches(str(word), names, n=count, cutoff=0.6)
    if close:
        return close
    by_lower = {name.lower(): name for name in names}
    return [by_lower[hit] for hit in get_close_matches(str(word).lower(), list(by_lower), n=count, cutoff=0.6)]
