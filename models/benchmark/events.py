"""The event log behind the panel: events whose scores add up to the monthly measures, and what spoils a log."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.benchmark.behaviour import DECIMALS, Behaviour, user_ids
from models.benchmark.declaration import TRUTH, cells
from models.benchmark.design import Design, quotas
from models.benchmark.survey import age_bands

EXTRA_EVENTS = 0.2
COLUMNS = ["time", "user", "event", "score", "amount", "discount", "reading"]
ROBOT_DAYS, ROBOT_EVENTS = 12, 90
WHOLESALE_DAYS, WHOLESALE_EVENTS = 8, 45


def draw(design: Design, behaviour: Behaviour, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Log and users.

    Returns
    -------
    events : DataFrame
        `time` (UTC, whole seconds), `user`, `event`, `score`, `amount`, `discount`, `reading`; in order of time.
    users : DataFrame
        `user`, `platform`, `age_band`, `country`, and the user's traits.
    """
    active = behaviour.panel.dropna().reset_index(drop=True)
    log = pd.concat(
        [_carriers(active, measure, names, rng) for measure, names in TRUTH["behaviour"]["events"].items()]
        + [_strangers(design, rng)],
        ignore_index=True,
    )
    orphans = log.iloc[rng.choice(len(log), round(design.orphan_events * len(log)), replace=False)].assign(user=None)
    twice = log.iloc[rng.choice(len(log), round(design.duplicate_events * len(log)), replace=False)]
    log = pd.concat([log, orphans, twice]).sort_values("time", kind="stable", ignore_index=True)
    return log[COLUMNS], _users(design, behaviour, rng)


def _carriers(active: pd.DataFrame, measure: str, names: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """Events that carry a measure: one or more a user and month, with parts that add up to it exactly.

    With two event names, the second is the bad one: its user-months are the lowest sixth of the measure.
    """
    total = active[measure].to_numpy()
    count = 1 + rng.poisson(EXTRA_EVENTS, len(active))
    row = np.repeat(np.arange(len(active)), count)
    weight = rng.uniform(0.5, 1.5, len(row))
    part = np.round(total[row] * weight / np.bincount(row, weight)[row], DECIMALS)
    last = np.cumsum(count) - 1
    part[last] = np.round(part[last] + total - np.bincount(row, part), DECIMALS)
    low = total < np.quantile(total, 1 / 6)
    sold = measure == "loyalty"
    blank = np.full(len(row), np.nan)
    read = [name for name, carrier in TRUTH["behaviour"]["readings"].items() if carrier == measure]
    return pd.DataFrame(
        {
            "time": _moments(active["time"].to_numpy()[row], rng),
            "user": active["entity"].to_numpy()[row],
            "event": np.where(low, names[-1], names[0])[row],
            "score": blank if sold else part,
            "amount": part if sold else blank,
            "discount": active["transaction"].to_numpy()[row] if sold else blank,
            "reading": active[read[0]].to_numpy()[row] if read else blank,
        }
    )


def _moments(month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random seconds of given months (counted from year 0)."""
    start = (month - 1970 * 12).astype("datetime64[M]")
    length = ((start + np.timedelta64(1, "M")).astype("datetime64[s]") - start.astype("datetime64[s]")).astype(int)
    offset = np.floor(rng.random(len(month)) * length).astype("timedelta64[s]")
    return (start.astype("datetime64[s]") + offset).astype("datetime64[us]")


def _strangers(design: Design, rng: np.random.Generator) -> pd.DataFrame:
    """Robots that search and view, wholesalers that buy: far more events on a day than a shopper has in a month."""
    ids = user_ids(design.users + design.robots + design.wholesalers)[design.users :]
    robot = np.arange(len(ids)) < design.robots
    size = np.where(robot, ROBOT_DAYS * ROBOT_EVENTS, WHOLESALE_DAYS * WHOLESALE_EVENTS)
    row = np.repeat(np.arange(len(ids)), size)
    bot, n = robot[row], len(row)
    within = np.arange(n) - np.repeat(np.cumsum(size) - size, size)
    day = within // np.where(bot, ROBOT_EVENTS, WHOLESALE_EVENTS)
    start = np.datetime64(TRUTH["behaviour"]["start"], "s")
    time = start + day.astype("timedelta64[D]") + rng.integers(0, 86400, n).astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "time": time.astype("datetime64[us]"),
            "user": ids[row],
            "event": np.where(bot, rng.choice(["search", "view"], n), "purchase"),
            "score": np.where(bot, np.round(rng.uniform(0, 1, n), DECIMALS), np.nan),
            "amount": np.where(bot, np.nan, np.round(rng.uniform(500, 2000, n), DECIMALS)),
            "discount": np.where(bot, np.nan, 0.5),
        }
    )


def _users(design: Design, behaviour: Behaviour, rng: np.random.Generator) -> pd.DataFrame:
    strangers = design.robots + design.wholesalers
    cell = np.concatenate([behaviour.cell, quotas(strangers, rng)])
    groups = cells().loc[cell].reset_index(drop=True)
    users = pd.DataFrame(
        {
            "user": user_ids(len(cell)),
            "platform": groups["platform_type"],
            "age_band": age_bands(cell, rng),
            "country": groups["country"],
        }
    )
    traits = list(TRUTH["behaviour"]["traits"])
    return users.merge(behaviour.panel.groupby("entity")[traits].first(), how="left", left_on="user", right_index=True)
