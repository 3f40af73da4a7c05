"""Seeds from names: a new data set or stage never changes the random numbers of another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


def seed(*names: object) -> int:
    """A 32-bit seed that depends on the names only.

    Parameters
    ----------
    names
        Global seed, data set, stage, specification, …
    """
    digest = hashlib.sha256("\x1f".join(str(name) for name in names).encode()).digest()
    return int.from_bytes(digest[:4], "big")


@dataclass(frozen=True)
class Seeds:
    """The seeds of one stage for one data set, which remember what they gave.

    Attributes
    ----------
    start
        The global seed.
    data_set, stage
        Names that go before those that are asked for.
    given
        Names of a seed after the data set, the stage first → seed.
    """

    start: int
    data_set: str
    stage: str
    given: dict[tuple[str, ...], int] = field(default_factory=dict)

    def __call__(self, *names: object) -> int:
        """The seed of these names."""
        key = (self.stage, *map(str, names))
        self.given[key] = seed(self.start, self.data_set, *key)
        return self.given[key]

    def of(self, stage: str) -> Seeds:
        """The seeds of another stage for which this one draws, or whose draws it repeats; remembered here."""
        return Seeds(self.start, self.data_set, stage, self.given)
