"""Slopes that depend on something: products in the panel and traits of users find their truth, and zero where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models import behaviour, specs
from models.behaviour import panel_checks
from models.behaviour.moderation import moderated, products_apart, user_trait
from models.behaviour.panel_models import fit_spec
from models.behaviour.units import standardised
from models.benchmark import Design, truth_table
from models.benchmark.behaviour import draw
from models.remarks import remark
from tests.conftest import words, zero

GROUPS = {"platform_type", "generation", "country"}
IDENTIFICATION, TRANSACTION = "lag(identification):rival_price", "lag(transaction):rival_price"
LOAD = "lag(risk_commercialisation):lag(strategy_relation)"


def measures(data: pd.DataFrame) -> set[str]:
    return set(data) - GROUPS - {"entity", "time"}


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    return draw(Design.of({"users": 1200, "months": 12}), np.random.default_rng(17)).panel


@pytest.fixture(scope="module")
def shock(users: pd.DataFrame) -> pd.DataFrame:
    rows, fit = behaviour.slopes("price_shock", users, measures(users), zero)
    spec, standard = specs.panel_specs()["price_shock"], standardised(users, sorted(measures(users)))
    apart = products_apart("price_shock", spec, fit, fit_spec(spec, spec.formula, standard, None), zero)
    return pd.concat([rows, apart], ignore_index=True)


def test_identification_holds_against_rivals_prices_and_transactions_do_not(shock: pd.DataFrame) -> None:
    slopes = shock[(shock["table"] == "slopes") & (shock["quantity"] == "raw") & (shock["group"] == "all")]
    slopes = slopes.set_index("term")
    truth = truth_table()
    truth = truth[(truth["model"] == "price_shock") & (truth["group"] == "all")].set_index("term")["truth"]
    assert dict(truth) == {"rival_price": -0.03, IDENTIFICATION: 0.01, TRANSACTION: 0.0}
    for term, value in truth.items():
        assert slopes.loc[term, "ci_lower"] <= value <= slopes.loc[term, "ci_upper"]
    assert slopes.loc[IDENTIFICATION, "pvalue"] < 0.001
    assert slopes.loc[TRANSACTION, "pvalue"] > 0.05
    decides = slopes["hypothesis"][slopes["hypothesis"] != ""]
    assert dict(decides) == {IDENTIFICATION: "H7"}


def test_the_full_claim_is_the_difference_of_both_products(shock: pd.DataFrame) -> None:
    apart = shock[shock["table"] == "panel_products"].set_index(["term", "quantity"])
    both = [apart.loc[(term, "std"), "estimate"] for term in (IDENTIFICATION, TRANSACTION)]
    found = apart.loc[(f"{IDENTIFICATION} − {TRANSACTION}", "difference")]
    assert found["estimate"] == pytest.approx(both[0] - both[1], rel=1e-12)
    assert found["pvalue"] < 0.001
    assert set(apart["model"]) == {"price_shock"}
    assert "hypothesis" not in apart or (apart["hypothesis"].fillna("") == "").all()


def test_a_price_cut_costs_less_stickiness_where_users_identify(shock: pd.DataFrame) -> None:
    """Slopes at −1, 0 and +1 standard deviation of identification within users lie on a line through the product."""
    apart = shock[shock["table"] == "panel_products"].set_index(["term", "quantity"])["estimate"]
    low, mean, high = (apart[IDENTIFICATION, place] for place in ("low", "mean", "high"))
    assert low < mean < high < 0
    assert mean == pytest.approx((low + high) / 2, rel=1e-12)
    assert apart[TRANSACTION, "high"] == pytest.approx(apart[TRANSACTION, "low"], abs=0.006)  # 2 standard errors


def test_over_commercialisation_takes_from_strategy_what_it_does_for_trust(users: pd.DataFrame) -> None:
    rows, fit = behaviour.slopes("commercialised_strategy", users, measures(users), zero)
    slopes = rows[(rows["table"] == "slopes") & (rows["quantity"] == "raw") & (rows["group"] == "all")]
    slopes = slopes.set_index("term")
    assert slopes.loc[LOAD, "hypothesis"] == "H9b"
    for term, value in {LOAD: -0.10, "lag(strategy_relation)": 0.10, "lag(risk_commercialisation)": -0.15}.items():
        assert slopes.loc[term, "ci_lower"] <= value <= slopes.loc[term, "ci_upper"]
    spec = specs.panel_specs()["commercialised_strategy"]
    apart = products_apart("commercialised_strategy", spec, fit, fit, zero).set_index("quantity")["estimate"]
    assert apart["low"] == pytest.approx(0.2, abs=0.045)  # 0.10 + 0.10 × 1.0; three standard errors
    assert apart["high"] == pytest.approx(0.0, abs=0.045)
    as_it_is = replace(spec, centre=())  # its zero is no mean
    assert list(products_apart("commercialised_strategy", as_it_is, fit, fit, zero)["quantity"]) == ["std"]


def test_a_dated_roll_out_stands_for_a_strategy_that_is_not_measured(users: pd.DataFrame) -> None:
    """Reached from some month on: trust rises by 0.4, less under commercial load."""
    load = users["risk_commercialisation"]
    rng = np.random.default_rng(6)
    starts = pd.Series(rng.integers(24278, 24296, users["entity"].nunique()), index=users["entity"].unique())
    data = users.drop(columns="strategy_relation").assign(start_care=users["entity"].map(starts.where(starts < 24288)))
    reached = (data["time"] >= data["start_care"]).astype(float)
    pushed = (reached * (0.4 - 0.3 * (load - load.groupby(users["entity"]).transform("mean")))).groupby(data["entity"])
    data["trust"] = rng.normal(0, 1, len(data)) + pushed.shift(1).fillna(0)
    offered = measures(data) - {"start_care"}
    with_care, made = behaviour.with_strategies(data, {"care": "strategy_relation", "sale": "transaction"}, offered)
    assert made == {"strategy_relation": remark("roll_outs_reached", roll_outs=["care"])}
    pd.testing.assert_series_equal(with_care["strategy_relation"], reached, check_names=False)
    rows, _ = behaviour.slopes("commercialised_strategy", with_care, offered | set(made), zero)
    slopes = rows[(rows["table"] == "slopes") & (rows["quantity"] == "raw") & (rows["group"] == "all")]
    slopes = slopes.set_index("term")
    assert slopes.loc[LOAD, "hypothesis"] == "H9b"
    for term, value in {LOAD: -0.3, "lag(strategy_relation)": 0.4}.items():
        assert abs(slopes.loc[term, "estimate"] - value) < 3.3 * slopes.loc[term, "se"]


def test_slopes_fall_with_dependence_on_comparing_prices(users: pd.DataFrame) -> None:
    for name in ("identification_next", "stickiness_next"):
        spec = specs.panel_specs()[name]
        rows = moderated(name, spec, fit_spec(spec, spec.formula, users, None), users, "raw", zero)
        found = rows[(rows["table"] == "moderation") & (rows["quantity"] == "raw")].set_index("term")
        truth = truth_table()
        truth = truth[(truth["table"] == "moderation") & (truth["model"] == name) & (truth["group"] == "all")]
        assert len(truth) == {"identification_next": 3, "stickiness_next": 1}[name]
        for row in truth.itertuples():
            z = (found.loc[row.term, "estimate"] - row.truth) / found.loc[row.term, "se"]
            assert abs(z) < 3.3, "one in a thousand by chance"
        joint = rows[(rows["table"] == "moderation") & (rows["quantity"] == "joint")].iloc[0]
        assert joint["pvalue"] < 1e-6
        assert joint["df"] == len(found)


def test_a_trait_is_the_users_mean_over_months_within_the_platform() -> None:
    data = pd.DataFrame({"entity": list("aabbccdd"), "platform_type": ["x"] * 4 + ["y"] * 4, "time": [1, 2] * 4})
    data["price_comparison"] = [0.1, 0.3, 0.4, 0.4, 0.5, 0.5, 0.5, 0.5]
    found = user_trait(data, "price_comparison")
    np.testing.assert_allclose(found[:4], np.repeat([-1, 1], 2) / np.sqrt(2), rtol=1e-12)
    assert found[4:].isna().all(), "users of the second platform do not differ"


def test_a_trait_that_all_share_moderates_nothing(users: pd.DataFrame) -> None:
    social = users[users["platform_type"] == "social"].assign(price_comparison=0.4)
    data = social[social["entity"].isin(social["entity"].unique()[:60])]
    _, fit = behaviour.slopes("identification_next", data, measures(data), zero)
    rows = panel_checks("identification_next", fit, data, measures(data), zero)
    found = rows[rows["table"] == "moderation"]
    assert found["note"].map(words).tolist() == ["price_comparison does not differ between users of a platform"]


def test_a_cut_that_all_users_see_is_absorbed_by_the_months_and_its_product_is_not() -> None:
    """One platform, one price a month: only who resists it can be told."""
    rng = np.random.default_rng(4)
    n, months = 200, 24
    cut, identification = rng.normal(10, 4, months), rng.normal(0, 1, (n, months)) + rng.normal(0, 1, (n, 1))
    stickiness = rng.normal(0, 1, (n, months)) + rng.normal(0, 1, (n, 1)) - 0.05 * cut
    stickiness[:, 1:] += (0.3 + 0.05 * (cut[1:] - cut.mean())) * identification[:, :-1]
    entity, time = (index.ravel() for index in np.indices((n, months)))
    data = pd.DataFrame({"entity": entity, "time": time, "rival_price": cut[time], "stickiness": stickiness.ravel()})
    data["identification"] = identification.ravel()
    rows, fit = behaviour.slopes("price_shock", data, measures(data), zero)
    slopes = rows[(rows["table"] == "slopes") & (rows["quantity"] == "raw")].set_index("term")
    assert list(slopes.index) == ["lag(identification)", IDENTIFICATION]
    assert abs(slopes.loc[IDENTIFICATION, "estimate"] - 0.05) < 3.3 * slopes.loc[IDENTIFICATION, "se"]
    assert slopes.loc[IDENTIFICATION, "hypothesis"] == "H7"
    apart = products_apart("price_shock", specs.panel_specs()["price_shock"], fit, fit, zero)
    assert apart["quantity"].tolist() == ["std"], "there is no slope of the price to take apart"


@pytest.mark.parametrize("formula", ["y ~ b + x + b:x", "y ~ x + b + b:x", "y ~ x + b:x + b", "y ~ b*x"])
def test_an_absorbed_term_goes_wherever_it_stands(formula: str) -> None:
    rng = np.random.default_rng(5)
    entity, time = (index.ravel() for index in np.indices((20, 6)))
    data = pd.DataFrame({"entity": entity, "time": time, "b": rng.normal(size=6)[time]})
    data[["x", "y"]] = rng.normal(size=(len(data), 2))
    spec = replace(specs.panel_specs()["price_shock"], formula=formula, absorbed=("b",))
    assert set(fit_spec(spec, formula, data, None)["all"].estimate.names) == {"x", "b:x"}


# Three standard errors about 0.05 of six products a draw; a dozen draws tell no rate from zero.
@pytest.mark.parametrize(
    ("draws", "least", "most"),
    [pytest.param(12, 0.0, 0.127, id="few"), pytest.param(40, 0.01, 0.09, marks=pytest.mark.slow)],
)
def test_where_no_product_acts_few_are_found(draws: int, least: float, most: float) -> None:
    p: dict[str, list[float]] = {}
    for seed in range(draws):
        design = Design.of({"users": 150, "months": 8, "effect_scale": 0})
        data = draw(design, np.random.default_rng([seed, 23])).panel.drop(columns="platform_type")
        for name in ("price_shock", "commercialised_strategy", "identification_next"):
            spec = specs.panel_specs()[name]
            fit = fit_spec(spec, spec.formula, data, None)
            found = fit.tidy()
            if name == "identification_next":
                found = moderated(name, spec, fit, data, "raw", zero).dropna(subset="estimate")
            for row in found[found["term"].str.contains(":")].itertuples():
                p.setdefault(row.term, []).append(row.pvalue)
    rates = pd.Series({term: np.mean(np.array(values) < 0.05) for term, values in p.items()})
    assert {IDENTIFICATION, TRANSACTION, LOAD} < set(rates.index)
    assert len(rates) == 6
    assert rates.max() <= stats.binom.isf(0.01 / 6, draws, 0.05) / draws
    assert least <= rates.mean() < most
