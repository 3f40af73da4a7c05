"""Necessary conditions: the empty corner is measured exactly and tested at its nominal level."""

import numpy as np
import pytest

from models import measurement
from models.measurement.errors import MeasurementError, ScaleError, TooFewRowsError
from models.measurement.necessity.necessary_condition import ConstantVariableError

STAIRS_X = np.array([0, 1, 1, 2, 3, 4, 4, 4, 2, 3.0])
STAIRS_Y = np.array([1, 2, 0, 2, 3, 4, 1, 0, 1, 2.0])


def effect(result: measurement.NecessaryCondition, ceiling: str):
    return result.effects.set_index("ceiling").loc[ceiling]


def test_step_ceiling_worked_by_hand():
    """Steps at heights 1, 2, 2, 3 over unit widths below a roof at 4: empty area 3 + 2 + 2 + 1 = 8 of 16."""
    result = measurement.necessary_condition(STAIRS_X, STAIRS_Y, n_permutations=0)
    row = effect(result, "ce_fdh")
    assert row["ceiling_zone"] == pytest.approx(8)
    assert row["d"] == pytest.approx(0.5)
    assert row["accuracy"] == 1
    assert result.peers.to_numpy().tolist() == [[0, 1], [1, 2], [3, 3], [4, 4]]


def test_regression_ceiling_worked_by_hand():
    """Line through (0,1), (1,2), (3,3), (4,4): slope 0.7, intercept 1.1, below the roof throughout."""
    row = effect(measurement.necessary_condition(STAIRS_X, STAIRS_Y, n_permutations=0), "cr_fdh")
    assert (row["slope"], row["intercept"]) == (pytest.approx(0.7), pytest.approx(1.1))
    assert row["ceiling_zone"] == pytest.approx((2.9 + 0.1) / 2 * 4)
    assert row["accuracy"] == pytest.approx(8 / 10)  # the peers (1, 2) and (4, 4) lie above the line


@pytest.mark.parametrize("ceiling", ["ce_fdh", "cr_fdh"])
def test_zone_is_the_share_of_random_points_above_the_ceiling(ceiling):
    rng = np.random.default_rng(1)
    x, y = rng.beta(2, 2, (2, 300))
    y *= np.minimum(1, 0.3 + x)
    result = measurement.necessary_condition(x, y, scope=((0, 1), (0, 1)), n_permutations=0)
    u, v = rng.random((2, 400_000))
    row = effect(result, ceiling)
    corner = result.peers.to_numpy()
    if ceiling == "cr_fdh":
        height = row["intercept"] + row["slope"] * u
    else:
        reached = np.searchsorted(corner[:, 0], u, side="right") - 1
        height = np.where(reached >= 0, corner[reached, 1], 0)
    assert row["d"] == pytest.approx((v > height).mean(), abs=0.003)  # four standard errors of 400,000 points


def test_bottleneck_names_the_condition_each_level_needs():
    table = measurement.necessary_condition(STAIRS_X, STAIRS_Y, n_permutations=0, steps=4).bottleneck
    step = table[table["ceiling"] == "ce_fdh"].set_index("outcome")
    assert step.loc[[0.0, 1.0], "note"].tolist() == ["not necessary", "not necessary"]
    assert step.loc[[2.0, 3.0, 4.0], "condition"].tolist() == [1, 3, 4]
    assert step.loc[3.0, "condition_percent"] == 75
    line = table[table["ceiling"] == "cr_fdh"].set_index("outcome")
    assert line.loc[3.0, "condition"] == pytest.approx((3 - 1.1) / 0.7)
    assert line.loc[4.0, "note"] == "not reached within the scope"


def test_planted_necessity_is_found():
    rng = np.random.default_rng(2)
    x = rng.random(300)
    y = rng.random(300) * np.minimum(1, 0.2 + x)
    result = measurement.necessary_condition(x, y, n_permutations=300, seed=1)
    assert result.effects["necessary"].all()
    assert result.effects["d"].between(0.15, 0.45).all()  # the planted empty triangle is 0.32 of the unit square


def test_a_linear_relation_alone_is_no_necessity():
    """Bivariate normal answers have no ceiling, however strongly they correlate and however small p of independence."""
    rng, labelled = np.random.default_rng(5), 0
    for k in range(40):
        x = rng.normal(size=150)
        y = 0.6 * x + 0.8 * rng.normal(size=150)
        found = measurement.necessary_condition(x, y, n_permutations=39, seed=k).effects
        labelled += bool(found["necessary"].any())
    assert labelled <= 6  # 5 % nominal for each of two ceilings; independence alone labels nearly all


@pytest.mark.slow
def test_permutation_test_keeps_its_level_without_necessity():
    rng = np.random.default_rng(3)
    rejected = np.zeros(2)
    for k in range(100):
        x, y = np.round(rng.normal(4, 1.2, (2, 80)))
        result = measurement.necessary_condition(x, y, n_permutations=99, seed=k)
        rejected += (result.effects["pvalue"] <= 0.05).to_numpy()
    assert (rejected <= 11).all()  # 5 % nominal; more than 11 in 100 has probability 0.004


def test_seed_makes_the_pvalue_repeatable():
    x, y = np.random.default_rng(4).normal(size=(2, 60))
    first, second = (measurement.necessary_condition(x, y, n_permutations=50, seed=9).effects for _ in range(2))
    assert first.equals(second)


def test_one_bounding_observation_leaves_no_line():
    x, y = np.r_[0.0, np.linspace(0.1, 1, 20)], np.r_[1.0, np.linspace(0, 0.5, 20)]
    row = effect(measurement.necessary_condition(x, y, n_permutations=20, seed=1), "cr_fdh")
    assert row["d"] == 0
    assert str(row["note"]) == "no line, because a single observation bounds the scatter"


def test_wrong_input_is_refused_with_the_remedy():
    x, y = np.random.default_rng(5).random((2, 50))
    with pytest.raises(ConstantVariableError, match="the outcome is 3 for everyone; it has to vary"):
        measurement.necessary_condition(x, np.full(50, 3.0))
    with pytest.raises(TooFewRowsError, match="5 complete pairs of condition and outcome; at least 10"):
        measurement.necessary_condition(np.r_[x[:5], np.full(45, np.nan)], y)
    with pytest.raises(ScaleError, match="beyond the scope .* Widen the scope"):
        measurement.necessary_condition(x + 1, y, scope=((0, 1), (0, 1)))
    with pytest.raises(MeasurementError, match="expected two vectors of equal length"):
        measurement.necessary_condition(x, y[:-1])
