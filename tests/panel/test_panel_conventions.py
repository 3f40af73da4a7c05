"""The small-sample factor that is shown is the factor that was applied."""

import numpy as np
import pytest
from linearmodels.panel import PanelOLS
from scipy import stats

from models import panel

KEYS = {"entity": "user", "time": "month"}
FORMULA = "stickiness ~ value + trust"


@pytest.mark.parametrize("effects", ["pooled", "random", "entity", "time", "twoway", "first-difference", "mundlak"])
@pytest.mark.parametrize("se_type", ["stata", "hc1", "linearmodels"])
def test_the_factor_shown_is_the_factor_on_the_plain_sandwich(platforms, effects, se_type):
    data = platforms(n_user=40)
    plain = panel.fit(FORMULA, data, effects=effects, se_type="hc0", **KEYS).tidy()["se"] ** 2
    fit = panel.fit(FORMULA, data, effects=effects, se_type=se_type, **KEYS)
    # 1e-10: one multiplication
    np.testing.assert_allclose(fit.tidy()["se"] ** 2, plain * fit.glance()["factor"][0], rtol=1e-10)


def test_stata_means_g_and_n_and_k(platforms):
    row = panel.fit(FORMULA, platforms(n_user=40), **KEYS).glance().iloc[0]
    g, n, k = row["n_clusters"], row["nobs"], 2
    assert row["factor"] == g / (g - 1) * (n - 1) / (n - k)
    assert row["factor_formula"] == "G/(G-1) * (N-1)/(N-k)"
    assert row["df"] == g - 1


def test_linearmodels_means_its_own_defaults(platforms):
    data = platforms(n_user=40)
    fit = panel.fit(FORMULA, data, se_type="linearmodels", **KEYS).tidy()
    frame = data.assign(unit=data["user"].str[1:].astype(int)).set_index(["unit", "month"])
    model = PanelOLS(frame["stickiness"], frame[["value", "trust"]], entity_effects=True, time_effects=True)
    own = model.fit(cov_type="clustered", cluster_entity=True)
    # 1e-12: the same program
    np.testing.assert_allclose(fit["se"], own.std_errors, rtol=1e-12)
    np.testing.assert_allclose(fit["pvalue"], own.pvalues, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("clusters", [["unit"], ["unit", "month"], []])
@pytest.mark.parametrize("effects", ["entity", "time", "twoway"])
def test_least_squares_of_transformed_rows_is_what_linearmodels_own_model_gives(platforms, effects, clusters):
    data = platforms(n_user=40).sample(frac=0.9, random_state=1)
    data = data.assign(unit=data["user"].str[1:].astype(int)).sort_values(["unit", "month"])
    fit = panel.fit(FORMULA, data, effects=effects, cluster=clusters, entity="unit", time="month").tidy()
    frame = data.set_index(["unit", "month"], drop=False)
    inside = {"entity_effects": effects != "time", "time_effects": effects != "entity"}
    model = PanelOLS(frame["stickiness"], frame[["value", "trust"]], **inside)
    how = {"cov_type": "clustered", "clusters": frame[clusters], "group_debias": True} if clusters else {}
    own = model.fit(auto_df=False, count_effects=False, **({"cov_type": "robust"} | how))
    # 1e-10: effects are taken out by another algebra
    np.testing.assert_allclose(fit["est"], own.params, rtol=1e-10)
    np.testing.assert_allclose(fit["se"], own.std_errors, rtol=1e-10)


def test_intervals_and_pvalues_are_those_of_t_with_clusters_less_one(platforms):
    row = panel.fit(FORMULA, platforms(n_user=40), **KEYS).tidy(level=0.9).iloc[0]
    t = stats.t(39)
    np.testing.assert_allclose(row["pvalue"], 2 * t.sf(abs(row["est"] / row["se"])), rtol=1e-12)
    np.testing.assert_allclose(row["ci_upper"], row["est"] + t.ppf(0.95) * row["se"], rtol=1e-12)


def test_two_cluster_columns_show_a_factor_each(platforms):
    row = panel.fit(FORMULA, platforms(n_user=40), cluster=["user", "month"], **KEYS).glance().iloc[0]
    n = row["nobs"]
    users, months = 40 / 39 * (n - 1) / (n - 2), 10 / 9 * (n - 1) / (n - 2)
    assert row["factor_formula"].endswith(f"{users:.6g}, {months:.6g} by dimension")
    assert row["df"] == 9


def test_no_cluster_is_named_where_none_is_used(platforms):
    data = platforms(n_user=40)
    for se_type, named in (("classical", ""), ("driscoll-kraay", ""), ("stata", "user"), ("hc1", "user")):
        assert panel.fit(FORMULA, data, se_type=se_type, **KEYS).glance()["cluster"][0] == named


def test_first_differences_have_an_intercept_where_the_period_is_a_regressor(platforms):
    """Least squares on the changes, without an intercept and with one, as the docstring says."""
    data = platforms(n_user=40, missing=0.0).sort_values(["user", "month"])
    changes = data.groupby("user")[["stickiness", "value", "trust"]].diff().dropna().to_numpy()
    with_one = np.column_stack([changes, np.ones(len(changes))])
    for formula, values in ((FORMULA, changes), (f"{FORMULA} + month", with_one)):
        fit = panel.fit(formula, data, effects="first-difference", **KEYS)
        assert not fit.glance()["intercept"][0]
        # 1e-9: the same regression
        np.testing.assert_allclose(fit.tidy()["est"], np.linalg.lstsq(values[:, 1:], values[:, 0])[0], rtol=1e-9)
    assert panel.fit(FORMULA, data, effects="pooled", **KEYS).glance()["intercept"][0]


def test_levels_draws_and_bandwidths_that_cannot_be_are_refused(platforms):
    data = platforms(n_user=40)
    fit = panel.fit(FORMULA, data, by="platform_type", **KEYS)
    for refused in (
        lambda: fit.tidy(level=95),
        lambda: panel.pairwise(fit, "trust", level=95),
        lambda: panel.wild_cluster_bootstrap(fit, "trust", group="social", level=95),
        lambda: panel.mediation(fit, fit, "trust", "trust", group="social", level=95),
    ):
        with pytest.raises(panel.PanelError, match="level=95: expected a share between 0 and 1, such as 0.95"):
            refused()
    with pytest.raises(panel.PanelError, match="draws=0: expected 1 or more"):
        panel.wild_cluster_bootstrap(fit, "trust", group="social", draws=0)
    with pytest.raises(panel.PanelError, match="bandwidth=-1: expected 0 or more lags"):
        panel.fit(FORMULA, data, se_type="driscoll-kraay", bandwidth=-1, **KEYS)
