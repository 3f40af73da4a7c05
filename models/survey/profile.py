"""Who answered: the people of each group."""

from __future__ import annotations

import pandas as pd

from models import results
from models.analysis.setting import Questionnaire
from models.statistics.seeding import SeedOf


def profile_rows(seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame) -> list[pd.DataFrame]:
    """Number and share of people in each group of each grouping; those without one are a group of their own."""
    rows = []
    for group in asked.groups:
        for level, n in data[group].fillna("").value_counts(sort=False).items():
            common = {"term": level, "group": group, "n": len(data)}
            rows += [
                common | {"quantity": "n", "estimate": n},
                common | {"quantity": "share", "estimate": n / len(data)},
            ]
    return [results.rows(rows, table="profile")] if rows else []
