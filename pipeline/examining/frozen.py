"""Hypotheses frozen at a date, and what has changed in them since: `stickiness freeze`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models import theory
from models.choices import named
from models.remarks import remark
from models.theory.declared import TESTS
from pipeline.core import paths
from pipeline.core.errors import InputError, Problem
from pipeline.examining.tree import Amiss, Tree
from pipeline.wording.texts import worded

FILE = paths.PUBLISHED / "hypotheses.json"
# What decides a verdict of every hypothesis beside its own rule.
_DECIDING = ("alpha",)


def freeze(again: bool = False) -> Path:
    """Write what decides each hypothesis, with the date, to `published/hypotheses.json`.

    Parameters
    ----------
    again
        Replace what was frozen before.

    Raises
    ------
    InputError
        When hypotheses are frozen already.
    """
    if FILE.exists() and not again:
        when = json.loads(FILE.read_text(encoding="utf-8"))["date"]
        raise InputError(
            Problem(
                FILE.as_posix(),
                worded("hypotheses_frozen_on", when=when),
                worded("no_frozen_hypotheses_yet"),
                worded("doctor_shows_changes"),
            )
        )
    content = {"date": datetime.now(UTC).date().isoformat(), "choices": _choices(), "hypotheses": _hypotheses()}
    with paths.whole(FILE) as draft:
        draft.write_text(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return FILE


def changed(tree: Tree) -> Iterator[Amiss]:
    """Hypotheses that are no longer what they were when they were frozen."""
    name = FILE.as_posix()
    if not (tree.root / FILE).exists():
        return
    was = json.loads((tree.root / FILE).read_text(encoding="utf-8"))
    for what, before, now in (("choices", was["choices"], _choices()), ("", was["hypotheses"], _hypotheses())):
        for key in sorted(before.keys() | now.keys()):
            old, new = before.get(key), now.get(key)
            if old != new:
                parts = sorted(set(_differing(old, new))) if isinstance(old, dict) and isinstance(new, dict) else []
                shown = f"{what}.{key}" if what else key
                yield Amiss("frozen", remark("tree_thawed", name=shown, parts=parts or [key], date=was["date"]), name)


def _hypotheses() -> dict[str, Any]:
    found = {}
    for name, one in theory.hypotheses().items():
        tests = {kind: {"rule": type(getattr(one, kind)).__name__, **asdict(getattr(one, kind))} for kind in TESTS}
        found[name] = _plain({"family": one.family, "claim": one.claim, "smallest": one.smallest, **tests})
    return found


def _choices() -> dict[str, Any]:
    return dict(named(_DECIDING))


def _plain(value: Any) -> Any:
    """A value as JSON gives it back."""
    return json.loads(json.dumps(value, default=lambda one: getattr(one, "__dict__", None) or str(one)))


def _differing(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for key in old.keys() | new.keys():
        if old.get(key) != new.get(key):
            yield key
