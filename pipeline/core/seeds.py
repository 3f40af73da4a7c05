"""Seeds from names: a new data set or stage never changes the random numbers of another."""

from __future__ import annotations

import hashlib


def seed(*names: object) -> int:
    """A 32-bit seed that depends on the names only.

    Parameters
    ----------
    names : global seed, data set, stage, specification, …
    """
    digest = hashlib.sha256("\x1f".join(str(name) for name in names).encode()).digest()
    return int.from_bytes(digest[:4], "big")
