"""With few clusters a slope and what it rests on are judged alike: by the bootstrap alone, by F together."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.multiverse import panel_sample
from models import behaviour, panel, results, theory
from models.behaviour import panel_checks
from models.behaviour.joint_tests import jointly
from models.behaviour.own_past import own_past
from models.behaviour.panel_models import fit_spec, slope_rows
from models.behaviour.sensitivity import confounders
from models.behaviour.without_groups import slopes_without_groups
from models.benchmark import Design
from models.benchmark.behaviour import draw
from models.evidence.threats import Place, exposed
from models.specs import PanelSpec
from pipeline import multiverse as verb
from pipeline.core.record import Noted
from pipeline.core.seeds import Seeds
from reports import reading
from reports.tables import moderation, panel_robustness
from reports.texts import Texts
from tests.conftest import Project, words, zero
from tests.report_results import data_set

NAME = "identification_next"
MEASURES = {"value", "trust", "participation", "identification", "price_comparison"}
SPEC = PanelSpec(label={}, formula="y ~ lag(x)", effects="twoway", cluster="country", by="platform_type")


def countries(n: int, effect: float, seed: int) -> pd.DataFrame:
    """Users of countries that have cause and outcome in common in every period, each on one of three platforms."""
    rng = np.random.default_rng(seed)
    entity, time = (index.ravel() for index in np.indices((n * 30, 8)))
    country = entity % n
    x = rng.normal(size=(n, 8))[country, time] + rng.normal(size=len(entity))
    shock = rng.normal(size=(n, 8))[country, time]
    data = pd.DataFrame({"entity": entity, "time": time, "country": [f"c{k}" for k in country], "x": x})
    data["platform_type"] = np.array(["content", "social", "vertical"])[entity // n % 3]
    before = data.groupby("entity")["x"].shift(1).fillna(0)
    return data.assign(y=effect * before + shock * 0.6 + rng.normal(size=len(data)))


@pytest.fixture(scope="module")
def few() -> pd.DataFrame:
    """What a slope of nine users rests on: its errors are clustered by user."""
    drawn = draw(Design.of({"users": 20, "months": 12}), np.random.default_rng(5)).panel
    users = drawn[drawn["entity"].isin(drawn["entity"].unique()[:9])].reset_index(drop=True)
    users["platform_type"] = np.array(["content", "social", "vertical"])[pd.factorize(users["entity"])[0] % 3]
    rows, fit = behaviour.slopes(NAME, users, MEASURES, zero)
    instruments = {"trust": ["shipping_delay"]}
    more = behaviour.endogeneity(NAME, fit, users, instruments, ["phone_battery"], zero)
    return pd.concat([rows, panel_checks(NAME, fit, users, MEASURES, zero), more], ignore_index=True)


def test_a_slope_that_no_platform_makes_is_not_named_for_its_errors_alone() -> None:
    """By t the slope is clear without some platform; by the bootstrap neither with all of them nor without any."""
    data = countries(6, 0.12, seed=29)
    fit = fit_spec(SPEC, SPEC.formula, data, None)
    rows = pd.concat(
        [
            slope_rows(fit, "one", "raw", None, zero),
            slopes_without_groups("one", SPEC, fit, data, ["lag(x)"], zero),
        ],
        ignore_index=True,
    ).assign(sample="panel")
    by_t = 2 * stats.t.sf(rows["statistic"].abs(), 5)
    assert by_t[0] < 0.05
    assert (by_t[1:] < 0.05).any()
    assert (rows["pvalue"] > 0.05).all()
    assert exposed(theory.threats()["one_platform"], Place("panel", "one", "lag(x)"), rows) == 0


@pytest.mark.parametrize(
    ("table", "quantity"),
    [
        ("placebo", "raw"), ("influence", "without"), ("slopes_without", "raw"), ("negative_control", "raw"),
        ("instruments", "ols"), ("moderation", "raw"), ("moderation", "std"),
    ],
)  # fmt: skip
def test_what_a_slope_rests_on_has_the_p_of_the_bootstrap_and_says_so(
    table: str, quantity: str, few: pd.DataFrame
) -> None:
    found = few[(few["table"] == table) & (few["quantity"] == quantity) & few["estimate"].notna()]
    assert len(found)
    assert {results.way(key).definition for key in found["definition"]} == {"wild_bootstrap"}
    assert found["note"].map(words).str.contains("p by wild cluster bootstrap; by clustered errors p").all()


def test_the_slope_beside_its_instrument_is_that_of_the_run(few: pd.DataFrame) -> None:
    main = few[(few["table"] == "slopes") & (few["quantity"] == "raw") & (few["group"] == "all")].set_index("term")
    (beside,) = few[few["quantity"] == "ols"].itertuples()
    assert beside.pvalue == main.loc["lag(trust)", "pvalue"]


def test_nothing_need_explain_away_a_slope_that_the_bootstrap_does_not_tell_from_zero() -> None:
    fit = fit_spec(SPEC, SPEC.formula, countries(6, 0.12, seed=29), None)
    assert panel.e_value(fit, "lag(x)")["e_value_bound"].item() > 1.1
    rows = confounders("one", fit, zero).set_index("quantity")
    assert rows.loc["e_value_bound", "estimate"] == 1
    assert rows.loc["e_value", "estimate"] > 1.3


def test_the_slope_beside_the_outcomes_past_is_by_t_where_the_jackknife_has_no_bootstrap(few: pd.DataFrame) -> None:
    found = few[(few["table"] == "own_past") & (few["quantity"] == "raw")]
    by_t = 2 * stats.t.sf(found["statistic"].abs().astype(float), 8)
    assert found["pvalue"].to_numpy(dtype=float) == pytest.approx(by_t, rel=1e-12)
    assert found["note"].map(words).str.startswith("9 clusters: p and interval by t").all()


def test_where_periods_cannot_be_halved_the_bootstrap_says_whether_the_slope_stands() -> None:
    data = countries(6, 0.12, seed=29)
    spec = PanelSpec(label={}, formula=SPEC.formula, effects="time", cluster="country", by="platform_type")
    fit = fit_spec(spec, spec.formula, data, None)
    rows = own_past("one", spec, fit, data, zero).set_index(["term", "quantity"])
    raw = rows.loc[("lag(x)", "raw")]
    assert "p by wild cluster bootstrap" in words(raw["note"])
    assert rows.loc[("lag(x)", "stands"), "estimate"] == float(raw["pvalue"] < 0.05)


def test_a_joint_test_of_one_slope_of_two_countries_is_no_surer_than_its_t() -> None:
    fit = fit_spec(SPEC, SPEC.formula, countries(2, 0.3, seed=2), None)
    numbers, said = jointly(fit, ["lag(x)"])
    assert numbers["pvalue"] == pytest.approx(fit.tidy()["pvalue"][0], rel=1e-9)
    assert numbers["pvalue"] > panel.wald(fit, ["lag(x)"]).pvalue
    assert (numbers["df"], numbers["df2"]) == (1, 1)
    assert [one.key for one in said] == ["few_clusters_f"]
    numbers, said = jointly(
        fit_spec(SPEC, "y ~ lag(x) + lag(y)", countries(2, 0.3, seed=2), None), ["lag(x)", "lag(y)"]
    )
    assert numbers == {}
    assert [one.key for one in said] == ["few_clusters_joint"]


@pytest.mark.parametrize(
    ("table", "quantity"),
    [("placebo", "joint"), ("negative_control", "joint"), ("moderation", "joint"), ("own_past", "same_period"),
     ("instruments", "exogeneity")],
)  # fmt: skip
def test_joint_tests_of_nine_users_are_by_f(table: str, quantity: str, few: pd.DataFrame) -> None:
    (found,) = few[(few["table"] == table) & (few["quantity"] == quantity)].itertuples()
    assert found.df2 == 9 - found.df
    assert found.pvalue == pytest.approx(stats.f.sf(found.statistic, found.df, found.df2), rel=1e-9)
    assert "9 clusters: by F" in words(found.note)


def test_three_slopes_of_nine_clusters_that_are_zero_are_seldom_rejected() -> None:
    """χ² rejects a quarter, F(q, G − 1) a seventh; four standard errors about .05 of 200 draws are .06."""
    rng, rejected = np.random.default_rng(3), 0
    entity, time = (index.ravel() for index in np.indices((72, 6)))
    for _ in range(200):
        data = pd.DataFrame({"entity": entity, "time": time, "place": entity % 9})
        for column in ("x", "z", "w", "y"):
            data[column] = rng.normal(size=(9, 6))[entity % 9, time] + rng.normal(size=len(data))
        fit = panel.fit("y ~ x + z + w", data, entity="entity", time="time", effects="entity", cluster="place")
        rejected += jointly(fit, ["x", "z", "w"])[0]["pvalue"] < 0.05
    assert rejected / 200 < 0.11


def test_a_joint_test_by_f_is_printed_as_one(few: pd.DataFrame, project: Project) -> None:
    tables = ("placebo", "own_past", "negative_control", "moderation", "instruments", "influence", "slopes_without")
    data_set(project, "demo", ("panel",), few[few["table"].isin(tables)].to_dict("records"))
    report = reading.read("demo")
    for language in ("en", "zh"):
        texts = Texts(language)
        for shown in (
            panel_robustness.placebo, panel_robustness.own_past, moderation.negative_controls, moderation.traits,
            moderation.instruments,
        ):  # fmt: skip
            (table,) = shown(report, texts)
            cells = [cell for row in table.rows if isinstance(row, list) for cell in row]
            assert any(str(cell).startswith("F(") for cell in cells)
            assert not any(str(cell).startswith("χ²(") for cell in cells)
        for shown, also in (
            (panel_robustness.own_past, "own_past"), (panel_robustness.without_groups, "slopes_without"),
            (panel_robustness.influence, "wild_bootstrap"),
        ):  # fmt: skip
            assert also in shown(report, texts)[0].defines


def test_the_multiverse_draws_the_bootstrap_of_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    data, measures = panel_sample(0.5, 2, users=12), {"value": {}, "trust": {}, "identification": {}}
    card = SimpleNamespace(
        id="demo", path=Path("card.yaml"), panel=SimpleNamespace(observed=SimpleNamespace(measures=(), treatments={}))
    )
    card.panel.measures = measures
    monkeypatch.setattr(verb.paths, "made", lambda *_: Path("panel.parquet"))
    monkeypatch.setattr("pipeline.cleaning.panel_file.load", lambda *_: (data, None))
    monkeypatch.setattr(behaviour, "with_made", lambda data, _: (data, {}))
    monkeypatch.setattr(verb.kept, "digest", lambda *_, **__: "")
    monkeypatch.setattr(verb.kept, "computed", computed)
    seeds = Seeds(7, "demo", "multiverse")
    rows = verb._panel(cast(Any, card), 19, seeds, Noted())[0]
    main = rows[rows["quantity"] == "std_all"].groupby("term").first()
    of_run = Seeds(7, "demo", "panel")
    found, _ = behaviour.slopes(NAME, data, set(measures), of_run)
    found = found[(found["table"] == "slopes") & (found["quantity"] == "std")].set_index("term")
    columns = ["pvalue", "ci_lower", "ci_upper"]
    pd.testing.assert_frame_equal(main[columns], found.loc[main.index, columns].astype(float), check_exact=True)
    assert ("panel", "few_clusters", NAME, "all", "lag(value)") in seeds.given


def computed(name: str, folder: object, key: str, tasks: dict, elsewhere: set) -> list:
    """What the main combination gives, the first, in the place of all."""
    function, arguments = next(iter(tasks.values()))
    return [function(*arguments)] * len(tasks)
