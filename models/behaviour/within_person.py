"""The closed loop within users: a random-intercept cross-lagged model of the mechanisms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from models import results, sem, theory
from models.analysis.fit_cutoffs import cutoff_rows, cutoffs, verdict_of
from models.behaviour.reasons import reason
from models.choices import choices
from models.remarks import packed, remark
from models.sem.errors import SemError
from models.statistics.seeding import SeedOf

MODEL = "closed_loop"


def mechanisms(measures: set[str]) -> list[str]:
    """The mechanisms that a data set measures."""
    return [name for name in theory.constructs() if theory.levels(name) and name in measures]


def closed_loop(data: pd.DataFrame, measures: set[str], seed_of: SeedOf) -> pd.DataFrame:
    """Cross-lags between the mechanisms within users, equal at all times; stable differences between users apart.

    The consecutive periods with most users are taken, as many as leave users enough for each mean and covariance of
    the columns (`choices.loop_…`), fewer where too much is missing for an estimate. Means are free in
    every period; estimator and what becomes of gaps are `choices.loop_estimator` and `choices.loop_missing`.

    Parameters
    ----------
    data
        One row an entity and period.
    seed_of
        Names of a draw → its seed.

    Returns
    -------
    Rows `closed_loop` of the results table: `effect ~ lag(cause)` in raw units and standard deviations, the fit, the
    sample; rows `fit_cutoffs`. Where the fit is not known to be better than misspecification level `choices.loop_level`
    (or the last one that so many mechanisms have), or the solution is inadmissible, no slope decides, as a note says.

    Notes
    -----
    A random intercept of negative variance is frequent where stable differences are small (Usami, Murayama & Hamaker
    2019, doi:10.1037/met0000210). Difference GMM estimates no such variance, it takes the differences away.
    """
    names = mechanisms(measures)
    if len(names) < 2:
        return pd.DataFrame()
    why = remark("few_users_a_moment", k=choices.loop_users_a_moment, periods=choices.loop_periods_least)
    scale = data[names].std()
    seen = data.dropna(subset=names, how="any" if choices.loop_missing == "listwise" else "all")
    for first, periods in _windows(seen, len(names)):
        wide = _wide(data, names, scale, first, periods)
        waves = {name: [f"{name}_{k}" for k in range(periods)] for name in names}
        text = sem.random_intercept_cross_lagged(waves)
        try:
            fit = sem.fit(
                text,
                wide,
                estimator=choices.loop_estimator,
                missing=choices.loop_missing,
                auto=False,
                meanstructure=True,
            )
            slopes = _slopes(fit, names, scale, fit.n)
        except (SemError, np.linalg.LinAlgError) as error:
            why = reason(error)
            continue
        found = cutoffs(fit, seed_of(MODEL, "fit"), _misspecified(waves))
        rows = results.rows(_rows(fit, found, slopes, periods))
        lags = [remark("left_out_lag", mechanism=name, size=choices.loop_omitted_lag) for name in names]
        return pd.concat([rows, cutoff_rows(fit, found, lags).assign(model=MODEL)], ignore_index=True)
    return results.rows(
        [{"table": "remarks", "model": MODEL, "term": "all", "quantity": "failed", "note": packed([why])}]
    )


def _misspecified(waves: dict[str, list[str]]) -> list[tuple[sem.Omitted, ...]]:
    """Levels of misspecification: of one mechanism, of two, … the effect that it has on itself two periods later."""
    size = choices.loop_omitted_lag
    own = [
        [sem.Omitted(f"within_{after}", "~", f"within_{before}", size) for before, after in zip(w, w[2:], strict=False)]
        for w in waves.values()
    ]
    return [tuple(chain.from_iterable(own[:k])) for k in range(1, min(len(own), choices.fit_levels) + 1)]


def _rows(fit: sem.Fit, found: sem.DynamicCutoffs, slopes: list[dict[str, Any]], periods: int) -> list[dict[str, Any]]:
    measured = fit.fit_indices()
    fits = {name: float(measured[sem.reported_index(measured, name)]) for name in ("cfi", "rmsea")}
    fits["srmr"] = float(measured["srmr_bentler_nomean"])
    reached = found.misfit(measured)
    against = [remark("closed_loop_inadmissible")] if fit.improper else []
    if not reached < min(choices.loop_level, len(found.levels)):
        against.append(remark("closed_loop_misfit", verdict=verdict_of(found, reached)))
    note, good = packed(against), not against
    sizes = fits | {"n": fit.n, "periods": periods}
    rows = [row | {"note": note, "decides": good and row["quantity"] == "raw"} for row in slopes]
    rows += [_row("", quantity) | {"estimate": value} for quantity, value in sizes.items()]
    for why in fit.improper:
        said = {"table": "remarks", "model": MODEL, "term": MODEL, "quantity": "inadmissible"}
        rows.append(said | {"note": packed([why])})
    return rows


def _slopes(fit: sem.Fit, names: list[str], scale: pd.Series, n: int) -> list[dict[str, Any]]:
    lagged = fit.tidy().drop_duplicates("label").set_index("label")
    rows = []
    for effect in names:
        for cause in names:
            found = lagged.loc[f"{cause}_{effect}"]
            for units, factor in (("raw", scale[effect] / scale[cause]), ("std", 1.0)):
                size = {"estimate": found["est"], "se": found["se"]}
                size |= {"ci_lower": found["ci_lower"], "ci_upper": found["ci_upper"]}
                row = _row(f"{effect} ~ lag({cause})", units) | {k: factor * float(v) for k, v in size.items()}
                row |= {"statistic": float(found["z"]), "pvalue": float(found["pvalue"]), "n": n}
                rows.append(row)
    return rows


def _windows(data: pd.DataFrame, k: int) -> Iterator[tuple[int, int]]:
    """First period and number of periods, the longest first, of what the users can carry, where there are most."""
    if data.empty:
        return
    first, last = int(data["time"].min()), int(data["time"].max())
    size = data.groupby("time").size().reindex(range(first, last + 1), fill_value=0)
    for periods in range(min(choices.loop_periods_most, len(size)), choices.loop_periods_least - 1, -1):
        start = int(size.rolling(periods).sum().shift(1 - periods).idxmax())
        inside = data[data["time"].between(start, start + periods - 1)]
        least = periods if choices.loop_missing == "listwise" else 2
        users = int((inside.groupby("entity").size() >= least).sum())
        columns = k * periods
        if users >= choices.loop_users_a_moment * (columns * (columns + 3) // 2):
            yield start, periods


def _wide(data: pd.DataFrame, names: list[str], scale: pd.Series, first: int, periods: int) -> pd.DataFrame:
    """One row a user with two periods or more, a standardised column a mechanism and period."""
    inside = data[data["time"].between(first, first + periods - 1)]
    values = (inside[names] - data[names].mean()) / scale
    values = values.assign(entity=inside["entity"], k=(inside["time"] - first).astype(int))
    wide = values.pivot(index="entity", columns="k", values=names)
    wide.columns = pd.Index([f"{name}_{k}" for name, k in wide.columns])
    seen = inside.groupby("entity").size()
    return wide[seen.reindex(wide.index) >= 2].reset_index(drop=True).astype(float)


def _row(term: str, quantity: str) -> dict[str, Any]:
    place = {"table": MODEL, "model": MODEL, "group": "all", "definition": "ri_clpm"}
    return place | {"term": term, "quantity": quantity}
