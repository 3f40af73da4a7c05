"""The one-screen summary after a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from models import theory
from pipeline.cards import card as cards
from pipeline.core import paths, results

MARKS = {
    "supported": "+", "opposite": "-", "practically_zero": "0", "inconclusive": "?", "pattern_rejected": "x",
    "not_testable": ".",
}  # fmt: skip


def summary(data_sets: Sequence[str]) -> str:
    """Data sets, sample sizes and verdicts as text."""
    width = max(len(name) for name in data_sets) + 1
    ids = list(theory.hypotheses())
    header = f"{'data set':<{width}} {'rows':>8}  {'test':<7}" + " ".join(f"{key[1:]:>3}" for key in ids)
    lines = [header, "-" * len(header)]
    for name in data_sets:
        verdicts = results.read(paths.made(name, "judge", "judge", "verdicts.csv"))
        simulated = cards.load(paths.card_path(name)).simulated
        for kind in verdicts["kind"].unique():
            path = paths.of(name, "clean", f"{kind}.parquet")
            if not path.exists():
                continue
            found = verdicts[verdicts["kind"] == kind].set_index("hypothesis")["verdict"]
            n = len(pd.read_parquet(path, columns=[]))
            marks = " ".join(f"{MARKS[found[key]]:>3}" for key in ids)
            lines.append(
                f"{name:<{width}} {n:>8,}  {kind:<7}{marks}" + ("   simulated, no evidence" if simulated else "")
            )
    lines.append("")
    lines.append("H…: " + "   ".join(f"{mark} {verdict.replace('_', ' ')}" for verdict, mark in MARKS.items()))
    lines.append("In a survey, where all is asked at once, supported means: associated as the theory says.")
    lines.append(f"Report: {Path('results/report/index.html')}")
    return "\n".join(lines)
