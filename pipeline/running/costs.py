"""What the steps of the last run cost (`results/costs`)."""

from __future__ import annotations

import json

from pipeline.core import paths


def of(step: str) -> dict[str, float]:
    """Seconds and the most memory of one process of a step, `stage@data_set`; empty where nothing is known."""
    stage, _, data_set = step.partition("@")
    path = paths.RESULTS / "costs" / data_set / f"{stage}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {name: float(value) for name, value in found.items() if value is not None}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
