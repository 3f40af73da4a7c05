"""Which of the known names somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def near_names(word: object, known: Iterable[object], count: int = 3) -> list[str]:
    """List the known names most like a word, the nearest first; capitals count only among equals.

    Parameters
    ----------
    word : object
        What was written.
    known : iterable
        The names that there are.
    count : int
        How many names at most.

    Returns
    -------
    list of str
        Names that somebody may have meant; empty if none is like the word.

    Examples
    --------
    >>> from models.messages import near_names
    >>> near_names("trsut", ["trust", "use"])
    ['trust']
    """
    names = list(dict.fromkeys(str(name) for name in known))
    close = get_close_matches(str(word), names, n=count, cutoff=0.6)
    if close:
        return close
    by_lower = {name.lower(): name for name in names}
    return [by_lower[hit] for hit in get_close_matches(str(word).lower(), list(by_lower), n=count, cutoff=0.6)]


def did_you_mean(word: object, known: Iterable[object], count: int = 3) -> str:
    """Return a clause with the known names most like a word, or the empty string.

    Parameters
    ----------
    word : object
        What was written.
    known : iterable
        The names that there are.
    count : int
        How many names at most.

    Returns
    -------
    str
        For an error of who writes programs; what people read on pages is a remark.

    Examples
    --------
    >>> from models.messages import did_you_mean
    >>> did_you_mean("trsut", ["trust", "use"])
    "did you mean 'trust'?"
    """
    close = near_names(word, known, count)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else ""


def near_or_all(word: object, known: Iterable[object]) -> str:
    """Return the clause of `did_you_mean`, or a short list of what there is.

    Parameters
    ----------
    word : object
        What was written.
    known : iterable
        The names that there are.

    Returns
    -------
    str
        A clause in English.

    Examples
    --------
    >>> from models.messages import near_or_all
    >>> near_or_all("price", ["trust", "use"])
    'there are: trust, use'
    """
    names = [str(name) for name in known]
    return did_you_mean(word, names) or f"there are: {', '.join(names[:12])}"
