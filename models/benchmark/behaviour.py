r"""The user × month panel with known slopes.

Every measure is :math:`y_{it} = m + \alpha_i + \lambda_t + w_{it}`. Within-user deviations of the nine levels follow
:math:`w_t = A w_{t-1} + u_t`; the columns of :math:`A` that belong to one mechanism have equal sums over the rows of
each mechanism, so that the mechanisms' totals follow a first-order autoregression of their own. Outcomes obey
:math:`w^y_t = \beta_g' w^x_{t-1} + \varepsilon_t` with serially independent errors and no way back to the causes, which
are thus strictly exogenous: two-way fixed effects recover :math:`\beta_g`. User and month effects of a cause only move
those of the outcome. What surrounds the users (`models.benchmark.surroundings`) is drawn from a stream of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models import theory
from models.benchmark import surroundings
from models.benchmark.declaration import TRUTH, cells, products, slopes
from models.benchmark.design import Design, quotas

BURN_IN = 8
DECIMALS = 4


@dataclass(frozen=True, eq=False)
class Behaviour:
    """`panel`: one row a user and month with groups and measures; `cell`: (users,) cell of each user."""

    panel: pd.DataFrame
    cell: np.ndarray


def mechanisms() -> dict[str, list[str]]:
    """Mechanism → its first-order measures."""
    return {name: theory.levels(name) for name in TRUTH["survey"]["levels"]}


def level_names() -> list[str]:
    """All levels of all mechanisms."""
    return [level for levels in mechanisms().values() for level in levels]


def transition(effect_scale: float = 1.0) -> np.ndarray:
    """(9, 9) matrix `A` of the levels: row effect, column cause one month earlier."""
    names = level_names()
    matrix = np.zeros((len(names), len(names)))
    for chain in TRUTH["behaviour"]["chains"]:
        first, second, third = (names.index(level) for level in mechanisms()[chain["of"]])
        matrix[[second, third, third], [first, second, third]] = chain["value"] * effect_scale
    for slope in slopes(TRUTH["behaviour"]["slopes"], effect_scale):
        if slope.enters in names and slope.cause in mechanisms():
            columns = [names.index(level) for level in mechanisms()[slope.cause]]
            matrix[names.index(slope.enters), columns] += slope.by_cell[0]
    return matrix


def draw_within(cell: np.ndarray, months: int, effect_scale: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Within-user deviations of every measure and mechanism, each (users, months); a trait is constant over months."""
    declared, others = TRUTH["behaviour"], TRUTH["behaviour"]["others"]
    names, steps, n = level_names(), months + BURN_IN, len(cell)
    matrix = transition(effect_scale)
    causes = slopes(declared["slopes"], effect_scale)
    levels = rng.normal(0, declared["levels"]["innovation_sd"], (steps, n, len(names)))
    within = {name: rng.normal(0, entry["innovation_sd"], (steps, n)) for name, entry in others.items()}
    around = surroundings.deviations(cell, dict(zip(names, levels.transpose(2, 0, 1), strict=True)), rng.spawn(1)[0])
    within |= around
    moderated = surroundings.moderated(around, effect_scale)
    members = {name: [names.index(level) for level in parts] for name, parts in mechanisms().items()}

    def before(name: str, t: int) -> np.ndarray:
        if name in within:
            return within[name][t - (name not in surroundings.AT_ONCE)]
        return levels[t - 1][:, members[name]].sum(axis=1) if name in members else levels[t - 1][:, names.index(name)]

    def add(name: str, t: int, effect: np.ndarray) -> None:
        (within[name][t] if name in within else levels[t][:, names.index(name)])[:] += effect

    for t in range(1, steps):
        levels[t] += levels[t - 1] @ matrix.T
        for slope in causes:
            if slope.effect in within or slope.cause in within:
                size = slope.by_cell[cell] + moderated.get((slope.cause, slope.effect), 0.0)
                add(slope.enters, t, size * before(slope.cause, t))
        for interaction in products(declared["interactions"], effect_scale):
            first, second = (before(cause, t) for cause in interaction.causes)
            add(interaction.enters, t, interaction.size * first * second)
    return {name: series[BURN_IN:].T for name, series in within.items()} | {
        name: levels[BURN_IN:, :, j].T for j, name in enumerate(names)
    }


def draw(design: Design, rng: np.random.Generator) -> Behaviour:
    """Users with their monthly measures; some come late, some leave early, some pause for a month (a row of blanks)."""
    declared = TRUTH["behaviour"]
    cell = quotas(design.users, rng)
    within = draw_within(cell, design.months, design.effect_scale, rng)
    trait = rng.standard_normal(design.users)
    present, paused = _presence(design.users, design.months, rng)
    user, month = np.nonzero(present)
    outside = rng.spawn(1)[0]
    measures = {}
    for name in [*level_names(), *declared["others"], *surroundings.entries()]:
        entry = declared["others"].get(name, surroundings.entries().get(name, declared["levels"]))
        stream = outside if name in surroundings.entries() else rng
        own = stream.standard_normal(design.users)
        share = declared["trait_share"]
        effect = entry.get("user_sd", 0.0) * (np.sqrt(share) * trait + np.sqrt(1 - share) * own)
        months = stream.normal(0, entry.get("month_sd", 0.0), design.months)
        level = entry["mean"] + effect[:, None] + months + within[name]
        measures[name] = np.round(np.where(paused, np.nan, level)[user, month], DECIMALS)
    totals = {name: sum(measures[level] for level in levels) for name, levels in mechanisms().items()}
    first = pd.Period(declared["start"], "M")
    panel = pd.DataFrame(
        {"entity": user_ids(design.users)[user], "time": first.year * 12 + first.month - 1 + month}
        | {grouping: cells()[grouping].to_numpy()[cell[user]] for grouping in TRUTH["groups"]}
        | totals
        | measures
    )
    return Behaviour(panel, cell)


def user_ids(n: int) -> np.ndarray:
    """Names of n users."""
    return np.array([f"U{i:06d}" for i in range(1, n + 1)], dtype=object)


def _presence(users: int, months: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(users, months) masks: within the user's span; paused for a month strictly inside it."""
    late, early = rng.random(users) < 0.3, rng.random(users) < 0.15
    longest = months // 3
    first = np.where(late, rng.integers(0, longest + 1, users), 0)[:, None]
    last = np.where(early, months - 1 - rng.integers(0, longest + 1, users), months - 1)[:, None]
    month = np.arange(months)
    present = (month >= first) & (month <= last)
    paused = (month > first) & (month < last) & (rng.random((users, months)) < 0.02)
    return present, paused
