"""Panel tests over time find a known truth again, keep what is zero at zero, and say why they do not apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import behaviour, panel, results, specs, theory
from models.behaviour import dynamics
from models.behaviour.dynamics import centred, dynamic
from models.behaviour.panel_models import with_mechanisms
from models.benchmark import Design
from models.benchmark.behaviour import draw
from models.choices import choices, declared
from models.evidence import with_links
from reports.texts import LANGUAGES, Texts
from tests.conftest import words, zero

MEASURES = {
    *("value", "trust", "participation", "identification", "stickiness"),
    *(level for m in ("value", "trust", "participation") for level in theory.levels(m)),
}


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    return draw(Design.of({"users": 1200, "months": 12}), np.random.default_rng(11)).panel


def rows_of(name: str, data: pd.DataFrame) -> pd.DataFrame:
    return behaviour.slopes(name, data.drop(columns="platform_type"), MEASURES, zero)[0]


def slopes(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["table"] == "slopes") & (rows["quantity"] == "raw")].set_index("term")


@pytest.fixture(scope="module")
def rows(users: pd.DataFrame) -> Callable[[str], pd.DataFrame]:
    """Rows of the users by specification, each estimated once."""
    return cache(lambda name: rows_of(name, users))


def near(found: pd.DataFrame, term: str, truth: float) -> bool:
    """Within 3.3 standard errors: one in a thousand by chance."""
    return bool(abs(found.loc[term, "estimate"] - truth) < 3.3 * found.loc[term, "se"])


@pytest.mark.parametrize(
    ("model", "truth"),
    [("value_cross_lags", {"lag(trust)": 0.10, "lag(participation)": 0.0, "lag(value)": 0.25}),
     ("trust_cross_lags", {"lag(value)": 0.10, "lag(participation)": 0.0, "lag(trust)": 0.0}),
     ("participation_cross_lags", {"lag(trust)": 0.10, "lag(value)": 0.0}),
     ("value_social_change", {"lag(value_emotional)": 0.25, "lag(value_functional)": 0.0}),
     ("trust_affective_change", {"lag(trust_competence)": 0.0})],
)  # fmt: skip
def test_closed_loops_and_levels_are_recovered(rows: Callable, model: str, truth: dict[str, float]) -> None:
    found = slopes(rows(model))
    assert all(near(found, term, value) for term, value in truth.items())


def test_rows_that_know_one_level_of_two_are_counted_beside_the_mechanism() -> None:
    levels = {"value_functional": [0.0, 1.0, 2.0, np.nan], "value_emotional": [np.nan, 4.0, 2.0, np.nan]}
    data, made = with_mechanisms(pd.DataFrame({"entity": list("aabb"), "time": [0, 1, 0, 1]} | levels), levels)
    assert data["value"].notna().tolist() == [False, True, True, False]
    assert str(made["value"]).endswith("1 of 3 rows lack one and say nothing of it")


def test_what_users_have_and_how_they_change_are_told_apart() -> None:
    """Between users the two go together, within them against each other."""
    users, moved = np.repeat([0.0, 2.0, 4.0], 2), np.array([-1, 1, 1, -1, -1, 1])
    data = pd.DataFrame({"entity": users, "time": [1, 2] * 3, "value": users + moved, "trust": 2 * users - moved})
    rows = behaviour.described(data.assign(still=1.0, empty=np.nan), ["value", "trust", "still", "empty", "absent"])
    told = rows[rows["table"] == "panel_descriptives"].pivot(index="term", columns="quantity", values="estimate")
    assert set(told.index) == {"still", "trust", "value"}
    expected = {
        "n_entity": 3,
        "n_time": 2,
        "mean": 2,
        "sd": np.sqrt(22 / 5),
        "sd_between": 2,
        "sd_within": np.sqrt(1.2),
    }
    assert told.loc["value"].to_dict() == pytest.approx(expected)
    pairs = rows[rows["table"] == "panel_correlations"]
    assert pairs[["term", "group"]].drop_duplicates().to_numpy().tolist() == [["value", "trust"]]
    assert pairs.set_index("quantity")["estimate"].to_dict() == pytest.approx({"between": 1, "within": -1})


def test_past_of_the_outcome_biases_the_within_estimator_and_not_gmm(users: pd.DataFrame, rows: Callable) -> None:
    """Nickell's bias, about (1 + ρ) / (T − 1) below the truth."""
    formula = specs.panel_specs()["value_cross_lags"].formula
    within = panel.fit(formula, users, entity="entity", time="time", effects="twoway", cluster="entity").tidy()
    within = within.set_index("term").loc["lag(value)"]
    assert within["est"] < 0.25 - 5 * within["se"]
    assert near(slopes(rows("value_cross_lags")), "lag(value)", 0.25)


def test_lagged_mediation_is_the_product_of_its_links(rows: Callable) -> None:
    names = ("lagged_mediation", "identification_next", "stickiness_next")
    found, first, second = (slopes(rows(name)) for name in names)
    product = first.loc["lag(value)", "estimate"] * second.loc["lag(identification)", "estimate"]
    assert found.loc["lag(value)", "estimate"] == pytest.approx(product, rel=1e-12)  # the same two fits
    assert near(found, "lag(trust)", 0.19 * 0.30)
    assert found.loc["lag(value)", "hypothesis"] == "H3a"


def test_products_are_of_deviations_within_users(users: pd.DataFrame, rows: Callable) -> None:
    spec = replace(specs.panel_specs()["interaction"], centre=("trust",), centre_users=())
    middle = centred(users, spec)
    assert middle.groupby("entity")["trust"].mean().abs().max() < 1e-9  # rounding of sums of a dozen numbers
    term = "lag(trust):lag(value_social)"
    shifted = users.assign(trust=users["trust"] + users["entity"].astype("category").cat.codes)
    plain, moved = slopes(rows("interaction")), slopes(rows_of("interaction", shifted))
    assert plain.loc[term, "estimate"] > 3.3 * plain.loc[term, "se"]
    assert moved.loc[term, "estimate"] == pytest.approx(plain.loc[term, "estimate"], rel=1e-6)  # demeaned twice


def test_more_instruments_than_users_are_refused_with_a_reason(users: pd.DataFrame) -> None:
    few = users[users["entity"].isin(users["entity"].unique()[:8])]
    with pytest.raises(panel.PanelError, match=r"\d+ instruments, 8 users"):
        dynamic(specs.panel_specs()["value_cross_lags"].formula, few)
    rows, _ = behaviour.slopes("value_cross_lags", few.drop(columns="platform_type"), MEASURES, zero)
    assert "failed" in set(rows["quantity"])


def test_more_periods_than_users_lose_their_means_first() -> None:
    long = draw(Design.of({"users": 40, "months": 60}), np.random.default_rng(4)).panel
    formula = specs.panel_specs()["value_cross_lags"].formula
    fit = dynamic(formula, long)
    assert not [name for name in fit.names if name.startswith("period")]
    found = fit.tidy().set_index("term")
    assert abs(found.loc["lag(value)", "est"] - 0.25) < 3.3 * found.loc["lag(value)", "se"]
    rows, _ = behaviour.slopes("value_cross_lags", long.drop(columns="platform_type"), MEASURES, zero)
    assert "60 periods, 40 users: period means removed first" in set(rows["note"].dropna().map(words))


@pytest.mark.parametrize("instruments", declared()["gmm_instruments"].range)
@pytest.mark.parametrize("estimator", declared()["gmm_estimator"].range)
def test_dynamic_models_are_estimated_as_chosen(
    instruments: str, estimator: str, users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = replace(choices, gmm_instruments=instruments, gmm_estimator=estimator)  # type: ignore[arg-type]
    monkeypatch.setattr(dynamics, "choices", chosen)
    users = users[users["entity"].isin(users["entity"].unique()[:300])]
    formula = specs.panel_specs()["value_cross_lags"].formula
    how: dict[str, Any] = {"steps": {"one-step": 1, "two-step": 2}[estimator], "collapse": instruments == "collapsed"}
    lags = dict.fromkeys(["value", "trust", "participation"], (choices.gmm_first_lag, choices.gmm_last_lag))
    direct = panel.gmm(formula, users, entity="entity", time="time", instruments=lags, **how)
    found = dynamic(formula, users)
    assert found.n_instruments == direct.n_instruments
    pd.testing.assert_frame_equal(found.tidy(), direct.tidy())


def test_too_few_users_for_the_errors_of_gmm_are_refused() -> None:
    few = draw(Design.of({"users": 20, "months": 60}), np.random.default_rng(4)).panel
    with pytest.raises(panel.PanelError, match="20 users, fewer than 30"):
        dynamic(specs.panel_specs()["value_cross_lags"].formula, few)


def links(*estimates: tuple[float, float]) -> pd.DataFrame:
    test = theory.hypotheses()["H5a"].panel
    rows = [
        {"table": "slopes", "group": "all", "quantity": "raw", "hypothesis": "", "note": "", "model": link.spec}
        | {"term": link.term, "estimate": estimate, "pvalue": pvalue}
        for link, (estimate, pvalue) in zip(test.links, estimates, strict=False)
    ]
    return with_links(results.whole(pd.DataFrame(rows)))


def within(*estimates: tuple[float, float], fits: bool = True) -> pd.DataFrame:
    terms = theory.hypotheses()["H5a"].panel.within
    common = {"table": "closed_loop", "model": "closed_loop", "group": "all", "quantity": "raw", "hypothesis": ""}
    rows = [
        common | {"term": term, "estimate": estimate, "pvalue": pvalue, "decides": fits}
        for term, (estimate, pvalue) in zip(terms, estimates, strict=False)
    ]
    both = [results.whole(pd.DataFrame(rows)), links((0.1, 0.2), (0.1, 0.2)).assign(hypothesis="", decides=False)]
    return with_links(pd.concat(both, ignore_index=True))


def test_both_links_carry_the_claim_and_one_alone_too() -> None:
    assert links((0.1, 0.01), (-0.1, 0.20))["hypothesis"].tolist() == ["H5a", "H5a"]
    assert links((0.1, 0.01))["hypothesis"].tolist() == ["H5a"]


def test_the_within_person_model_decides_where_it_fits_and_has_both_links() -> None:
    def decides(rows: pd.DataFrame) -> set[str]:
        return set(rows.loc[rows["hypothesis"] == "H5a", "table"])

    assert decides(within((0.1, 0.01), (0.1, 0.3))) == {"closed_loop"}
    assert decides(within((0.1, 0.01), (0.1, 0.3), fits=False)) == {"slopes"}
    assert decides(within((0.1, 0.01))) == {"slopes"}
    assert decides(within((0.1, 0.01), (0.1, float("nan")))) == {"slopes"}


def test_equal_slopes_in_two_countries_are_found_equivalent(users: pd.DataFrame) -> None:
    rows = behaviour.slopes_by("identification_next", users, MEASURES, "country")
    decisive = rows[rows["hypothesis"] == "H12"]
    assert set(decisive["term"]) == {"lag(value)", "lag(trust)", "lag(participation)"}
    assert (decisive["pvalue"] < 0.05).all()


def test_every_check_has_a_statistic_or_a_reason(rows: Callable) -> None:
    found = rows("stickiness_next")
    checks = found[found["table"] == "panel_diagnostics"]
    assert len(checks) > 5
    assert (checks["statistic"].notna() | checks["note"].str.contains("not_applicable")).all()
    for language in LANGUAGES:
        assert all(Texts(language)(f"check.{term.partition(': ')[0]}") for term in checks["term"])


def test_a_specification_without_its_cause_is_left_out(users: pd.DataFrame) -> None:
    data = users[["entity", "time", "trust", "trust_competence", "participation"]]
    rows, fit = behaviour.slopes("trust_competence_change", data, {"trust", "trust_competence", "participation"}, zero)
    assert fit is None
    assert set(rows["quantity"]) == {"left_out"}
    rows, _ = behaviour.slopes("trust_cross_lags", data, {"trust"}, zero)
    assert set(rows["quantity"]) == {"left_out"}
    rows, _ = behaviour.slopes("lagged_mediation", users, {"value", "stickiness"}, zero)
    assert set(rows["table"]) == {"remarks"}


def test_equal_slopes_stay_equal_where_platforms_differ_in_spread() -> None:
    """In each platform's own deviations the same slope would be .32 in one and .71 in the other."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"entity": np.repeat(np.arange(300), 6), "time": np.tile(np.arange(6), 300)})
    wide = data["entity"] < 150
    data["platform_type"] = np.where(wide, "content", "comprehensive")
    data["value"] = np.where(wide, 3.0, 1.0) * rng.standard_normal(len(data))
    data["identification"] = data["value"].shift().fillna(0) / 3 + rng.standard_normal(len(data))
    rows = behaviour.slopes_by("identification_next", data, {"value", "identification"}, "platform_type")
    found = rows.set_index(["table", "term"])
    assert found.loc[("equality", "lag(value)"), "pvalue"].item() > 0.01
    pair = found.loc[("pairs", "lag(value)")].squeeze()
    assert abs(pair["estimate"]) < 3.3 * pair["se"] < 0.3
