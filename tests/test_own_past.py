"""Beside the outcome's own past a mere follower loses its slope; what moves within the period is told from a loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models import panel
from models.behaviour.own_past import own_past
from models.specs import PanelSpec
from tests.conftest import zero

SPEC = PanelSpec(label={}, formula="y ~ lag(x)", effects="twoway", cluster="entity", by="platform_type")
Step = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def follower(x: np.ndarray, y: np.ndarray, e: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The outcome persists, the cause follows it within the period."""
    now = 0.5 * y + u
    return 0.5 * now + e, now


def loop(x: np.ndarray, y: np.ndarray, e: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each moves the other a period later."""
    return 0.3 * y + e, 0.3 * x + u


def rows_of(step: Step, users: int = 400, periods: int = 10, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = y = np.zeros(users)
    kept = []
    for time in range(periods + 10):
        x, y = step(x, y, rng.standard_normal(users), rng.standard_normal(users))
        kept.append(pd.DataFrame({"entity": np.arange(users), "time": time, "x": x, "y": y}))
    data = pd.concat(kept[10:], ignore_index=True)
    fit = panel.fit(SPEC.formula, data, entity="entity", time="time", effects="twoway", cluster="entity")
    assert fit.tidy()["pvalue"].iloc[0] < 1e-6, "the slope alone looks like an effect"
    return own_past("one", SPEC, fit, data, zero).set_index(["term", "quantity"])


def test_a_follower_of_an_outcome_that_persists_loses_its_slope_and_moves_within_the_period() -> None:
    found = rows_of(follower)
    assert found.loc[("lag(x)", "stands"), "estimate"] == 0
    assert abs(found.loc[("lag(x)", "raw"), "estimate"]) < 3.3 * found.loc[("lag(x)", "raw"), "se"]
    assert found.loc[("lag(y)", "raw"), "estimate"] == pytest.approx(0.5, abs=0.06)
    assert found.xs("same_period", level="quantity")["pvalue"].iloc[0] < 1e-6


def test_a_cause_that_answers_a_period_later_stands_and_does_not_move_within_the_period() -> None:
    found = rows_of(loop)
    assert found.loc[("lag(x)", "stands"), "estimate"] == 1
    assert found.loc[("lag(x)", "raw"), "estimate"] == pytest.approx(0.3, abs=0.06)
    assert found.xs("same_period", level="quantity")["pvalue"].iloc[0] > 0.01


def test_a_specification_with_the_outcomes_past_is_not_asked_again() -> None:
    spec = PanelSpec(label={}, formula="y ~ lag(x) + lag(y)", effects="twoway", cluster="entity", by="platform_type")
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"entity": np.repeat(np.arange(30), 5), "time": np.tile(np.arange(5), 30)})
    data[["x", "y"]] = rng.standard_normal((150, 2))
    fit = panel.fit(spec.formula, data, entity="entity", time="time", effects="twoway", cluster="entity")
    assert own_past("one", spec, fit, data, zero).empty
