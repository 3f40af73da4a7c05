"""Results that are asked for, written with what they rest on and what they were computed with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pandas as pd

from pipeline.core import paths, record, results, standing
from pipeline.core.seeds import Seeds

# Stages whose parameters and choices they are computed with.
STEPS = ("structure", "panel", "judge")


@dataclass
class Kept:
    """Rows of results that were asked for, and what their record cannot know by itself."""

    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    noted: record.Noted = field(default_factory=record.Noted)


@contextmanager
def kept(data_set: str, what: str, draws: int, also: Sequence[str], seeds: Seeds) -> Iterator[Kept]:
    """Write results that were asked for, with what they rest on and what they were computed with, when the block ends.

    Parameters
    ----------
    draws
        How many were asked for, in the place of the first choice of `also`.
    also
        Choices that this verb reads beside those of the stages.
    seeds
        Those that are drawn from.
    """
    before, given, found = standing.rests_on(data_set), record.began_with(STEPS, also), Kept()
    given["choices"][also[0]] = draws
    with record.costed(what, data_set):
        yield found
    facts = {
        "draws": draws,
        "of": standing.still(before, data_set),
        **given,
        **record.computed_with(found.noted, seeds),
    }
    with paths.whole(paths.of(data_set, what)) as draft:
        draft.mkdir()
        results.publish(found.rows, draft)
        (draft / "facts.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    standing.unsettle(data_set)
