"""Event study by imputation: dense algebra, recovery under effects that grow, pre-trends, placebo."""

import numpy as np
import pandas as pd
import pytest

from models import panel

KEYS = {"entity": "user", "time": "month", "start": "campaign"}


def roll_out(n_user=200, n_month=10, seed=0, missing=0.1, slope=0.0, spread=1.0):
    """Three cohorts and never-treated users; the effect is 1 + horizon, larger for the earliest."""
    rng = np.random.default_rng(seed)
    user, month = np.repeat(np.arange(n_user), n_month), np.tile(np.arange(n_month), n_user)
    campaign = np.array([4.0, 6.0, 8.0, np.nan])[user % 4]
    horizon = month - campaign
    effect = np.where(horizon >= 0, (1 + horizon) * np.where(campaign == 4, 1.5, 1.0), 0.0)
    price = rng.normal(size=len(user))
    y = rng.normal(size=n_user)[user] + rng.normal(size=n_month)[month] + effect - 0.5 * price
    y += slope * np.nan_to_num(horizon) + spread * rng.normal(size=len(user))
    frame = pd.DataFrame({"user": user, "month": month, "campaign": campaign, "y": y, "price": price})
    return frame.assign(effect=effect)[rng.random(len(user)) > missing].reset_index(drop=True)


@pytest.mark.parametrize("controls", ["1", "price"])
def test_effects_and_errors_by_dense_algebra(controls):
    data = roll_out(n_user=24)
    result = panel.event_study(f"y ~ {controls}", data, **KEYS)
    treated = (data["month"] >= data["campaign"]).to_numpy()
    dummies = np.hstack([pd.get_dummies(data[key]).to_numpy(dtype=float) for key in ("user", "month")])
    z = dummies if controls == "1" else np.column_stack([dummies, data["price"]])
    learnt = np.linalg.pinv(z[~treated])
    tau = data["y"].to_numpy() - z @ (learnt @ data["y"][~treated])
    horizon = (data["month"] - data["campaign"]).to_numpy()
    for j, h in enumerate([*result.horizons, None]):
        w = treated.astype(float) if h is None else (horizon == h).astype(float)
        w /= w.sum()
        v = w.copy()
        v[~treated] = -(w[treated] @ z[treated]) @ learnt
        residual = tau.copy()
        for _, rows in data[treated].groupby(["campaign", "month"]).groups.items():
            squares = v[rows] ** 2
            residual[rows] -= (squares @ tau[rows]) / squares.sum() if squares.sum() else 0.0
        se = np.sqrt(pd.Series(v * residual).groupby(data["user"]).sum().pow(2).sum())
        # 1e-9: the same least squares through a pseudo-inverse
        np.testing.assert_allclose(result.params[j], w @ tau, rtol=1e-9)
        np.testing.assert_allclose(result.se[j], se, rtol=1e-9)


@pytest.fixture
def reference_roll_out(fixture_frame):
    data = fixture_frame("roll_out")
    return data.assign(campaign=data["start"].where(data["start"] > 0))


def test_imputation_equals_other_programs(reference_roll_out, fixture_json):
    result = panel.event_study("y ~ 1", reference_roll_out, **KEYS)
    reference = fixture_json("events")
    imputed = [*reference["imputation"]["by_horizon"].values(), reference["imputation"]["average"]]
    # 1e-6: diff-diff demeans by iteration
    np.testing.assert_allclose(result.params, [entry["est"] for entry in imputed], rtol=1e-6)
    np.testing.assert_allclose(result.se, [entry["se"] for entry in imputed], rtol=1e-6)
    two_stage = [reference["did2s_by_horizon"]["est"], reference["did2s_average"]["est"]]
    # 2e-5: pyfixest's default tolerance of its first stage
    np.testing.assert_allclose(result.params, [v for part in two_stage for v in part.values()], rtol=2e-5)


def test_interaction_weighted_equals_sun_abraham_of_another_program(reference_roll_out, fixture_json):
    result = panel.interaction_weighted("y ~ 1", reference_roll_out, **KEYS)
    reference = fixture_json("events")["sun_abraham"]
    entries = [*reference["by_horizon"].values(), reference["average"]]
    # 1e-6: diff-diff demeans by iteration
    np.testing.assert_allclose(result.params, [entry["est"] for entry in entries], rtol=1e-6)
    ratio = np.array([entry["se"] for entry in entries]) / result.se
    # one small-sample factor, which counts the absorbed effects there and not here
    np.testing.assert_allclose(ratio, ratio[0], rtol=2e-3)
    assert 1 < ratio[0] < 1.01


def test_a_second_estimator_agrees_where_both_are_right():
    data = roll_out(n_user=400, seed=3, missing=0.0)
    first = panel.event_study("y ~ price", data, **KEYS)
    second = panel.interaction_weighted("y ~ price", data, **KEYS)
    assert second.horizons == first.horizons
    # 3.5 standard errors of the less precise one
    assert (np.abs(second.params - first.params) < 3.5 * second.se).all()
    with pytest.raises(panel.PanelError, match="nobody to compare with"):
        panel.interaction_weighted("y ~ 1", data.dropna(subset="campaign"), **KEYS)


def test_growing_effects_are_recovered_where_two_way_effects_are_not():
    data = roll_out(n_user=800, seed=1)
    result = panel.event_study("y ~ price", data, **KEYS)
    truth = data[data["month"] >= data["campaign"]].assign(h=data["month"] - data["campaign"])
    by_horizon = truth.groupby("h")["effect"].mean().to_numpy()
    # 3.5 standard errors
    assert (np.abs(result.params[:-1] - by_horizon) < 3.5 * result.se[:-1]).all()
    average = truth["effect"].mean()
    assert abs(result.params[-1] - average) < 3.5 * result.se[-1]
    naive = data.assign(on=(data["month"] >= data["campaign"]).astype(float))
    naive = panel.fit("y ~ on + price", naive, entity="user", time="month").tidy()
    assert naive["est"][0] < average - 10 * result.se[-1]


def test_pretrends_and_placebo_are_silent_or_loud():
    honest = panel.event_study("y ~ price", roll_out(seed=2), **KEYS)
    trended = panel.event_study("y ~ price", roll_out(seed=2, slope=0.5), **KEYS)
    assert honest.pretrend.pvalue > 0.01
    assert trended.pretrend.pvalue < 1e-6
    placebo = panel.event_study("y ~ price", roll_out(seed=2), placebo=2, leads=0, **KEYS)
    assert abs(placebo.params[-1]) < 3.5 * placebo.se[-1]
    assert placebo.horizons == (0, 1)
    assert placebo.dropped["rule"][0] == "placebo: truly treated"


def test_rows_that_cannot_be_imputed_are_on_record():
    data = roll_out()
    data[["month", "campaign"]] += 10
    always = data.assign(campaign=np.where(data["user"] == 0, 9.0, data["campaign"]))
    assert "treated in all its periods" in panel.event_study("y ~ 1", always, **KEYS).dropped["rule"][0]
    all_treated = data.dropna(subset="campaign")
    assert "period in which all are treated" in panel.event_study("y ~ 1", all_treated, **KEYS).dropped["rule"][0]
    with pytest.raises(panel.PanelError, match="no row is treated"):
        panel.event_study("y ~ 1", data.assign(campaign=np.nan), **KEYS)
    with pytest.raises(panel.PanelError, match="campaign changes within user"):
        panel.event_study("y ~ 1", data.assign(campaign=data["month"]), **KEYS)


@pytest.mark.slow
def test_intervals_cover_the_average_effect():
    covered = 0
    for seed in range(200):
        data = roll_out(n_user=120, seed=seed)
        result = panel.event_study("y ~ price", data, leads=0, **KEYS).tidy().iloc[-1]
        truth = data.loc[data["month"] >= data["campaign"], "effect"].mean()
        covered += result["ci_lower"] < truth < result["ci_upper"]
    assert covered >= 181  # the 0.1 % point of 200 draws at 95 %
