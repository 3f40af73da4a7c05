"""When a roll-out first reached an entity of the panel: a column of first treated periods for each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models.remarks import remark
from pipeline.cards.card import Card
from pipeline.cards.parts import Panel, Treatment, Where, present
from pipeline.cleaning.columns import require_columns
from pipeline.cleaning.conditions import stated
from pipeline.cleaning.periods import period_number
from pipeline.core.errors import InputError, Problem, near, shown
from pipeline.core.ledger import Ledger
from pipeline.reading import moments
from pipeline.wording.texts import worded

CODES = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}


def with_starts(card: Card, panel: pd.DataFrame, tables: dict[str, Path], ledger: Ledger) -> pd.DataFrame:
    """Add a column `start_<roll-out>` to the panel: the first treated period, missing for who was never reached.

    The first treated period is the one whose beginning is nearest to the start, so that a start in the last days of a
    period does not count that period as treated.

    Raises
    ------
    InputError
        For unknown columns, unreadable dates, a roll-out that reaches nobody of the panel.
    """
    of, out = present(card.panel), panel.copy()
    for name, spec in of.treatments.items():
        path = str(tables[spec.table])
        found = _first(name, of, spec, tables, ledger)
        inside = found[found.index.isin(panel["entity"].unique())]
        rule, why = remark("no_row_in_the_panel", rollout=name), remark("no_behaviour")
        ledger.record("treatments", "not_in_the_panel", rule, len(found), len(inside), why, "entities")
        if inside.empty:
            raise InputError(
                Problem(
                    path,
                    worded("no_treated_entity_in_panel", n=len(found), name=name),
                    worded("ids_of_panel_entity"),
                    worded("check_treatment", name=name, path=card.path),
                )
            )
        out[f"start_{name}"] = panel["entity"].map(_nearest_period(inside, of.period))
    return out


def _first(name: str, panel: Panel, spec: Treatment, tables: dict[str, Path], ledger: Ledger) -> pd.Series:
    """Entity → date at which it was first reached, after the card's selection."""
    path, at = str(tables[spec.table]), f"panel.treatments.{name}"
    raw, entity, column = pd.read_parquet(path), spec.entity or panel.entity, spec.start.column
    for join in spec.joins:
        other = pd.read_parquet(tables[join.table])
        for side, of in ((raw, spec.table), (other, join.table)):
            require_columns(str(tables[of]), side, {join.by: f"{at}.joins"})
        raw = raw.merge(other[[join.by, *(join.columns or other.columns.drop(join.by))]], on=join.by, how="left")
    wanted = {entity: f"{at}.entity", column: f"{at}.start.column"} | dict.fromkeys(spec.where, f"{at}.where")
    require_columns(path, raw, wanted)
    rule, why = remark("every_row_of", rollout=name), remark("as_delivered")
    ledger.record("treatments", "read", rule, len(raw), len(raw), why, "rows")
    chosen = raw[meets(raw, spec.where, path, f"{at}.where")]
    conditions = stated(spec.where)
    rule = (
        remark("selected_of", rollout=name, conditions=conditions)
        if conditions
        else remark("everything_of", rollout=name)
    )
    ledger.record("treatments", "selection", rule, len(raw), len(chosen), remark("rollout_meant"), "rows")
    form, zone = spec.start.format, panel.time.zone
    days = moments.read(raw[column], form, path, f"{at}.start.format", zone).dt.normalize()
    days = days[chosen.index]
    placed = chosen[entity].notna() & days.notna()
    rule, why = remark("key_blank_of", rollout=name, entity=entity, time=column), remark("start_unplaced")
    ledger.record("treatments", "no_entity_or_time", rule, len(chosen), int(placed.sum()), why, "rows")
    first = days[placed].groupby(chosen.loc[placed, entity]).min()
    rule, why = remark("earliest_of_an_entity", rollout=name), remark("reached_for_good")
    ledger.record("treatments", "first_start", rule, int(placed.sum()), len(first), why, "entities", "rows")
    return first


def meets(frame: pd.DataFrame, where: Where, path: str, at: str) -> np.ndarray:
    """Which rows a `where` of the card means; a value that never occurs is an error."""
    kept = np.ones(len(frame), dtype=bool)
    for column, value in where.items():
        if isinstance(value, dict):
            if not pd.api.types.is_numeric_dtype(frame[column]):
                found = worded("limits_on_column_of_type", dtype=frame[column].dtype)
                raise InputError(
                    Problem(path, found, worded("numbers_for", at=at), worded("list_values"), column=column)
                )
            kept &= (frame[column] > value.get("above", -np.inf)).to_numpy()
            kept &= (frame[column] < value.get("below", np.inf)).to_numpy()
            continue
        values, known = value if isinstance(value, list) else [value], frame[column].dropna().unique()
        for unknown in (v for v in values if v not in set(known)):
            raise InputError(
                Problem(
                    path,
                    worded("no_row_with_value", column=column, unknown=shown(unknown)),
                    worded("value_that_occurs", at=at),
                    near(unknown, sorted(map(str, known))),
                    column=column,
                )
            )
        kept &= frame[column].isin(values).to_numpy()
    return kept


def _nearest_period(dates: pd.Series, period: str) -> pd.Series:
    """Number of the period whose beginning is nearest to each date."""
    spans = dates.dt.to_period(CODES[period])
    elapsed = (dates - spans.dt.start_time) / (spans.dt.end_time - spans.dt.start_time)
    return (period_number(dates, period) + (elapsed >= 0.5)).astype(float)
