"""How often a panel's hypotheses come out *supported*, and beside what named threat, where the truth is known.

    uv run python benchmarks/recovery_of_panel_grades.py [draws] [users] [periods]

Three mechanisms, identification and stickiness, normal, with a trait of the user and an effect of the period in each.
For every truth: the share of samples in which a hypothesis is supported, and the shares of these beside which each
threat, and any of them, is named; for comparison those in which the test of leads rejects. Panels are balanced, so that
means of users and periods are removed in closed form; the first sample of every truth also goes through the program,
which must say the same.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, t

from models import evidence, theory
from models.behaviour.dynamics import mediation_rows
from models.behaviour.own_past import own_past
from models.behaviour.panel_models import fit_spec, hypothesis_of, slope_rows
from models.choices import choices
from models.results import whole
from models.specs import panel_specs
from models.statistics.multiple_testing import holm

MECHANISMS = ("value", "trust", "participation")
MEASURES = (*MECHANISMS, "identification", "stickiness")
SPECS, MEDIATED = ("identification_next", "stickiness_next"), "lagged_mediation"
SHOWN = ("H1a", "H2", "H3a")
NAMED, LEAD = ("own_past", "same_period"), "placebo lead"
BURN_IN = 20

# What a period's measures (users, 5) are, given those of the period before and fresh noise (users, 5).
Step = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _nothing(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return noise


def _true(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    now = noise.copy()
    now[:, 3] += 0.3 * before[:, :3].sum(axis=1)
    now[:, 4] += 0.3 * before[:, 3]
    return now


def _feedback(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    now = noise.copy()
    now[:, :3] += 0.3 * before[:, [3]]
    now[:, 3] += 0.3 * before[:, 4]
    return now


def _true_and_feedback(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return _true(before, noise) + _feedback(before, noise) - noise


def _persisting(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return _true(before, noise) + 0.4 * before


def _reversed(before: np.ndarray, noise: np.ndarray) -> np.ndarray:
    now = noise.copy()
    now[:, 4] += 0.5 * before[:, 4]
    now[:, 3] += 0.3 * before[:, 3] + 0.5 * now[:, 4]
    now[:, :3] += 0.5 * now[:, [3]]
    return now


TRUTHS: dict[str, tuple[Step, float]] = {
    "every path .3": (_true, 0.0),
    "the same, every measure persists (.4)": (_persisting, 0.0),
    "the same, with feedback of .3": (_true_and_feedback, 0.0),
    "reversed order within the period": (_reversed, 0.0),
    "one activity behind all counts": (_nothing, 0.8),
    "feedback alone": (_feedback, 0.0),
    "nothing": (_nothing, 0.0),
}


def panel_of(step: Step, activity: float, users: int, periods: int, rng: np.random.Generator) -> pd.DataFrame:
    """Measures of users over periods; `activity` (first-order autoregressive, .5) moves all of them."""
    now, active = np.zeros((users, len(MEASURES))), np.zeros(users)
    traits, kept = rng.standard_normal((users, len(MEASURES))), []
    for _ in range(BURN_IN + periods):
        active = 0.5 * active + np.sqrt(0.75) * rng.standard_normal(users)
        now = step(now, rng.standard_normal((users, len(MEASURES))))
        kept.append(now + activity * active[:, None] + traits + 0.3 * rng.standard_normal(len(MEASURES)))
    values = np.concatenate(kept[BURN_IN:])
    keys = {"entity": np.tile(np.arange(users), periods), "time": np.repeat(np.arange(periods), users)}
    return pd.DataFrame(keys | dict(zip(MEASURES, values.T, strict=True)))


@dataclass(frozen=True)
class Within:
    """Slopes `b` (k,) beside effects of users and periods; `contributions` (users, k) add up to their errors."""

    b: np.ndarray
    contributions: np.ndarray

    @property
    def cov(self) -> np.ndarray:
        """Covariance (k, k), clustered by user."""
        n = len(self.contributions)
        return self.contributions.T @ self.contributions * n / (n - 1)

    def joint(self, places: list[int]) -> float:
        """p of the test that these slopes are zero."""
        b = self.b[places]
        return float(chi2.sf(b @ np.linalg.solve(self.cov[np.ix_(places, places)], b), len(places)))

    def pvalue(self, place: int) -> float:
        return float(2 * t.sf(abs(self.b[place]) / np.sqrt(self.cov[place, place]), len(self.contributions) - 1))


def within(y: np.ndarray, x: np.ndarray) -> Within:
    """Slopes of y (users, periods) on x (k, users, periods)."""
    y, x = (v - v.mean(-1, keepdims=True) - v.mean(-2, keepdims=True) + v.mean((-1, -2), keepdims=True) for v in (y, x))
    bread = np.linalg.inv(np.einsum("kit,lit->kl", x, x))
    b = bread @ np.einsum("kit,it->k", x, y)
    return Within(b, np.einsum("kit,it->ik", x, y - np.einsum("k,kit->it", b, x)) @ bread)


def jackknifed(y: np.ndarray, x: np.ndarray) -> Within:
    """The half-panel jackknife; of an odd number of periods both middles."""
    whole, periods = within(y, x), y.shape[-1]
    cuts = {(periods + 1) // 2, periods // 2}
    halves = [within(y[:, part], x[:, :, part]) for cut in cuts for part in (slice(None, cut), slice(cut, None))]
    share = 1 / len(halves)
    return Within(
        2 * whole.b - share * sum(half.b for half in halves),
        2 * whole.contributions - share * sum(half.contributions for half in halves),
    )


@dataclass(frozen=True)
class Link:
    """The p-values (k,) and signs of a specification's slopes, and the threats that are named beside the first."""

    pvalues: list[float]
    above: list[bool]
    threats: frozenset[str]


def link(values: np.ndarray, outcome: int, causes: list[int]) -> Link:
    """A specification on values (measures, users, periods): each cause a period ago."""
    past, now, k = values[causes, :, :-1], values[causes, :, 1:], len(causes)
    y, own = values[outcome, :, 1:], values[[outcome], :, :-1]
    alone = within(y, past)
    placebo = within(y[:, :-1], np.concatenate([past[:, :, :-1], now[:, :, 1:]]))
    beside = jackknifed(y, np.concatenate([past, own]))
    together = jackknifed(y, np.concatenate([past, own, now]))
    stands = beside.pvalue(0) < choices.alpha and np.sign(beside.b[0]) == np.sign(alone.b[0])
    named = {
        LEAD: placebo.joint(list(range(k, 2 * k))) < choices.alpha,
        "own_past": not stands,
        "same_period": together.joint(list(range(k + 1, 2 * k + 1))) < choices.alpha,
    }
    pvalues = [alone.pvalue(place) for place in range(k)]
    return Link(pvalues, list(alone.b > 0), frozenset(threat for threat, one in named.items() if one))


def judged(data: pd.DataFrame) -> dict[str, set[str]]:
    """Which of `SHOWN` are supported, and the threats named beside each."""
    users = data["entity"].nunique()
    values = data.sort_values(["time", "entity"])[list(MEASURES)].to_numpy().reshape(-1, users, len(MEASURES)).T
    first, second = link(values, 3, [0, 1, 2]), link(values, 4, [3, 0, 1, 2])
    through = [max(p, second.pvalues[0]) for p in first.pvalues]
    found = {}
    if holm(np.array(first.pvalues))[0] < choices.alpha and first.above[0]:
        found["H1a"] = set(first.threats)
    if second.pvalues[0] < choices.alpha and second.above[0]:
        found["H2"] = set(second.threats)
    if holm(np.array(through))[0] < choices.alpha and first.above[0] and second.above[0]:
        found["H3a"] = set(first.threats | second.threats)
    return found


def by_the_program(data: pd.DataFrame) -> dict[str, set[str]]:
    """The same as `judged`, from the rows that the stages write."""

    def seed_of(*names: str) -> int:
        return zlib.crc32(" ".join(names).encode())

    fits, parts = [], []
    for name in SPECS:
        spec = panel_specs()[name]
        fits.append(fit := fit_spec(spec, spec.formula, data, None))
        parts += [slope_rows(fit, name, "raw", None, seed_of), own_past(name, spec, fit, data, seed_of)]
    indirect = mediation_rows(MEDIATED, panel_specs()[MEDIATED], *fits, "raw", seed_of)
    claims = hypothesis_of(MEDIATED)
    parts.append(pd.DataFrame([row | {"hypothesis": claims[row["term"]], "decides": True} for row in indirect]))
    rows = whole(pd.concat(parts, ignore_index=True).assign(sample="panel"))
    for column in ("group", "note", "hypothesis", "definition"):
        rows[column] = rows[column].fillna("")
    offer = evidence.Offer(("panel",), {"panel": theory.offered(set(MEASURES))}, {"panel": {}}, ())
    found = evidence.verdicts(rows, offer)
    threats = evidence.exposure(rows, found)
    named = threats[threats["estimate"] == 1].groupby("hypothesis")["term"].agg(set)
    supported = found[found["verdict"].eq("supported") & found["hypothesis"].isin(SHOWN)]["hypothesis"]
    return {key: named.get(key, set()) for key in supported}


def main(draws: int, users: int, periods: int) -> None:
    lines = []
    for name, (step, activity) in TRUTHS.items():
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        samples = [panel_of(step, activity, users, periods, rng) for _ in range(draws)]
        found = [judged(data) for data in samples]
        program = by_the_program(samples[0])
        if {key: threats - {LEAD} for key, threats in found[0].items()} != program:
            raise RuntimeError(f"{name}: {found[0]} here, {program} by the program")
        for key in SHOWN:
            sets = [one[key] for one in found if key in one]
            shares = {threat: [threat in one for one in sets] for threat in (*NAMED, LEAD)}
            shares["any"] = [not one.isdisjoint(NAMED) for one in sets]
            line = {"truth": name, "hypothesis": key, "supported": len(sets) / draws}
            lines.append(line | {threat: np.mean(share) if sets else np.nan for threat, share in shares.items()})
    print(pd.DataFrame(lines).round(2).to_string(index=False))


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [400, 300, 10][len(given) :]))
