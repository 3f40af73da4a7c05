"""A covariance that is singular but for rounding gives a reason, never a chi-squared, wherever hypotheses are joint."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from models import panel, sem, synthesis
from models.behaviour.own_past import own_past
from models.panel.checks.attrition import leavers
from models.panel.checks.specification import mundlak
from models.panel.errors import NotEstimableError
from models.sem.errors import ConstraintError
from models.specs import PanelSpec
from models.statistics.wald import quadratic
from models.survey.groups import _equality_rows
from models.synthesis.errors import SynthesisError
from tests.conftest import zero

KEYS = {"entity": "user", "time": "week"}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"user": np.repeat(np.arange(60), 8), "week": np.tile(np.arange(8), 60)})
    data["x"], data["z"] = rng.normal(size=(2, 480)) + rng.normal(size=60)[data["user"]]
    data["y"] = 0.4 * data["x"] + 0.2 * data["z"] + rng.normal(size=480)
    return data.assign(region=data["user"] % 2, app=np.where(data["user"] < 30, "a", "b"))


def test_units_do_not_make_a_covariance_singular_and_rounding_does_not_make_it_regular() -> None:
    b, V = np.array([2.0, 0.3]), np.array([[1.0, 0.2], [0.2, 0.5]])
    units = np.array([1e9, 1e-9])
    assert quadratic(b * units, V * np.outer(units, units)) == pytest.approx(quadratic(b, V), rel=1e-12)
    assert quadratic(b, np.ones((2, 2)) + np.diag([0.0, 1e-13])) is None
    assert quadratic(b, np.array([[1.0, np.nan], [np.nan, 1.0]])) is None


def test_a_difference_of_covariances_may_have_directions_below_zero() -> None:
    V = np.diag([1.0, -0.5])
    assert quadratic(np.ones(2), V) is None
    assert quadratic(np.ones(2), V, definite=False) == pytest.approx(-1.0)


def test_restrictions_on_a_fit_that_say_nearly_the_same() -> None:
    moments = sem.Moments([[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]], 200, names=["y", "x", "z"])
    found = sem.fit("y ~ p*x + q*z", moments)
    with pytest.raises(ConstraintError, match="redundant"):
        sem.wald(found, "p == q; p == 1.0000001*q")


def test_slopes_that_two_clusters_judge(log: pd.DataFrame) -> None:
    fit = panel.fit("y ~ x + z", log, **KEYS, cluster="region")
    with pytest.raises(NotEstimableError, match="singular"):
        panel.wald(fit, ["x", "z"])
    with pytest.raises(NotEstimableError, match="singular"):
        panel.wald_equal(panel.fit("y ~ x + z", log, **KEYS, cluster="region", by="app"), ["x", "z"])


def test_leads_that_two_clusters_judge(log: pd.DataFrame) -> None:
    data = log.assign(start=np.where(log["user"] % 3 == 0, np.nan, 4 + log["user"] % 3))
    found = panel.event_study("y ~ 1", data, **KEYS, start="start", leads=3, cluster="region")
    assert "singular" in str(found.pretrend)
    assert len(found.leads) == 3


def nearly_two_clusters(log: pd.DataFrame) -> pd.DataFrame:
    """Four regions of which three are the same, but for rounding of the outcome."""
    region = log[log["user"] < 15].drop(columns="region")
    other = log[log["user"] >= 45].drop(columns="region")
    copies = [region.assign(user=region["user"] + 100 * k, y=region["y"] * (1 + 1e-8 * k), region=k) for k in range(3)]
    return pd.concat([*copies, other.assign(user=other["user"] + 300, region=3)], ignore_index=True)


def test_means_that_nearly_two_clusters_judge(log: pd.DataFrame) -> None:
    check = mundlak(panel.fit("y ~ x + z", nearly_two_clusters(log), **KEYS, cluster="region").groups[0].design)
    assert np.isnan(check.statistic)
    assert "too few clusters" in check.note


def test_leavers_whose_regressors_say_nearly_the_same(log: pd.DataFrame) -> None:
    twin = log.assign(z=log["x"] + 3e-5 * log["z"])[(log["user"] % 4 > 0) | (log["week"] < 5)]
    check = leavers(panel.fit("y ~ x + z", twin, **KEYS).groups[0].design)
    assert np.isnan(check.statistic)
    assert "singular" in check.note


def test_causes_of_the_same_period_that_nearly_two_clusters_judge(log: pd.DataFrame) -> None:
    data = nearly_two_clusters(log)
    data = data.assign(entity=data["region"], time=data["week"] + 8 * data.groupby("region")["user"].rank("dense") - 8)
    spec = PanelSpec(label={}, formula="y ~ lag(x) + lag(z)", effects="entity", cluster="entity", by="platform_type")
    fit = panel.fit(spec.formula, data, entity="entity", time="time", effects="entity", cluster="entity")
    row = own_past("one", spec, fit, data, zero).set_index("quantity").loc["same_period"]
    assert pd.isna(row.get("statistic"))
    assert "singular" in row["note"]


def test_paths_of_groups_of_which_one_alone_is_uncertain() -> None:
    fit = SimpleNamespace(theta=np.array([0.1, 0.2, 0.3]), vcov=lambda: np.diag([1e-12, 1e-12, 1.0]), n=90)
    (row,) = _equality_rows({"y ~ x": np.arange(3)}, fit, ["a", "b", "c"], "app").to_dict("records")  # type: ignore[arg-type]
    assert pd.isna(row.get("statistic"))
    assert "singular" in row["note"]


def test_moderators_that_say_nearly_the_same() -> None:
    rng = np.random.default_rng(1)
    year = rng.normal(size=12)
    sets = pd.DataFrame({"year": year, "age": year + 1e-7 * rng.normal(size=12)})
    with pytest.raises(SynthesisError, match="say the same"):
        synthesis.moderators(rng.normal(size=12), np.full(12, 0.1), sets)
