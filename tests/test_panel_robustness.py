"""Slopes under other estimators and errors, few clusters by bootstrap, placebo leads that are zero where true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import behaviour, panel, specs
from models.behaviour import few_clusters, panel_checks, robustness, sensitivity
from models.behaviour.without_groups import slopes_without_groups
from models.benchmark import Design
from models.benchmark.behaviour import draw
from models.choices import choices
from tests.conftest import words, zero

MEASURES = {"value", "trust", "participation", "identification", "stickiness", "value_social"}


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    found = draw(Design.of({"users": 600, "months": 12}), np.random.default_rng(5)).panel
    return found.drop(columns="platform_type")


@pytest.fixture(scope="module")
def checks(users: pd.DataFrame) -> pd.DataFrame:
    _, fit = behaviour.slopes("identification_next", users, MEASURES, zero)
    return panel_checks("identification_next", fit, users, MEASURES, zero)


@pytest.fixture(scope="module")
def few(users: pd.DataFrame) -> pd.DataFrame:
    return users[users["entity"].isin(users["entity"].unique()[:9])]


def test_users_who_differ_bias_pooled_and_between_but_not_within(checks: pd.DataFrame) -> None:
    """All slopes of the benchmark are 0.19 on average within users; one trait lifts everything between them."""
    table = checks[checks["table"] == "estimators"].set_index(["group", "term"])
    within, between = table.loc[("twoway", "lag(value)")], table.loc[("between", "lag(value)")]
    assert abs(within["estimate"] - 0.19) < 3.3 * within["se"]
    assert set(table.index.get_level_values(0)) == {
        "pooled",
        "between",
        "random",
        "entity",
        "twoway",
        "first-difference",
    }
    assert between["estimate"] != pytest.approx(within["estimate"], abs=within["se"])


def test_errors_change_and_the_slope_does_not(checks: pd.DataFrame, users: pd.DataFrame) -> None:
    table = checks[(checks["table"] == "errors") & (checks["term"] == "lag(trust)")].set_index("group")
    assert table["estimate"].nunique() == 1
    assert table["se"].nunique() == 3
    formula = specs.panel_specs()["identification_next"].formula
    kernel = panel.fit(formula, users, entity="entity", time="time", se_type="driscoll-kraay").tidy().set_index("term")
    assert table.loc["driscoll-kraay", "se"] == kernel.loc["lag(trust)", "se"]


def test_the_future_does_not_matter_where_causes_are_strictly_exogenous(checks: pd.DataFrame) -> None:
    """In the benchmark nothing leads back from identification to its causes."""
    table = checks[checks["table"] == "placebo"]
    joint = table[table["quantity"] == "joint"].iloc[0]
    assert joint["df"] == 3
    assert joint["pvalue"] > 0.01  # one seed; rejects in one of a hundred
    assert (table["term"].str.startswith("lead(") | (table["quantity"] == "joint")).all()


def test_the_future_matters_where_the_cause_answers_to_the_outcome(users: pd.DataFrame) -> None:
    answer = users.sort_values(["entity", "time"])
    answer["trust"] += 0.5 * answer.groupby("entity")["identification"].shift(1).fillna(10)
    _, fit = behaviour.slopes("identification_next", answer, MEASURES, zero)
    table = sensitivity.placebo("identification_next", specs.panel_specs()["identification_next"], fit, answer, zero)
    assert table.loc[table["quantity"] == "joint", "pvalue"].item() < 1e-6


def test_slopes_that_differ_over_users_have_a_spread(checks: pd.DataFrame) -> None:
    """Slopes on value differ by platform type (0 to 0.30), those on trust less (0.10 to 0.25)."""
    table = checks[checks["table"] == "random_slopes"].set_index(["term", "quantity"])["estimate"]
    assert table["lag(value)", "spread"] > 0.08
    assert 0.2 < table["lag(value)", "mean"] < 0.4


def test_no_ten_users_carry_a_slope_of_six_hundred(checks: pd.DataFrame, users: pd.DataFrame) -> None:
    table = checks[checks["table"] == "influence"].set_index(["term", "quantity"])
    plain = checks[(checks["table"] == "estimators") & (checks["group"] == "twoway")].set_index("term")
    for term in ("lag(value)", "lag(trust)", "lag(participation)"):
        without = table.loc[(term, "without")]
        assert 0 < without["ci_lower"] < without["estimate"] < plain.loc[term, "estimate"]
        assert 0.1 < table.loc[(term, "single"), "estimate"] < 1
    assert words(without["note"]) == "without 10 of 600 users"


def test_one_user_who_carries_a_slope_is_found(users: pd.DataFrame) -> None:
    """A user whose identification follows a huge swing of value, among many for whom it does not."""
    rng = np.random.default_rng(1)
    data = users[["entity", "time"]].assign(
        value=rng.normal(size=len(users)), identification=rng.normal(size=len(users))
    )
    odd = data["entity"] == data["entity"].iloc[0]
    data.loc[odd, "value"] = 100.0 * np.arange(odd.sum())
    data.loc[odd, "identification"] = 100.0 * (np.arange(odd.sum()) - 1)
    _, fit = behaviour.slopes("identification_next", data, {"value", "identification"}, zero)
    table = sensitivity.influential("identification_next", fit, data, ["lag(value)"], zero).set_index("quantity")
    assert fit.tidy()["est"].iloc[0] > 0.9
    assert table.loc["single", "estimate"] > 20
    assert abs(table.loc["without", "estimate"]) < 0.1


@pytest.fixture(scope="module")
def of_few(few: pd.DataFrame) -> tuple[pd.DataFrame, panel.PanelFit]:
    """Rows and fit of the nine clusters."""
    rows, fit = behaviour.slopes("identification_next", few, MEASURES, zero)
    assert fit is not None
    return rows, fit


def test_nine_clusters_decide_by_the_wild_bootstrap(few: pd.DataFrame, of_few: tuple) -> None:
    rows, fit = of_few
    decisive = rows[(rows["quantity"] == "raw") & (rows["term"] == "lag(value)")].iloc[0]
    assert decisive["hypothesis"] == "H1a"
    own = panel.wild_cluster_bootstrap(fit, "lag(value)", draws=choices.wild_bootstrap_draws, weights="webb")
    assert decisive["pvalue"] == own.pvalue
    assert words(decisive["note"]).startswith("9 clusters: p by wild cluster bootstrap; by clustered errors p = ")
    spec = specs.panel_specs()["identification_next"]
    errors = robustness.other_errors("identification_next", spec, fit, few, zero)
    assert set(errors["group"]) == {"entity", "entity + time", "driscoll-kraay", "wild"}


def test_standardised_slopes_have_the_same_bootstrap_p(of_few: tuple) -> None:
    rows, _ = of_few
    p = rows[rows["term"] == "lag(trust)"].set_index("quantity")["pvalue"]
    assert p["raw"] == p["std"]


def test_many_clusters_keep_their_clustered_errors(users: pd.DataFrame) -> None:
    rows, fit = behaviour.slopes("identification_next", users, MEASURES, zero)
    assert set(rows[rows["table"] == "slopes"]["definition"]) == {"two_way_clustered"}
    assert not few_clusters.few(fit["all"])


def test_a_panel_too_small_for_a_check_says_why(users: pd.DataFrame) -> None:
    tiny = users[users["entity"].isin(users["entity"].unique()[:4]) & (users["time"] < users["time"].min() + 6)]
    _, fit = behaviour.slopes("identification_next", tiny, MEASURES, zero)
    table = panel_checks("identification_next", fit, tiny, MEASURES, zero)
    missing = table[table["estimate"].isna() & (table["quantity"] != "joint")]
    assert len(missing) > 0
    assert missing["note"].map(words).str.len().gt(20).all()


def test_a_panel_too_small_for_the_model_says_why(users: pd.DataFrame) -> None:
    tiny = users[users["entity"].isin(users["entity"].unique()[:2]) & (users["time"] < users["time"].min() + 4)]
    rows, fit = behaviour.slopes("identification_next", tiny, MEASURES, zero)
    assert fit is None
    failed = rows[rows["quantity"] == "failed"].iloc[0]
    assert words(failed["note"]) == "there is one entity (U000002); twoway effects need at least two"


def test_the_jackknife_lies_nearer_to_the_truth_than_least_squares(users: pd.DataFrame) -> None:
    table = panel_checks("value_cross_lags", None, users, MEASURES, zero)
    own = table[table["term"] == "lag(value)"].set_index("group")["estimate"]
    assert abs(own["jackknife"] - 0.25) < abs(own["twoway"] - 0.25) / 2


def test_nothing_that_questions_a_slope_decides_a_hypothesis(checks: pd.DataFrame) -> None:
    assert "hypothesis" not in checks


def test_a_slope_that_one_platform_makes_is_gone_without_it(users: pd.DataFrame) -> None:
    """Shuffling a cause among the users of two platforms leaves its slope to the third."""
    data = users.copy()
    kinds = np.array(["content", "social", "vertical"])
    data["platform_type"] = kinds[data["entity"].astype("category").cat.codes % 3]
    quiet = data["platform_type"] != "vertical"
    data.loc[quiet, "value"] = np.random.default_rng(1).permutation(data.loc[quiet, "value"])
    spec = specs.panel_specs()["identification_next"]
    fit = panel.fit(spec.formula, data, entity="entity", time="time")
    rows = slopes_without_groups("identification_next", spec, fit, data, ["lag(value)", "lag(trust)"], zero)
    clear = rows.assign(clear=rows["pvalue"] < 0.01).set_index(["term", "group"])["clear"]
    assert clear["lag(trust)"].all()
    assert clear["lag(value)"].to_dict() == {
        "platform_type: content": True,
        "platform_type: social": True,
        "platform_type: vertical": False,
    }
    two = data[data["platform_type"] != "social"]
    assert slopes_without_groups("identification_next", spec, fit, two, ["lag(value)"], zero).empty
