"""Second-order factors as model text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.sem.errors import ArgumentError


def second_order(factors: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """Return the text of a second-order measurement model.

    Parameters
    ----------
    factors : mapping of str to mapping of str to sequence of str
        Second-order factor → first-order factor → items. For invariance over groups see
        `models.sem.language.ladder.higher_order_ladder`.

    Returns
    -------
    str
        Model text for `sem.fit`.

    Raises
    ------
    ArgumentError
        If a factor has fewer than two parts.

    Examples
    --------
    >>> from models import sem
    >>> print(sem.second_order({"G": {"F": ["a", "b"], "H": ["c", "d"]}}), end="")
    F =~ a + b
    H =~ c + d
    G =~ F + H
    """
    lines = []
    for higher, lower in factors.items():
        if len(lower) < 2:
            raise ArgumentError(f"'{higher}' needs at least two first-order factors, found {len(lower)}.")
        for factor, items in lower.items():
            if len(items) < 2:
                raise ArgumentError(f"'{factor}' needs at least two items, found {len(items)}.")
            lines.append(f"{factor} =~ {' + '.join(items)}")
    lines += [f"{higher} =~ {' + '.join(lower)}" for higher, lower in factors.items()]
    return "\n".join(lines) + "\n"
