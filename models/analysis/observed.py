"""What a panel tells of, as everything that is estimated on it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Observed:
    """What a panel tells of.

    Attributes
    ----------
    measures, groups
        Columns of measures and of groups.
    instruments
        Measure → its instruments.
    negative_controls
        Columns that no mechanism can have caused.
    treatments
        Name of a dated roll-out → the construct that it stands for.
    enters
        Whether users come into the panel one after the other.
    """

    measures: tuple[str, ...]
    groups: tuple[str, ...]
    instruments: Mapping[str, Sequence[str]]
    negative_controls: Sequence[str]
    treatments: dict[str, str]
    enters: bool
