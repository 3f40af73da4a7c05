"""Counts from which a small one could be reckoned: of nearly everybody, and beside a small one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

_PARTS = ["sample", "table", "model", "term", "quantity", "hypothesis"]


def of_everybody(frame: pd.DataFrame, n: pd.Series, least: int) -> pd.Series:
    """Whether the n of a row leaves few of everybody, of its own group, or of a grouping together with its others."""
    everybody = _everybody(frame, n)
    return _small(n, everybody, least) | _unlike_their_own(frame, n, least) | _of_grouping(frame, n, everybody, least)


def of_profile(frame: pd.DataFrame, parts: pd.Series, n: pd.Series, least: int) -> pd.Series:
    """Whether a part of n leaves few, alone or in the profile together with the other categories."""
    return _small(parts, n, least) | _of_categories(frame, parts, n, least)


def _small(count: pd.Series, of: pd.Series, least: int) -> pd.Series:
    """Whether a count and that of all differ by few."""
    return (of - count).abs().between(1, least - 1)


def _everybody(frame: pd.DataFrame, n: pd.Series) -> pd.Series:
    """The most frequent size of the whole sample that a row belongs to."""
    whole = n[frame["group"].isin(["", "all"])].groupby(frame["sample"]).agg(_usual)
    return frame["sample"].map(whole)


def _usual(sizes: pd.Series) -> float:
    counted = sizes.value_counts()
    return counted.index[0] if len(counted) else np.nan


def _unlike_their_own(frame: pd.DataFrame, n: pd.Series, least: int) -> pd.Series:
    """Sizes that differ by few from the usual one of the same group, as after leaving out who did not answer."""
    usual = n.groupby([frame["sample"], frame["group"]]).transform(_usual)
    return _small(n, usual, least)


def _of_grouping(frame: pd.DataFrame, n: pd.Series, everybody: pd.Series, least: int) -> pd.Series:
    """The smallest sizes of a grouping whose other members, shown or not, would leave few of everybody."""
    found = pd.Series(False, index=frame.index)
    grouped = frame["group"].str.partition(": ")
    members = frame[grouped[1].ne("") & n.notna()]
    for _, part in members.groupby([members[name] for name in _PARTS] + [grouped[0][members.index]]):
        found[_next(n[part.index], everybody[part.index].max(), least)] = True
    return found


def _of_categories(frame: pd.DataFrame, parts: pd.Series, n: pd.Series, least: int) -> pd.Series:
    """The categories of the profile from which a small one could be reckoned."""
    found = pd.Series(False, index=frame.index)
    rows = frame[frame["table"] == "profile"]
    for _, part in rows.groupby(["group", "quantity"]):
        found[_next(parts[part.index], n[part.index].max(), least)] = True
    return found


def _next(sizes: pd.Series, total: float, least: int) -> list[Any]:
    """The members to hide beside the small ones, smallest first, until what is not shown counts enough."""
    small = sizes.between(1, least - 1)
    shown = sizes[~small & (sizes > 0)].sort_values()
    rest, chosen = total - shown.sum(), []
    for at, size in shown.items():
        if not 0 < rest < least:
            break
        rest += size
        chosen.append(at)
    return chosen
