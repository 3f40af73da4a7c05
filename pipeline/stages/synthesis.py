"""synthesis: verdicts of all observed data sets, run here or published → what they say together."""

from __future__ import annotations

from collections.abc import Sequence

from models import across
from pipeline.cards import studies
from pipeline.core import paths, record, results

NAME = "synthesis"


def run(data_sets: Sequence[str]) -> None:
    with record.kept(NAME, NAME):
        found = [studies.read(name, paths.RESULTS / "judged" / name) for name in data_sets]
        found += [
            studies.read(about.parent.name, about.parent)
            for about in sorted(paths.PUBLISHED.glob(f"*/{studies.ABOUT}"))
            if about.parent.name not in data_sets
        ]
        parts = across.analyses([study for study in found if study is not None])
        rows = results.table([part for part in parts if len(part)], data_set="all", simulated=False, stage=NAME)
        with paths.whole(paths.RESULTS / NAME) as draft:
            draft.mkdir()
            results.publish(rows, draft)
