"""A panel that is delivered as one: its keys, its periods, its measures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.card import Card
from pipeline.columns import group_of, require_columns
from pipeline.errors import InputError, Problem
from pipeline.event_log import wanted
from pipeline.ledger import Ledger
from pipeline.periods import period_number


def panel(card: Card, raw: pd.DataFrame, path: str, ledger: Ledger) -> pd.DataFrame:
    """A panel that is delivered as one: one row an entity and period, measures are columns.

    Raises
    ------
    InputError
        For a second row of the same entity and period, with both rows named.
    """
    spec = card.panel
    assert spec is not None
    require_columns(path, raw, wanted(spec))
    keys = raw[[spec["entity"], spec["time"]["column"]]]
    twice = keys.duplicated()
    if twice.any():
        position = int(np.flatnonzero(twice.to_numpy())[0])
        entity, time = keys.iloc[position]
        earlier = int(np.flatnonzero((keys == keys.iloc[position]).all(axis=1).to_numpy())[0])
        raise InputError(
            Problem(
                path,
                f"{spec['entity']} {entity!r} × {spec['time']['column']} {time!r} a second time "
                f"(first in row {earlier + 1})",
                "one row an entity and period",
                "remove or add up the repeated rows, or declare rows_are: events",
                position + 1,
                spec["entity"],
            )
        )
    out = pd.DataFrame({"entity": raw[spec["entity"]], "time": _period_numbers(raw, spec, path)})
    for name, group in spec.get("groups", {}).items():
        out[name] = group_of(group, name, raw, path, len(raw))
    for name, measure in spec["measures"].items():
        out[name] = pd.to_numeric(raw[measure["column"]], errors="coerce").astype(float)
    ledger.record("panel", "read", "every row of the panel", len(raw), len(raw), "as delivered")
    return out.sort_values(["entity", "time"], kind="stable").reset_index(drop=True)


def _period_numbers(raw: pd.DataFrame, spec: dict[str, Any], path: str) -> pd.Series:
    column = raw[spec["time"]["column"]]
    if pd.api.types.is_integer_dtype(column):
        return column
    form = spec["time"].get("format")
    moments = pd.to_datetime(column, format=form, errors="coerce")
    if moments.isna().any():
        position = int(np.flatnonzero(moments.isna().to_numpy())[0])
        raise InputError(
            Problem(
                path,
                repr(column.iloc[position]),
                f"a time in the form {form!r}" if form else "a date",
                "correct the value, or panel.time.format of the card",
                position + 1,
                spec["time"]["column"],
            )
        )
    return period_number(moments, spec["period"])
