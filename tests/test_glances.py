"""Every fit has a row a parameter and a row a model, under the same names; its text shows both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import panel, sem, synthesis

KEYS: dict[str, Any] = {"entity": "user", "time": "week"}
NAMES = ["a", "b", "c"]


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"user": np.repeat(range(40), 6), "week": np.tile(range(6), 40), "x": rng.normal(size=240)})
    frame["start"] = np.where(frame["user"] < 20, 3 + frame["user"] % 2, np.nan)
    own, slope = rng.normal(size=(2, 40))[:, frame["user"]]
    frame["m"] = 0.5 * frame["x"] + own + rng.normal(size=240)
    frame["y"] = (1 + slope) * frame["m"] + (frame["week"] >= frame["start"]) + rng.normal(size=240)
    frame.loc[7, "y"] = np.nan
    return frame


def correlations() -> synthesis.PooledCorrelations:
    R = pd.DataFrame([[1, 0.4, 0.3], [0.4, 1, 0.5], [0.3, 0.5, 1]], NAMES, NAMES)
    return synthesis.pool_correlations({"one": (R, 200), "two": (R - 0.1 + 0.1 * np.eye(3), 150)})


MADE = {
    "event study": lambda log: panel.event_study("y ~ 1", log, start="start", **KEYS),
    "interaction-weighted": lambda log: panel.interaction_weighted("y ~ 1", log, start="start", **KEYS),
    "jackknife": lambda log: panel.half_panel_jackknife(panel.fit("y ~ m", log, **KEYS)),
    "random slopes": lambda log: panel.random_slopes("y ~ m", log, slope="m", **KEYS),
    "mediation": lambda log: panel.mediation(
        panel.fit("m ~ x", log, **KEYS), panel.fit("y ~ m + x", log, **KEYS), "x", "m", draws=100
    ),
    "dynamic": lambda log: panel.gmm("y ~ lag(y)", log, instruments={"y": (2, None)}, **KEYS),
    "instrumental": lambda log: panel.iv("y ~ m", log, endogenous=["m"], instruments=["x"], **KEYS),
    "fit": lambda log: panel.fit("y ~ m", log, **KEYS),
    "equations": lambda log: sem.fit("y ~ m", log),
}
POOLED = {
    "mean": lambda: synthesis.random_effects([0.2, 0.4, 0.1], [0.01, 0.01, 0.02]),
    "moderated": lambda: synthesis.moderators([0.1, 0.2, 0.3, 0.5], [0.01] * 4, pd.DataFrame({"year": [0, 1, 2, 3]})),
    "correlations": correlations,
    "path model": lambda: synthesis.path_model("b ~ a; c ~ b", correlations()),
}


def test_every_result_of_a_fit_that_has_a_table_has_a_row_of_the_model() -> None:
    offered = [getattr(room, name) for room in (sem, panel, synthesis) for name in room.__all__]
    tables = {c.__name__ for c in offered if hasattr(c, "tidy") and not hasattr(c, "glance")}
    checks = {"Bootstrap", "Comparison", "DynamicCutoffs", "Oster", "Turned", "WaldTest", "WildBootstrap"}
    assert tables == checks | {"SurvivalCurve"}


@pytest.mark.parametrize("name", MADE)
def test_a_fit_tells_its_sample_under_the_same_names(name: str, log: pd.DataFrame) -> None:
    found = MADE[name](log)
    assert found.tidy().columns[0] == "term"
    assert {"est", "se", "pvalue", "ci_lower", "ci_upper"} <= set(found.tidy())
    row = found.glance()
    assert len(row) == 1
    assert 150 < row.loc[0, "nobs"] < 240
    if "n_entity" in row:
        assert row.loc[0, "n_entity"] == 40
    if "n_dropped" in row:
        # What GMM counts are differences; first periods have none.
        assert row.loc[0, "n_dropped"] + row.loc[0, "nobs"] == 240 or name == "dynamic"
    assert str(row.loc[0, "nobs"]) in str(found)


@pytest.mark.parametrize("name", POOLED)
def test_a_synthesis_tells_what_it_rests_on_under_the_same_names(name: str) -> None:
    found = POOLED[name]()
    assert found.tidy().columns[0] == "term"
    assert {"est", "se"} <= set(found.tidy())
    row = found.glance()
    assert len(row) == 1
    assert row.loc[0, "k" if name in ("mean", "moderated") else "nobs"] in (3, 4, 350)
    assert all(f"{value:.3f}" in str(found) for value in found.tidy()["est"])
