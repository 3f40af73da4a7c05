"""What published results say about data sets that were not run here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models import theory
from models.evidence.rules import VERDICTS
from pipeline.cards import studies
from pipeline.core import paths, results
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded


def published(ran: Sequence[str]) -> list[dict[str, Any]]:
    """What published results say about data sets that were not run here, with the date of publication.

    Verdicts that another rule than today's decided are left out, their hypotheses named (`earlier`).

    Raises
    ------
    InputError
        For verdicts or threats that the pages have no words for, because an earlier program published them.
    """
    return [_summary(path) for path in sorted(paths.PUBLISHED.glob("*/summary.json")) if path.parent.name not in ran]


def _summary(path: Path) -> dict[str, Any]:
    entry = json.loads(path.read_text(encoding="utf-8"))
    _require_known_words(path, entry["verdicts"])
    facts = json.loads((path.parent / "published.json").read_text(encoding="utf-8"))
    decided = results.read(path.parent / studies.VERDICTS)
    earlier = decided.loc[~studies.of_today(decided), ["hypothesis", "kind"]].to_records(index=False).tolist()
    kept = [row for row in entry["verdicts"] if (row["hypothesis"], row["kind"]) not in earlier]
    left_out = sorted({hypothesis for hypothesis, _ in earlier})
    return {**entry, "verdicts": kept, "published": facts["date"], "earlier": left_out}


def _require_known_words(path: Path, verdicts: Sequence[dict[str, Any]]) -> None:
    threats = {one for row in verdicts for one in row.get("threats") or []}
    named: dict[Any, tuple[set[str], list[str]]] = {
        worded("published_verdicts"): ({row["verdict"] for row in verdicts}, list(VERDICTS)),
        worded("published_threats"): (threats, list(theory.threats())),
    }
    for what, (there, known) in named.items():
        if unknown := sorted(there.difference(known)):
            found, fix = (
                worded("unknown_word_of", what=what, unknown=unknown),
                worded("run_and_publish_again", name=path.parent.name),
            )
            raise InputError(Problem(path.as_posix(), found, worded("of_known", names=known), fix))
