"""What the analyses of a survey are handed: what was asked, whose answers are doubted, how models are estimated."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from models.sem.options import Estimator, Missing

# Column of the clean survey with the time that somebody took.
SECONDS = "response_seconds"


@dataclass(frozen=True)
class Questionnaire:
    """What people were asked.

    Attributes
    ----------
    codebook
        Construct → its items.
    limits
        Item → its lowest and highest answer, in the order of the questions.
    turned
        Items whose answers were turned, so that high means more of the construct.
    marker
        Items of a marker variable, which belong to no construct.
    groups, controls
        Columns of groups and of covariates.
    ordered_groups
        Those groups over which answers are also compared as ordered categories.
    left_out
        Constructs that the answers do not tell of.
    """

    codebook: dict[str, list[str]]
    limits: Mapping[str, tuple[float, float]]
    turned: tuple[str, ...] = ()
    marker: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    ordered_groups: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()

    @property
    def scales(self) -> dict[str, list[str]]:
        """The scales of the codebook that models can hold."""
        return {construct: items for construct, items in self.codebook.items() if construct not in self.left_out}

    def without(self, constructs: Collection[str]) -> Questionnaire:
        """The questionnaire with constructs that models leave out."""
        return replace(self, left_out=frozenset(constructs))


@dataclass(frozen=True)
class Doubtful:
    """Whose answers are doubted: any one of these flags, or so many different flags of any kind."""

    any_of: tuple[str, ...] = ()
    at_least: int | None = None


@dataclass(frozen=True)
class Estimation:
    """How structural models are estimated and their tests made; groups below `min_group` people are not compared."""

    missing: Missing
    estimator: Estimator
    min_group: int
    permutations: int
    bootstrap: int
