"""When a roll-out first reached an entity of the panel: a column of first treated periods for each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from models.remarks import remark
from pipeline.cards.card import Card
from pipeline.cards.parts import Panel, Treatment, present
from pipeline.cleaning import row_conditions
from pipeline.cleaning.columns import require_columns
from pipeline.cleaning.conditions import stated
from pipeline.cleaning.periods import period_number
from pipeline.cleaning.row_joins import joined
from pipeline.core.errors import InputError, Problem
from pipeline.core.ledger import Ledger
from pipeline.reading import moments
from pipeline.wording.texts import worded

CODES = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}


class Reached(NamedTuple):
    """Entity → date at which a roll-out first reached it, and the steps by which that was found."""

    first: pd.Series
    ledger: Ledger


def reached(card: Card, tables: dict[str, Path]) -> dict[str, Reached]:
    """Whom each roll-out of the card reached when.

    Raises
    ------
    InputError
        For unknown columns, unreadable dates, values of a `where` that occur in no row.
    """
    panel = present(card.panel)
    return {name: _reached(name, panel, spec, tables) for name, spec in panel.treatments.items()}


def with_starts(
    card: Card, panel: pd.DataFrame, found: dict[str, Reached], tables: dict[str, Path], ledger: Ledger
) -> pd.DataFrame:
    """Add a column `start_<roll-out>` to the panel: the first treated period, missing for who was never reached.

    The first treated period is the one whose beginning is nearest to the start, so that a start in the last days of a
    period does not count that period as treated.

    Raises
    ------
    InputError
        For a roll-out that reaches nobody of the panel.
    """
    of, out = present(card.panel), panel.copy()
    for name, (first, steps) in found.items():
        ledger.rows += steps.rows
        inside = first[first.index.isin(panel["entity"].unique())]
        rule, why = remark("no_row_in_the_panel", rollout=name), remark("no_behaviour")
        ledger.record("treatments", "not_in_the_panel", rule, len(first), len(inside), why, "entities")
        if inside.empty:
            raise InputError(
                Problem(
                    str(tables[of.treatments[name].table]),
                    worded("no_treated_entity_in_panel", n=len(first), name=name),
                    worded("ids_of_panel_entity"),
                    worded("check_treatment", name=name, path=card.path),
                )
            )
        out[f"start_{name}"] = panel["entity"].map(_nearest_period(inside, of.period))
    return out


def _reached(name: str, panel: Panel, spec: Treatment, tables: dict[str, Path]) -> Reached:
    ledger, path, at = Ledger(), str(tables[spec.table]), f"panel.treatments.{name}"
    entity, column = spec.entity or panel.entity, spec.start.column
    raw = joined(pd.read_parquet(path), spec.table, spec.joins, tables, f"{at}.joins")
    wanted = {entity: f"{at}.entity", column: f"{at}.start.column"} | dict.fromkeys(spec.where, f"{at}.where")
    require_columns(path, raw, wanted)
    rule, why = remark("every_row_of", rollout=name), remark("as_delivered")
    ledger.record("treatments", "read", rule, len(raw), len(raw), why, "rows")
    chosen = raw[row_conditions.meant(spec.where, raw, path, f"{at}.where")]
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
    return Reached(first, ledger)


def _nearest_period(dates: pd.Series, period: str) -> pd.Series:
    """Number of the period whose beginning is nearest to each date."""
    spans = dates.dt.to_period(CODES[period])
    elapsed = (dates - spans.dt.start_time) / (spans.dt.end_time - spans.dt.start_time)
    return (period_number(dates, period) + (elapsed >= 0.5)).astype(float)
