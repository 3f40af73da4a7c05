"""Slopes by platform type: recovery, tests of equality, users on two platforms."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models import panel
from models.panel.engine.joint import joint_covariance

FORMULA = "stickiness ~ value + trust + participation"
KEYS = {"entity": "user", "time": "month"}
SLOPES = {"content": 0.0, "social": 0.5, "vertical": 0.3}


def test_equal_slopes_by_separate_fits_is_the_interacted_wald_test(platforms):
    """With own month effects and HC0 errors the two ways are one estimator."""
    data = platforms(n_user=90)
    separate = panel.wald_equal(panel.fit(FORMULA, data, by="platform_type", se_type="hc0", **KEYS), "trust")
    kinds = pd.get_dummies(data["platform_type"], dtype=float)
    wide = data.assign(**{f"{x}_{k}": data[x] * kinds[k] for x in ("value", "trust", "participation") for k in kinds})
    names = [f"{x}_{k}" for x in ("value", "trust", "participation") for k in kinds]
    season = {f"{k}_{m}": kinds[k] * (data["month"] == m) for k in list(kinds)[1:] for m in range(2, 11)}
    formula = f"stickiness ~ {' + '.join([*names, *season])}"
    joint = panel.fit(formula, wide.assign(**season), se_type="hc0", cluster="user", **KEYS)
    e = joint.groups[0].estimate
    place = [e.names.index(f"trust_{k}") for k in kinds]
    contrast = np.array([[1.0, 0, -1], [0, 1, -1]])
    difference = contrast @ e.params[place]
    cov = contrast @ e.cov[np.ix_(place, place)] @ contrast.T
    # 1e-6: the interacted fit solves for 60 dummies
    np.testing.assert_allclose(separate.statistic, difference @ np.linalg.solve(cov, difference), rtol=1e-6)


@pytest.mark.parametrize("cluster", ["user", "city"])
def test_streaming_in_memory_keeps_what_groups_share(platforms, cluster):
    """Each city, and each user, is on all platforms."""
    data = platforms(n_user=60)
    city = data["user"].str[-1].map(lambda c: f"city {int(c) % 7}")
    moved = data["platform_type"].map({"content": "social", "social": "vertical", "vertical": "content"})
    twice = pd.concat([data.assign(city=city), data.assign(city=city, platform_type=moved)], ignore_index=True)
    options = KEYS | {"by": "platform_type", "cluster": cluster}
    plain, streamed = (panel.fit(FORMULA, twice, engine=e, **options) for e in ("linearmodels", "streaming"))
    assert streamed.glance()["engine"].str.startswith("streaming").all()
    pairs, again = (panel.pairwise(f, "trust")["se"] for f in (plain, streamed))
    np.testing.assert_allclose(again, pairs, rtol=1e-8)  # the same sums in another order
    np.testing.assert_allclose(*(panel.wald_equal(f, "trust").statistic for f in (plain, streamed)), rtol=1e-8)
    apart = plain.tidy().query("term == 'trust'")["se"].to_numpy()
    assert not np.allclose(pairs, np.hypot(apart[[0, 0, 1]], apart[[1, 2, 2]]), rtol=1e-3)


@pytest.mark.parametrize("bandwidth", [0, 2, None])
def test_driscoll_kraay_of_groups_is_that_of_the_interacted_model(platforms, bandwidth):
    """Common shocks tie the groups; own intercepts and own regressors make two fits one."""
    data = platforms(n_user=40).query("platform_type != 'vertical'")
    options = KEYS | {"effects": "entity", "se_type": "driscoll-kraay", "bandwidth": bandwidth}
    apart = panel.fit("stickiness ~ value + trust", data, by="platform_type", **options)
    social = (data["platform_type"] == "social").astype(float)
    wide = data.assign(value_social=data["value"] * social, trust_social=data["trust"] * social)
    joint = panel.fit("stickiness ~ value + trust + value_social + trust_social", wide, **options)
    pair, row = panel.pairwise(apart, "trust").iloc[0], joint.tidy().set_index("term").loc["trust_social"]
    np.testing.assert_allclose([-pair["est"], pair["se"]], [row["est"], row["se"]], rtol=1e-8)  # an identity
    twice = apart["content"], apart["content"]
    blocks = joint_covariance(twice, apart.spec)
    for block in (blocks[0][0], blocks[0][1]):
        np.testing.assert_allclose(block, twice[0].estimate.cov, rtol=1e-8)  # linearmodels' numbers


def test_two_groups_wald_is_the_squared_pairwise_difference(platforms):
    data = platforms().query("platform_type != 'vertical'")
    fit = panel.fit(FORMULA, data, by="platform_type", **KEYS)
    pair = panel.pairwise(fit, "trust").iloc[0]
    test = panel.wald_equal(fit, "trust")
    assert test.df == 1
    np.testing.assert_allclose(test.statistic, pair["statistic"] ** 2, rtol=1e-10)
    assert pair["pvalue_holm"] == pair["pvalue"]


def test_a_user_on_two_platforms_ties_their_errors(platforms):
    """The same rows on both platforms: the difference is exactly zero and so is its error."""
    data = platforms(n_user=40).assign(platform_type="content")
    twice = pd.concat([data, data.assign(platform_type="social")], ignore_index=True)
    fit = panel.fit(FORMULA, twice, by="platform_type", **KEYS)
    assert panel.pairwise(fit, "trust")["se"][0] < 1e-8
    assert fit.dropped["rule"].str.contains("user in several groups of platform_type: 40").any()


def test_holm_equals_its_definition():
    p = np.array([0.01, 0.04, 0.03, 0.005])
    # by hand: sorted .005·4, .01·3, .03·2, .04·1, made non-decreasing
    np.testing.assert_allclose(panel.holm(p), [0.03, 0.06, 0.06, 0.02])


def test_unknown_terms_and_single_groups_are_refused(platforms):
    data = platforms(n_user=30)
    with pytest.raises(panel.PanelError, match="'trst' is not a term of the model; did you mean 'trust'"):
        panel.wald_equal(panel.fit(FORMULA, data, by="platform_type", **KEYS), "trst")
    with pytest.raises(panel.PanelError, match="two or more groups; fit with by="):
        panel.wald_equal(panel.fit(FORMULA, data, **KEYS), "trust")


def test_trust_is_found_where_it_works_and_not_where_it_does_not(platforms):
    fit = panel.fit(FORMULA, platforms(n_user=600, seed=3), by="platform_type", **KEYS)
    trust = fit.tidy().query("term == 'trust'").set_index("group")
    for group, truth in SLOPES.items():
        # 3.5 standard errors: a wrong estimator is off by tens
        assert abs(trust.loc[group, "est"] - truth) < 3.5 * trust.loc[group, "se"]
    assert panel.wald_equal(fit, "trust").pvalue < 1e-6
    assert trust.loc["content", "pvalue"] > 0.01


@pytest.mark.slow
def test_intervals_cover_the_truth_and_the_wald_test_keeps_its_size(platforms):
    covered, rejected, n = np.zeros(3), 0, 200
    for seed in range(n):
        fit = panel.fit(FORMULA, platforms(n_user=150, n_month=6, seed=seed), by="platform_type", **KEYS)
        trust = fit.tidy().query("term == 'trust'").set_index("group").loc[list(SLOPES)]
        truth = np.array(list(SLOPES.values()))
        covered += (trust["ci_lower"] < truth) & (truth < trust["ci_upper"])
        rejected += panel.wald_equal(fit, "value").pvalue < 0.05
    # the 0.1 % and 99.9 % points of 200 draws at the nominal rate
    low, high = stats.binom.ppf([0.001, 0.999], n, 0.95)
    assert ((covered >= low) & (covered <= high)).all()
    assert rejected <= stats.binom.ppf(0.999, n, 0.07)  # 50 users a group: a Wald test is a little liberal
