"""From dates to spells: one row a subject, from its origin to the event or the end of observation, by stated rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models.choices import choices
from models.remarks import remark
from pipeline.cards.card import Card
from pipeline.cards.parts import Cohort, present
from pipeline.cleaning import transforms
from pipeline.cleaning.columns import group_of, require_columns
from pipeline.cleaning.engines import Engine, Options, connect
from pipeline.cleaning.event_rules import cleaned_log
from pipeline.cleaning.events import zero_of_none
from pipeline.core.errors import InputError, Problem
from pipeline.core.ledger import Ledger
from pipeline.reading import moments, numbers
from pipeline.wording.texts import worded

TAKE_AWAY = worded("correct_value_or_transform")


def spells(card: Card, tables: dict[str, Path], ledger: Ledger, options: Options | None = None) -> pd.DataFrame:
    """The cohort of a card.

    Parameters
    ----------
    tables
        Table name → Parquet file of the raw stage.

    Returns
    -------
    One row a subject: `subject`, `started` (quarter of the origin, an integer), `watched` (days in which an event would
    have been seen), `duration` in days (half a day for an event on the day of the origin), `event` (1, or 0 when
    censored), groups as text, a column a covariate.

    Raises
    ------
    InputError
        For unknown columns, unreadable dates, an event before its origin.
    """
    spec = present(card.cohort)
    if spec.of_events:
        dated, end = _first_and_next(card, spec, tables, ledger, connect(options or Options()))
    else:
        dated, end = _subjects(spec, tables[spec.table], ledger), pd.Timestamp(spec.end)
    late = dated["origin"] >= end
    day = f"{end:%Y-%m-%d}"
    rule, why = remark("begins_late", day=day), remark("nothing_to_watch")
    ledger.record("cohort", "too_late", rule, len(dated), int((~late).sum()), why, "subjects")
    dated = dated[~late].reset_index(drop=True)
    table = spec.table or present(card.panel).table
    return _censored(spec, dated, end, ledger, str(tables[table]))


def _censored(spec: Cohort, dated: pd.DataFrame, end: pd.Timestamp, ledger: Ledger, path: str) -> pd.DataFrame:
    """Durations up to the event, the end of observation or the horizon, whichever comes first."""
    n, seen = len(dated), dated["event"].notna()
    unseen = seen & (dated["event"] > end)
    rule, why = remark("event_late", day=f"{end:%Y-%m-%d}"), remark("outside_the_window")
    ledger.record("cohort", "censoring", rule, n, n, why, "subjects", cells=int(unseen.sum()))
    seen &= ~unseen
    days = (dated["event"].where(seen, end) - dated["origin"]).dt.days.astype(float)
    same = days == 0
    rule, why = remark("event_on_the_day"), remark("half_a_day")
    ledger.record("cohort", "same_day", rule, n, n, why, "subjects", cells=int(same.sum()))
    days[same] = choices.same_day_days
    far = days > spec.horizon
    rule, why = remark("longer_than", days=spec.horizon), remark("few_are_left")
    ledger.record("cohort", "horizon", rule, n, n, why, "subjects", cells=int(far.sum()))
    out = dated.drop(columns=["origin", "event"])
    out.insert(1, "started", (dated["origin"].dt.year * 4 + dated["origin"].dt.quarter - 1).astype("int64"))
    out.insert(2, "watched", (end - dated["origin"]).dt.days.clip(upper=spec.horizon).astype(float))
    out.insert(3, "duration", days.where(~far, float(spec.horizon)))
    out.insert(4, "event", (seen & ~far).astype("int64"))
    for name, covariate in spec.covariates.items():
        values = out[name]
        if covariate.transform == "log1p":
            rows = None if spec.of_events else lambda at: int(out["subject"].iloc[at])
            place = ", ".join(covariate.columns) or f"cohort.covariates.{name}"
            values = transforms.log1p(values.to_numpy(dtype=float), name, path, place, TAKE_AWAY, rows)
        out[name] = -values if covariate.reversed else values
    return out


def _subjects(spec: Cohort, path: Path, ledger: Ledger) -> pd.DataFrame:
    """Rows of a table with a row a subject: dates read, covariates made."""
    raw = pd.read_parquet(path)
    made = spec.covariates.items()
    wanted = {spec.origin: "cohort.origin", spec.event: "cohort.event"}
    wanted |= {c: f"cohort.covariates.{name}" for name, entry in made for c in entry.days or entry.columns}
    wanted |= {g.column: f"cohort.groups.{name}" for name, g in spec.groups.items() if g.column}
    require_columns(str(path), raw, wanted)
    ledger.record("cohort", "read", remark("every_row"), len(raw), len(raw), remark("as_delivered"), "subjects")
    dates = dict.fromkeys([spec.origin, spec.event, *(c for _, entry in made for c in entry.days)])
    raw = raw.assign(
        **{
            column: moments.read(
                raw[column], spec.format, str(path), "cohort.format", endless=column == spec.event
            ).dt.normalize()
            for column in dates
        }
    )
    expected, fix = worded("number_or_nothing"), worded("correct_value_or_blank")
    known = {n: numbers.read(raw[e.columns[0]], str(path), expected, fix) for n, e in made if e.columns}
    _check_order(raw, spec.origin, spec.event, str(path))
    kept = raw
    if spec.drop_duplicates:
        kept = raw[~raw.duplicated()]
        rule, why = remark("equal_in_every_column"), remark("subject_once")
        ledger.record("cohort", "duplicates", rule, len(raw), len(kept), why, "subjects")
    placed = kept[kept[spec.origin].notna()]
    rule, why = remark("column_blank", column=spec.origin), remark("clock_never_starts")
    ledger.record("cohort", "no_origin", rule, len(kept), len(placed), why, "subjects")
    out = pd.DataFrame({"subject": placed.index + 1, "origin": placed[spec.origin], "event": placed[spec.event]})
    for name, group in spec.groups.items():
        out[name] = group_of(group, name, placed, str(path), len(placed))
    for name, entry in made:
        if entry.days:
            first, last = (placed[column] for column in entry.days)
            out[name] = (last - first).dt.days.astype(float)
        else:
            out[name] = known[name][placed.index]
    return out


def _first_and_next(
    card: Card, spec: Cohort, tables: dict[str, Path], ledger: Ledger, engine: Engine
) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Entities of the panel's log: their first day, the next day with an event, covariates of the first day."""
    log = cleaned_log(card, tables, Ledger(), engine)
    days = log.table.mutate(day=log.table.moment.date())
    days = days.join(days.group_by("entity").agg(origin=days.day.min()), "entity")
    found = days.group_by("entity").agg(origin=days.origin.min(), event=days.day.min(where=days.day > days.origin))
    first = days.filter(days.day == days.origin)
    covariates = first.group_by("entity").agg(**{n: zero_of_none(first, entry) for n, entry in spec.covariates.items()})
    out = found.join(covariates, "entity").order_by("entity").execute()
    out = out.rename(columns={"entity": "subject"})
    for column in ("origin", "event"):
        out[column] = pd.to_datetime(out[column]).astype("datetime64[us]")
    rule, why = remark("every_entity"), remark("first_and_next_day")
    ledger.record("cohort", "read", rule, len(out), len(out), why, "subjects")
    last = pd.Timestamp(days.day.max().execute())
    return out[["subject", "origin", "event", *spec.covariates]], pd.Timestamp(spec.end or last)


def _check_order(raw: pd.DataFrame, origin: str, event: str, path: str) -> None:
    before = np.flatnonzero((raw[event] < raw[origin]).to_numpy())
    problems = [
        Problem(
            path,
            worded(
                "event_before_origin",
                event=event,
                ended=raw[event].iloc[row],
                origin=origin,
                began=raw[origin].iloc[row],
            ),
            worded("event_after_origin"),
            worded("correct_or_swap_dates"),
            int(row) + 1,
            event,
        )
        for row in before
    ]
    if problems:
        raise InputError(problems)
