"""The breakdown value of a roll-out: how far trends must part for its effect to vanish."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import panel
from models.choices import choices
from models.panel.estimators.breakdown import breakdown
from models.statistics.distributions import normal_quantile

Z = normal_quantile(1 - choices.alpha / 2)


def by_search(effect: float, steps: np.ndarray, cov: np.ndarray, reach: float) -> float:
    """The first M̄ of a fine grid at which a half-space is no longer rejected."""
    for m in np.arange(0, 20, 0.001):
        for k in range(len(steps)):
            for c in (reach, -reach):
                weights = np.zeros(len(steps) + 1)
                weights[[0, k + 1]] = np.sign(effect), c * m
                if weights @ [effect, *steps] <= Z * np.sqrt(weights @ cov @ weights):
                    return float(m)
    return float("inf")


@pytest.mark.parametrize("effect", [2.0, -2.0])
def test_the_limits_are_those_of_a_search(effect: float) -> None:
    cov = np.array([[0.10, 0.03, -0.02], [0.03, 0.08, 0.01], [-0.02, 0.01, 0.05]])
    steps = np.array([0.3, -0.4])
    assert breakdown(effect, steps, cov, 1.5) == pytest.approx(by_search(effect, steps, cov, 1.5), abs=0.001)


def test_an_effect_that_is_not_clear_breaks_down_at_once_and_one_without_leads_is_not_examined() -> None:
    assert breakdown(1.9, np.array([0.1]), np.eye(2), 1) == 0
    assert np.isnan(breakdown(5.0, np.array([]), np.eye(1), 1))


def test_a_drift_that_makes_the_effect_has_a_value_below_one_and_a_true_effect_one_above() -> None:
    rng = np.random.default_rng(4)
    log = pd.DataFrame({"user": np.repeat(range(200), 6), "week": np.tile(range(6), 200)})
    reached = log["user"] < 100
    log["start"] = np.where(reached, 4, np.nan)
    noise = 0.2 * rng.normal(size=len(log))
    keys = {"entity": "user", "time": "week", "start": "start"}
    drift = log.assign(y=0.3 * reached * log["week"] + noise)
    true = log.assign(y=1.0 * (reached & (log["week"] >= 4)) + noise)
    assert 0 < panel.interaction_weighted("y ~ 1", drift, **keys).breakdown < 1
    assert panel.interaction_weighted("y ~ 1", true, **keys).breakdown > 3
