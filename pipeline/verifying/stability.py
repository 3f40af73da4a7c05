"""How far each verdict depends on the seed: the words that reruns with other seeds end in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from pipeline.core import paths
from pipeline.verifying import clean_copy
from pipeline.wording.texts import Worded, worded


@dataclass(frozen=True)
class Stability:
    """The verdicts on one hypothesis by one kind of test over seeds.

    Attributes
    ----------
    published
        The word that is published.
    words
        Word → number of seeds.
    lowest, highest
        Of the estimates that decide; NaN where there is none.
    """

    data_set: str
    hypothesis: str
    kind: str
    published: str
    words: dict[str, int]
    lowest: float
    highest: float

    @property
    def stable(self) -> bool:
        """Whether every seed gives the published word."""
        return set(self.words) == {self.published}


def reruns(data_set: str, seeds: int, told: Callable[[str | Worded], None] = lambda _: None) -> list[pd.DataFrame]:
    """The tables of verdicts under so many seeds, the ones that follow the seed of params.yaml."""
    first = paths.params().seed + 1
    found = []
    for seed in range(first, first + seeds):
        with clean_copy.clean(data_set, seed=seed) as root:
            found.append(clean_copy.rerun(root, data_set, partial(_named, told, seed)).verdicts)
    return found


def _named(told: Callable[[str | Worded], None], seed: int, stage: str) -> None:
    told(worded("seed_and_stage", seed=seed, stage=stage))


def over_seeds(data_set: str, published: pd.DataFrame, found: Sequence[pd.DataFrame]) -> list[Stability]:
    """What the verdicts of several seeds have in common with the published ones, those that move first."""
    key = ["hypothesis", "kind"]
    tables = [table.set_index(key) for table in found]
    listed = []
    for at, line in published.set_index(key).iterrows():
        lines = [table.loc[at] for table in tables if at in table.index]
        estimates = pd.Series([one["estimate"] for one in lines], dtype=float)
        words = Counter(str(one["verdict"]) for one in lines)
        words["missing"] += len(tables) - len(lines)
        hypothesis, kind = at  # type: ignore[misc]
        listed.append(
            Stability(
                data_set,
                str(hypothesis),
                str(kind),
                str(line["verdict"]),
                dict((+words).most_common()),
                float(estimates.min()),
                float(estimates.max()),
            )
        )
    return sorted(listed, key=lambda one: one.stable)
