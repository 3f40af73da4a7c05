"""The size of the simulated study and the flaws of its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from models.benchmark.declaration import cells
from models.benchmark.errors import DesignError
from models.messages import near_or_all


@dataclass(frozen=True)
class Design:
    """What is simulated.

    Attributes
    ----------
    respondents
        Attentive and careless respondents of the survey, before duplicates.
    users, months
        Size of the behaviour panel.
    effect_scale
        Factor on everything that belongs to a hypothesis; 0 simulates the null hypothesis.
    missing
        Expected share of missing answers; three fifths at random, two fifths depend on the first answer.
    careless
        Share of careless respondents, half of them straight-liners, half answering at random.
    duplicates
        Respondents that are in the export a second time under another id.
    robots, wholesalers
        Users beyond `users` whose events are no shopper's.
    duplicate_events, orphan_events
        Events that are in the log twice, events without a user; as shares of the log.
    """

    respondents: int = 3000
    users: int = 1200
    months: int = 12
    effect_scale: float = 1.0
    missing: float = 0.04
    careless: float = 0.03
    duplicates: int = 6
    robots: int = 3
    wholesalers: int = 2
    duplicate_events: float = 0.002
    orphan_events: float = 0.0005

    def __post_init__(self) -> None:
        """Refuse sizes that nothing can be simulated with."""
        lowest = {"respondents": 100, "users": 20, "months": 3}
        for field in fields(self):
            value, least = getattr(self, field.name), lowest.get(field.name, 0)
            if field.type == "int" and (not isinstance(value, int) or isinstance(value, bool)):
                raise DesignError(f"{field.name}={value!r}: expected a whole number")
            if not isinstance(value, int | float) or not np.isfinite(value) or value < least:
                raise DesignError(f"{field.name}={value!r}: expected a number of at least {least}")
        for name, most in (("missing", 0.2), ("careless", 0.5), ("duplicate_events", 0.5), ("orphan_events", 0.5)):
            if getattr(self, name) > most:
                raise DesignError(f"{name}={getattr(self, name)!r}: a share of at most {most}")

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Design:
        """A design from named settings; the others keep their defaults.

        Raises
        ------
        DesignError
            For a setting that does not exist.
        """
        known = [field.name for field in fields(cls)]
        for name in settings:
            if name not in known:
                raise DesignError(f"unknown setting {name!r} of the benchmark's design: {near_or_all(name, known)}")
        return cls(**settings)


def quotas(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) cell of each person: shares met exactly up to rounding (largest remainders), in random order."""
    expected = n * cells()["share"].to_numpy()
    counts = np.floor(expected + 1e-9).astype(int)
    largest = np.argsort(counts - expected, kind="stable")[: n - counts.sum()]
    counts[largest] += 1
    return rng.permutation(np.repeat(np.arange(len(counts)), counts))
