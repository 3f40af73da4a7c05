"""What a panel holds before any model: means, how far users differ and change, correlations between and within them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from models import results

DEFINED = {"group": "all", "definition": "between_within"}


def described(data: pd.DataFrame, measures: Iterable[str]) -> pd.DataFrame:
    """Means and standard deviations (overall, between users, within them) and correlations of every pair.

    Parameters
    ----------
    data
        Panel with `entity`, `time` and a column a measure.
    measures
        Columns to describe, in the order in which they are told.

    Returns
    -------
    Rows `panel_descriptives` and `panel_correlations` of the results table. A measure without values has no row, and a
    pair in which one does not move has no correlation.

    Notes
    -----
    Between: standard deviation of the users' means. Within: that of the deviations from them. Correlations take the
    rows in which both measures have a value; those within remove the means of periods too, as the models do.

    References
    ----------
    Curran & Bauer (2011), doi:10.1146/annurev.psych.093008.100356.
    """
    names = [name for name in dict.fromkeys(measures) if name in data and data[name].notna().any()]
    rows: list[dict] = []
    for name in names:
        seen = data.loc[data[name].notna(), ["entity", "time", name]]
        common = {"table": "panel_descriptives", "term": name, "n": len(seen)} | DEFINED
        found = {"n_entity": seen["entity"].nunique(), "n_time": seen["time"].nunique(), "mean": seen[name].mean()}
        rows += [common | {"quantity": q, "estimate": value} for q, value in (found | _spread(seen, name)).items()]
    for first, second in combinations(names, 2):
        rows += _pair(data, first, second)
    return results.rows(rows)


def _spread(seen: pd.DataFrame, name: str) -> dict[str, float]:
    """Standard deviations of all rows, of the users' means, and of the deviations from them."""
    by_user = seen[name].groupby(seen["entity"])
    within = seen[name] - by_user.transform("mean")
    return {"sd": seen[name].std(), "sd_between": by_user.mean().std(), "sd_within": within.std()}


def _pair(data: pd.DataFrame, first: str, second: str) -> list[dict]:
    both = data.loc[data[[first, second]].notna().all(axis=1), ["entity", "time", first, second]]
    values = both[[first, second]].to_numpy(float)
    users, periods = (pd.factorize(both[name])[0] for name in ("entity", "time"))
    means = _means(values, users)
    moved = values - _means(values, periods)[periods]
    found = {"between": means, "within": moved - _means(moved, users)[users]}
    common = {"table": "panel_correlations", "term": first, "group": second, "definition": "panel_correlation"}
    return [
        common | {"quantity": quantity, "estimate": r, "n": len(of)}
        for quantity, of in found.items()
        if (r := _correlation(of)) is not None
    ]


def _means(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Means (groups, 2) of two columns by group number."""
    n = np.bincount(groups)
    return np.column_stack([np.bincount(groups, weights=column) / n for column in values.T])


def _correlation(values: np.ndarray) -> float | None:
    """Of two columns; None where one of them does not move."""
    if len(values) < 3 or not (values.std(axis=0) > 1e-12).all():
        return None
    return float(np.corrcoef(values.T)[0, 1])
