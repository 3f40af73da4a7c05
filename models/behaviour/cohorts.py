"""Time until an event: cumulative curves, hazards in continuous and discrete time, whether they are proportional."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from models import panel, results
from models.behaviour.dynamics import measured
from models.behaviour.left_out import left_out
from models.behaviour.units import ALL
from models.choices import choices
from models.remarks import packed, remark

THIRDS = ("low", "middle", "high")
COX, DISCRETE, PROPORTIONAL = "cox", "discrete", "proportional_hazards"


def cohort(data: pd.DataFrame, covariates: list[str], period: int, horizon: int) -> pd.DataFrame:
    """Everything that is estimated about one cohort.

    Parameters
    ----------
    data
        One row a subject with `started`, `watched`, `duration`, `event` and the covariates.
    period, horizon
        Days of a period of the discrete-time model, and days that the curves reach.

    Returns
    -------
    Rows `survival`, `hazards`, `hazard_checks`, `hazard_fit`, `dropped` and `remarks` of the results table. None of
    them decides a hypothesis.
    """
    data = data.reset_index(drop=True)
    rows = _curves(data, covariates, horizon)
    quarters = " + C(started)" if data["started"].nunique() > 1 else ""
    right = " + ".join(covariates) + quarters
    sd = data[covariates].std()
    ratios = _hazards(COX, sd, lambda: panel.cox(f"duration ~ {right}", data, event="event"))
    rows += ratios
    periods = by_period(data, period)
    rows += _hazards(
        DISCRETE, sd, lambda: panel.discrete_hazard(f"event ~ {right}", periods, entity="subject", time="period")
    )
    if any(row["table"] == "hazards" for row in ratios):
        rows += _checks(right, data, covariates)
    return results.rows(rows)


def by_period(data: pd.DataFrame, period: int) -> pd.DataFrame:
    """One row a subject and period of so many days up to the event, of periods that are watched to their end.

    A period that observation cuts short is left out for everybody, also for who has the event in it: else those with
    the event would count in it and those without would not.
    """
    whole = (data["watched"].to_numpy(float) // period).astype(int)
    at = np.ceil(data["duration"].to_numpy(float) / period).astype(int)
    ends = (data["event"].to_numpy() == 1) & (at <= whole)
    lengths = np.where(ends, at, whole)
    subject = np.repeat(np.arange(len(data)), lengths)
    number = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + 1
    out = data.drop(columns="subject", errors="ignore").iloc[subject].reset_index(drop=True)
    return out.assign(subject=subject, period=number, event=(ends[subject] & (number == at[subject])).astype(float))


def _curves(data: pd.DataFrame, covariates: list[str], horizon: int) -> list[dict]:
    """Share with the event at equal steps, for everybody and for thirds of each covariate (equal values together)."""
    times = np.linspace(0, horizon, choices.survival_points + 1)
    parts = {ALL: np.ones(len(data), dtype=bool)}
    for name in covariates:
        bins = pd.qcut(data[name], 3, labels=False, duplicates="drop")
        labels = THIRDS if bins.nunique() == 3 else (THIRDS[0], THIRDS[-1])
        if bins.nunique() > 1:
            codes = bins.rank(method="dense") - 1
            parts |= {f"{name}: {label}": (codes == k).to_numpy() for k, label in enumerate(labels)}
    rows = []
    for group, members in parts.items():
        part = data[members]
        curve = panel.survival_curve(part["duration"], part["event"], times)
        for point in curve.tidy().itertuples():
            rows.append(
                {
                    "table": "survival",
                    "model": "kaplan_meier",
                    "group": group,
                    "term": f"{point.time:g}",
                    "quantity": "cumulative",
                    "estimate": 1 - point.survival,
                    "ci_lower": 1 - point.ci_upper,
                    "ci_upper": 1 - point.ci_lower,
                    "n": point.at_risk,
                    "definition": "kaplan_meier",
                }
            )
    return rows


def _hazards(model: str, sd: pd.Series, estimate: Callable[[], panel.HazardFit]) -> list[dict]:
    """Log hazard ratios a unit and a standard deviation of each covariate, which the index of `sd` names.

    The quarters of the origin and the periods are held but not shown.
    """
    try:
        fit = estimate()
    except panel.PanelError as error:
        return [
            {"table": "remarks", "model": model, "term": model, "quantity": "failed", "note": packed([error.remark])}
        ]
    sizes = {"n_subject": fit.n_entity, "n_event": fit.n_events, "nobs": fit.nobs}
    rows = [
        {"table": "hazard_fit", "model": model, "group": ALL, "term": name, "quantity": name, "estimate": size}
        for name, size in sizes.items()
    ]
    for row in fit.tidy().itertuples():
        if row.term not in sd.index:
            continue
        found = measured(row) | {"n": fit.n_entity}
        common = {"table": "hazards", "model": model, "group": ALL, "term": row.term, "definition": f"{model}_hazard"}
        scaled = {name: found[name] * sd[row.term] for name in ("estimate", "se", "ci_lower", "ci_upper")}
        rows += [common | {"quantity": "raw"} | found, common | {"quantity": "std"} | found | scaled]
    removed = [line for line in fit.ledger.lines if line.action == "dropped"] if model == COX else []
    return rows + left_out(removed, model)


def _checks(right: str, data: pd.DataFrame, covariates: list[str]) -> list[dict]:
    try:
        table = panel.proportional_hazards(f"duration ~ {right}", data, event="event")
    except panel.PanelError as error:
        why = packed([error.remark])
        return [{"table": "remarks", "model": COX, "term": f"step {PROPORTIONAL}", "quantity": "failed", "note": why}]
    untold = packed([remark("tells_of_one_time")])
    return [
        {
            "table": "hazard_checks",
            "model": COX,
            "group": ALL,
            "term": row.term,
            "quantity": "proportional",
            "statistic": row.statistic,
            "df": row.df,
            "pvalue": row.pvalue,
            "definition": PROPORTIONAL,
            "note": untold if np.isnan(row.statistic) else "",
        }
        for row in table.itertuples()
        if row.term in covariates
    ]
