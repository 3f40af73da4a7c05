"""Reference fits and data of `tests/fixtures/sem`, for the tests beyond estimates."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from models import sem

FOLDER = Path(__file__).parents[1] / "fixtures" / "sem"


@cache
def content(name: str) -> dict[str, Any]:
    """Return a file of references."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def data(name: str) -> pd.DataFrame:
    """Return a file of answers."""
    return pd.read_csv(FOLDER / name)


def fit(case: dict[str, Any], **more: Any) -> sem.Fit:
    """Fit the model that a reference describes."""
    return sem.fit(case["syntax"], data(case["data"]), **{**dict(case["args"] or {}), **more})
