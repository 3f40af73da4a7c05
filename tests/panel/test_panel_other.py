"""Hazards, random slopes, instruments and sensitivity against R and closed forms."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IVGMM
from scipy import stats

from models import panel
from models.choices import choices
from models.panel.engine.transform import demean_twoway

KEYS = {"entity": "user", "time": "month"}


def close(table, reference, rtol):
    n = len(reference["est"])
    np.testing.assert_allclose(table["est"][:n], list(reference["est"].values()), rtol=rtol)
    np.testing.assert_allclose(table["se"][:n], list(reference["se"].values()), rtol=rtol)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_equals_survival(fixture_frame, fixture_json, ties):
    fit = panel.cox("time ~ age + sex + ecog", fixture_frame("lung"), event="status", ties=ties)
    reference = fixture_json("other")[f"cox_{ties}"]
    # 1e-6: both stop Newton's method at a relative likelihood change of about 1e-9
    close(fit.tidy(), reference, 1e-6)
    np.testing.assert_allclose(fit.log_likelihood, reference["loglik"], rtol=1e-9)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_discrete_hazards_equal_glm_with_clustered_errors(fixture_frame, fixture_json, link):
    fit = panel.discrete_hazard(
        "event ~ age + sex + ecog", fixture_frame("lung_quarters"), entity="id", time="quarter", link=link
    )
    # 1e-6: Fisher scoring in both, stopped at different distances
    reference = fixture_json("other")[f"discrete_{link}"]
    np.testing.assert_allclose(fit.params[:4], list(reference["est"].values()), rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov))[:4], list(reference["se"].values()), rtol=1e-6)
    np.testing.assert_allclose(fit.log_likelihood, reference["loglik"], rtol=1e-9)


def test_separated_constant_and_collinear_regressors_are_named(fixture_frame):
    spells, quarters = fixture_frame("lung"), fixture_frame("lung_quarters")
    never = (quarters["event"] == 1) | (np.arange(len(quarters)) % 3 == 0)
    quarters = quarters.assign(
        known=quarters["event"],
        never=never.astype(float),
        twice=2 * quarters["age"] - 3,
        one=1.0,
        quick=quarters["quarter"],
    )
    keys = {"entity": "id", "time": "quarter"}
    for link in ("cloglog", "logit"):
        for cause in ("known", "never"):  # on its own, and together with the intercept: only those with it have events
            with pytest.raises(panel.PanelError, match=f"{cause}.* separates events from survivors"):
                panel.discrete_hazard(f"event ~ age + {cause}", quarters, link=link, **keys)
    with pytest.raises(panel.PanelError, match="twice is a linear combination of Intercept, age"):
        panel.discrete_hazard("event ~ age + twice", quarters, **keys)
    with pytest.raises(panel.PanelError, match="is a linear combination of quick"):
        panel.discrete_hazard("event ~ age + quick", quarters, **keys)
    spells = spells.assign(one=1.0, twice=2 * spells["age"])
    with pytest.raises(panel.PanelError, match="one has no variation"):
        panel.cox("time ~ age + one", spells, event="status")
    with pytest.raises(panel.PanelError, match="twice is a linear combination of age"):
        panel.cox("time ~ age + twice", spells, event="status")


def test_rare_but_possible_events_are_no_separation():
    """Odds of 1 to 20 000 where x is low: fitted chances near zero, yet a finite slope."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"user": np.arange(4000) // 2, "month": np.arange(4000) % 2, "x": rng.normal(size=4000) * 4})
    data["event"] = (rng.random(4000) < 1 / (1 + np.exp(3 - data["x"]))).astype(float)
    fit = panel.discrete_hazard("event ~ x", data, link="logit", baseline=False, **KEYS)
    assert abs(fit.params[1] - 1) < 4 * np.sqrt(fit.cov[1, 1])


def test_collinear_random_slopes_are_named(platforms):
    data = platforms(n_user=30).assign(twice=lambda d: 2 * d["trust"])
    with pytest.raises(panel.PanelError, match="twice is a linear combination of trust"):
        panel.random_slopes("stickiness ~ trust + twice", data, slope="trust", **KEYS)


def test_random_slopes_equal_lme4(fixture_frame, fixture_json):
    data = fixture_frame("wage_panel")
    data = data.assign(exper=data["exper"] - 6)
    fit = panel.random_slopes("wage ~ exper + union + married", data, entity="nr", time="year", slope="exper")
    reference = fixture_json("other")["random_slopes"]
    # 1e-4: two optimisers on a flat likelihood, which agrees to 1e-8
    close(fit.tidy(), reference, 1e-4)
    np.testing.assert_allclose(list(fit.spread.values()), list(reference["sd"].values()), rtol=1e-4)
    np.testing.assert_allclose(fit.log_likelihood, reference["loglik"], rtol=1e-8)


@pytest.mark.parametrize(("effects", "name"), [("entity", "iv_individual"), ("twoway", "iv_twoways")])
def test_instruments_equal_plm(fixture_frame, fixture_json, effects, name):
    data = fixture_frame("produc").sort_values(["state", "year"])
    data = data.assign(earlier=np.log(data.groupby("state")["pcap"].shift(2)), private=np.log(data["pc"]))
    fit = panel.iv(
        "log(gsp) ~ log(pcap) + log(emp) + unemp",
        data,
        endogenous=["log(pcap)"],
        instruments=["private", "earlier"],
        entity="state",
        time="year",
        effects=effects,
        se_type="hc0",
    )
    table = fit.tidy().set_index("term").loc[["log(pcap)", "log(emp)", "unemp"]].reset_index()
    # 1e-8: the same definition
    close(table, fixture_json("other")[name], 1e-8)
    assert fit.overidentification_df == 1
    assert fit.first_stage["partial_F"][0] > 10


def test_overidentification_equals_linearmodels_and_keeps_its_size_where_errors_last():
    """Errors and instruments follow AR(.9) within users; unclustered, the test would reject four times in ten."""
    n, periods, draws = 60, 15, 30
    rejected = 0
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        series = rng.normal(size=(3, n, periods))
        for t in range(1, periods):
            series[:, :, t] += 0.9 * series[:, :, t - 1]
        z1, z2, e = series.reshape(3, -1)
        x = z1 + z2 + rng.normal(size=n * periods) + 0.5 * e
        user, month = np.repeat(np.arange(n), periods), np.tile(np.arange(periods), n)
        data = pd.DataFrame({"user": user, "month": month, "x": x, "y": 0.5 * x + e, "z1": z1, "z2": z2})
        fit = panel.iv("y ~ x", data, endogenous=["x"], instruments=["z1", "z2"], **KEYS)
        rejected += fit.glance()["overidentification_pvalue"][0] < 0.05
    within = demean_twoway(data[["y", "x", "z1", "z2"]].to_numpy(), user, month)
    model = IVGMM(within[:, 0], None, within[:, 1], within[:, 2:], weight_type="clustered", clusters=user)
    np.testing.assert_allclose(fit.overidentification, model.fit(iter_limit=2).j_stat.stat, rtol=1e-8)  # one definition
    assert rejected <= stats.binom.ppf(0.999, draws, 0.05)


def test_instruments_that_cannot_be_are_refused(platforms):
    data = platforms(n_user=30).assign(kind="a", early=lambda d: np.where(d["month"] < 5, "early", "late"))
    options = KEYS | {"endogenous": ["trust"]}
    with pytest.raises(panel.PanelError, match="instrument 'value' is in the formula"):
        panel.iv("stickiness ~ trust + value", data, instruments=["value"], **options)
    for text in ("kind", "early"):
        with pytest.raises(panel.PanelError, match=f"instrument '{text}' is no column of numbers"):
            panel.iv("stickiness ~ trust + value", data, instruments=[text], **options)


@pytest.mark.parametrize("effects", ["entity", "time", "twoway"])
def test_the_level_of_a_regressor_does_not_matter(platforms, effects):
    data = platforms(n_user=60)
    slopes = [
        panel.fit(
            "stickiness ~ trust + value", data.assign(trust=data["trust"] + level), effects=effects, **KEYS
        ).tidy()
        for level in (0.0, 1e5, 1e7)
    ]
    for table in slopes[1:]:
        # 1e-8: adding 1e7 costs nine of sixteen digits
        np.testing.assert_allclose(table[["est", "se"]], slopes[0][["est", "se"]], rtol=1e-8)
    with pytest.raises(panel.PanelError, match="trust has no variation left"):
        panel.fit("stickiness ~ trust + value", data.assign(trust=1e5), effects=effects, **KEYS)


def test_oster_delta_one_is_where_the_adjusted_slope_is_zero(platforms):
    """Propositions 2 and 3 are two formulas of one equation."""
    fit = panel.fit("stickiness ~ trust + value + participation", platforms(n_user=60), effects="pooled", **KEYS)
    base = panel.oster(fit, "trust")
    low, high = base.r2_controlled + 1e-6, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if panel.oster(fit, "trust", r2_max=middle).bias_adjusted > 0 else (low, middle)
    at_zero = panel.oster(fit, "trust", r2_max=low)
    # 1e-6: bisection
    np.testing.assert_allclose([at_zero.delta, at_zero.bias_adjusted], [1, 0], atol=1e-6)


def test_oster_takes_the_multiple_of_r2_that_is_chosen(platforms):
    fit = panel.fit("stickiness ~ trust + value", platforms(n_user=60), **KEYS)
    for ratio, given in ((choices.oster_r2_ratio, {}), (1.1, {"r2_ratio": 1.1})):
        bound = panel.oster(fit, "trust", **given)
        assert bound.r2_max == pytest.approx(ratio * bound.r2_controlled, rel=1e-12)


def test_oster_recovers_the_slope_under_equal_selection():
    rng = np.random.default_rng(0)
    n = 200_000
    seen, unseen = rng.normal(size=(2, n))
    x = seen + unseen + rng.normal(size=n)
    data = pd.DataFrame({"user": np.arange(n) // 2, "month": np.arange(n) % 2, "x": x, "seen": seen})
    data["y"] = 0.7 * x + seen + unseen + rng.normal(size=n)
    fit = panel.fit("y ~ x + seen", data, effects="pooled", **KEYS)
    full = np.column_stack([np.ones(n), x, seen, unseen])
    rest = data["y"] - full @ np.linalg.lstsq(full, data["y"], rcond=None)[0]
    bound = panel.oster(fit, "x", r2_max=1 - rest.var() / data["y"].var())
    assert bound.controlled > 1.1  # confounded
    assert abs(bound.bias_adjusted - 0.7) < 0.03  # sampling error of 200 000 rows


def test_oster_from_pooled_counts_the_effects_among_the_controls(platforms):
    data = platforms(n_user=20)
    inside = panel.oster(panel.fit("stickiness ~ trust + value", data, **KEYS), "trust", baseline="pooled")
    formula = "stickiness ~ trust + value + C(user) + C(month)"
    outside = panel.oster(panel.fit(formula, data, effects="pooled", **KEYS), "trust")
    # 1e-8: projection against forty dummies
    np.testing.assert_allclose(
        inside.tidy().iloc[0, 2:].astype(float), outside.tidy().iloc[0, 2:].astype(float), rtol=1e-8
    )


def test_e_value_by_hand(platforms):
    fit = panel.fit("stickiness ~ trust", platforms(n_user=60), effects="pooled", **KEYS)
    row = panel.e_value(fit, "trust").iloc[0]
    e = fit.groups[0].estimate
    ratio = np.exp(0.91 * abs(e.params[1]) * e.transformed.x[:, 1].std() / e.transformed.y.std())
    np.testing.assert_allclose(row["e_value"], ratio + np.sqrt(ratio * (ratio - 1)), rtol=1e-12)
    assert 1 <= row["e_value_bound"] < row["e_value"]


@pytest.mark.parametrize("turned", [1.0, -1.0])
def test_an_e_value_is_bounded_by_the_nearer_end_of_the_interval_that_is_given(platforms, turned):
    data = platforms(n_user=60)
    fit = panel.fit("stickiness ~ trust", data.assign(trust=turned * data["trust"]), effects="pooled", **KEYS)
    slope = abs(fit.tidy().set_index("term").loc["trust", "est"])
    for near, bounded in ((slope, "e_value"), (-np.inf, "one")):
        ends = sorted((turned * near, turned * 2 * slope))
        row = panel.e_value(fit, "trust", interval=(ends[0], ends[1])).iloc[0]
        assert row["e_value_bound"] == {"one": 1.0}.get(bounded, row["e_value"])


def test_a_negative_control_is_the_same_model_on_another_outcome(platforms):
    data = platforms(n_user=60)
    data = data.assign(weather=np.random.default_rng(0).normal(size=len(data)))
    fit = panel.fit("stickiness ~ trust + value", data, by="platform_type", **KEYS)
    control = panel.negative_control(fit, data, "weather").tidy()
    assert control.equals(panel.fit("weather ~ trust + value", data, by="platform_type", **KEYS).tidy())
    assert (control["pvalue"] > 0.001).all()


def test_a_negative_control_and_the_outcome_may_be_columns_of_any_name(platforms):
    data = platforms(n_user=40)
    data = data.assign(weather=np.random.default_rng(0).normal(size=len(data)))
    plain = panel.negative_control(panel.fit("stickiness ~ trust", data, **KEYS), data, "weather").tidy()
    odd = data.rename(columns={"stickiness": "a~b", "weather": "my weather"})
    fit = panel.fit("`a~b` ~ trust", odd, **KEYS)
    assert panel.negative_control(fit, odd, "my weather").tidy().equals(plain)


def test_hazards_refuse_what_has_none(fixture_frame):
    spells, quarters = fixture_frame("lung"), fixture_frame("lung_quarters")
    with pytest.raises(panel.PanelError, match="status is 0 in all spells"):
        panel.cox("time ~ age", spells.assign(status=0), event="status")
    with pytest.raises(panel.PanelError, match="time must be positive; it is not in 2 spells"):
        panel.cox("time ~ age", spells.assign(time=spells["time"].where(spells.index > 1, 0)), event="status")
    keys = {"entity": "id", "time": "quarter"}
    calm = quarters.assign(event=quarters["event"].where(quarters["quarter"] != 3, 0))
    with pytest.raises(panel.PanelError, match="in period 3 no row has the event"):
        panel.discrete_hazard("event ~ age", calm, **keys)
    with pytest.raises(panel.PanelError, match="event must be 1 in the period of the event and 0 before"):
        panel.discrete_hazard("event ~ age", quarters.assign(event=2), **keys)
    again = pd.concat([quarters, quarters.drop_duplicates("id", keep="last").assign(quarter=9, event=0)])
    fit = panel.discrete_hazard("event ~ age", again, baseline=False, **keys)
    assert fit.dropped.set_index("rule")["rows"]["after the first event"] == quarters["event"].sum()
