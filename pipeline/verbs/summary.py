"""`stickiness summary`: the one screen after a run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pipeline.verbs import named
from pipeline.wording import columns
from pipeline.wording.words import language, listed, said

MARKS = {
    "supported": "+", "opposite": "-", "practically_zero": "0", "inconclusive": "?", "pattern_rejected": "x",
    "not_testable": ".",
}  # fmt: skip


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb."""
    verbs.add_parser("summary", help=said("summary_help"))


def run(options: argparse.Namespace) -> int:
    from pipeline.core import paths

    names = named.checked()
    finished = [name for name in names if paths.of(name, "judge", "verdicts.csv").exists()]
    unfinished = [name for name in names if name not in finished]
    if finished:
        print(summary(finished))
    if unfinished:
        print(said("without_results", names=listed(unfinished)))
    return 0


def summary(data_sets: Sequence[str]) -> str:
    """Data sets, sample sizes and verdicts as text."""
    import pandas as pd

    from models import theory
    from pipeline.cards import card as cards
    from pipeline.core import paths, results
    from reports.texts import Texts, front_link

    texts = Texts(language())
    ids = list(theory.hypotheses())
    rows = []
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
            rows.append([name, f"{n:,}", said(f"kind_of_{kind}"), marks, said("no_evidence") if simulated else ""])
    head = [said("head_set"), said("head_size"), said("head_kind"), " ".join(f"{key[1:]:>3}" for key in ids), ""]
    words = "   ".join(f"{mark} {texts(f'verdict.{verdict}')}" for verdict, mark in MARKS.items())
    page = paths.RESULTS / "report" / front_link(language())
    lines = [*columns.aligned(head, rows, right=[1]), "", said("marks", words=words), said("associated")]
    return "\n".join([*lines, said("opened", path=page.as_posix())])
