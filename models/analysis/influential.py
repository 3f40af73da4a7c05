"""How many of those who hold an effect up most are left out to see whether it stands without them."""

from __future__ import annotations

from models.choices import choices


def left_out(n: int) -> int:
    """Of n users, or people of a survey: so many, or the share of all where that is fewer, and at least one.

    Examples
    --------
    >>> from models.analysis.influential import left_out
    >>> left_out(4), left_out(60), left_out(5000)
    (1, 6, 10)
    """
    return max(1, min(choices.influential_users, int(n * choices.influential_share)))
