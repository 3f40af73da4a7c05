"""Does one item, or a handful of people, carry a path of a survey?"""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from models import sem, survey
from models.analysis.influential import left_out
from models.choices import choices
from models.sem.options import Continuous, Estimator
from models.survey.influential_people import fewest_to_turn, influential_people
from models.survey.without_items import without_items

SCALES = {name: [f"{name}{i}" for i in range(3)] for name in ("identification", "stickiness")}
SCALES["value_functional"] = ["v1", "v2"]
PATH = "stickiness ~ identification"


def answers(n: int = 300, seed: int = 1, path: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    value = rng.standard_normal(n)
    identification = 0.5 * value + rng.standard_normal(n)
    stickiness = path * identification + rng.standard_normal(n)
    factors = {"identification": identification, "stickiness": stickiness, "value_functional": value}
    return pd.DataFrame({i: factors[c] + 0.7 * rng.standard_normal(n) for c, items in SCALES.items() for i in items})


def fitted(data: pd.DataFrame, estimator: Estimator = "MLR") -> survey.Structural:
    model = survey.structural(survey.MAIN, data, SCALES, estimator)
    assert model is not None
    return model


@pytest.mark.parametrize("gaps", [0.0, 0.08])
def test_the_sum_of_influences_is_what_leaving_people_out_does(gaps: float) -> None:
    data = answers(path=0.2).mask(np.random.default_rng(2).random((300, 8)) < gaps)
    model = fitted(data)
    at = [f"{row.lhs} ~ {row.rhs}" for row in model.fit.table.rows].index(PATH)
    gone = np.argsort(sem.influences(model.fit)[:, at])[:5]
    again = fitted(data.drop(index=data.index[gone])).fit
    change = again.tidy()["est"].iloc[at] - model.fit.tidy()["est"].iloc[at]
    assert change < 0
    assert sem.influences(model.fit)[gone, at].sum() == pytest.approx(change, rel=0.15), "second order"


def test_a_path_that_five_people_make_falls_without_them_and_one_of_everybody_stands() -> None:
    few, all_ = answers(), answers(path=0.5)
    high = [*SCALES["identification"], *SCALES["stickiness"]]
    few.loc[few.index[:5], high] += 6.0
    found = {}
    for name, data in (("few", few), ("all", all_)):
        model = fitted(data)
        main = model.fit.tidy().set_index(["lhs", "rhs"]).loc[("stickiness", "identification")]
        assert main["pvalue"] < 0.05, "both look alike"
        rows = influential_people(model)
        found[name] = rows[rows["term"] == PATH].set_index("quantity")
    assert found["few"].loc["without", "pvalue"] > 0.05 > found["all"].loc["without", "pvalue"]
    assert found["few"].loc["fewest", "estimate"] <= 5 < found["all"].loc["fewest", "estimate"]


@pytest.mark.parametrize(("users", "share", "out"), [(10, 0.1, 9), (5, 0.1, 5), (1000, 0.25, 22), (10, 0.01, 1)])
def test_as_many_are_left_out_as_is_declared(
    users: int, share: float, out: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = replace(choices, influential_users=users, influential_share=share)
    monkeypatch.setattr("models.analysis.influential.choices", declared)
    assert left_out(90) == out


def test_the_fewest_are_counted_on_both_sides_of_the_line() -> None:
    change = np.array([-0.5, 0.3, 0.2, -0.1, 0.1, 0.0])
    assert fewest_to_turn(2.3, 1.0, change) == 1
    assert fewest_to_turn(2.5, 1.0, change) == 2
    assert fewest_to_turn(1.6, 1.0, change) == 2
    assert np.isnan(fewest_to_turn(9.0, 1.0, change))
    assert fewest_to_turn(-2.3, 1.0, -change) == 1


def test_an_item_that_also_measures_the_outcome_is_found_and_without_it_the_path_is_gone() -> None:
    data = answers(seed=6)
    data["identification0"] += 0.6 * data[SCALES["stickiness"]].mean(axis=1)
    model = fitted(data)
    assert model.fit.tidy().set_index(["lhs", "rhs"]).loc[("stickiness", "identification"), "pvalue"] < 0.001
    rows = without_items(model, SCALES)
    assert set(rows["group"]) == {*SCALES["identification"], *SCALES["stickiness"]}, "of two items none can be spared"
    clear = rows[rows["term"] == PATH].set_index("group")["pvalue"] < 0.05
    assert clear.index[~clear].tolist() == ["identification0"]


@pytest.mark.parametrize("estimator", get_args(Continuous))
def test_without_an_item_the_model_of_moments_is_that_of_complete_answers(estimator: Estimator) -> None:
    data = answers(path=0.4)
    rows = without_items(fitted(data, estimator), SCALES).set_index(["group", "term"])
    fewer = SCALES | {"stickiness": SCALES["stickiness"][1:]}
    again = survey.structural(survey.MAIN, data, fewer, estimator)
    assert again is not None
    path = again.fit.tidy().set_index(["lhs", "rhs"]).loc[("stickiness", "identification")]
    found = rows.loc[("stickiness0", PATH)]
    assert found["estimate"] == pytest.approx(path["std_all"], abs=1e-6)
    assert found["statistic"] == pytest.approx(path["z"], rel=0.1), "errors robust by the main model's ratio"
