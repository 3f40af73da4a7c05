"""Two levels of a mechanism weigh the same, whichever item stands first on the card."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import sem, survey
from models.sem.language.editing import write
from models.survey.given_weights import with_given_weights
from models.survey.influential_people import influential_people
from models.survey.rival_accounts import rival_accounts
from models.survey.without_items import without_items

SCALES = {
    "value_functional": ["vf1", "vf2", "vf3"],
    "value_social": ["vs1", "vs2", "vs3"],
    "identification": ["id1", "id2", "id3"],
}
TURNED = {name: items[::-1] for name, items in SCALES.items()}


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Levels of unlike strength, whose first items and last items have other units."""
    rng = np.random.default_rng(5)
    value = rng.standard_normal(400)
    functional, social = 0.9 * value + 0.5 * rng.standard_normal(400), 0.6 * value + 0.8 * rng.standard_normal(400)
    identification = 0.6 * functional + 0.1 * social + 0.7 * rng.standard_normal(400)
    columns = {}
    for factor, items in zip((functional, social, identification), SCALES.values(), strict=True):
        for unit, item in zip((2.0, 1.0, 0.5), items, strict=True):
            columns[item] = unit * (factor + 0.6 * rng.standard_normal(400))
    frame = pd.DataFrame(columns)
    return frame.assign(vs1=frame["vs1"] / 4, half=np.arange(400) % 2)


def fitted(data: pd.DataFrame, scales: dict[str, list[str]]) -> survey.Structural:
    model = survey.structural(survey.MAIN, data, scales)
    assert model is not None
    return model


def test_the_order_of_items_moves_nothing_and_both_levels_load_alike(answers: pd.DataFrame) -> None:
    first, second = (fitted(answers, scales).fit for scales in (SCALES, TURNED))
    assert first.fit_indices()["chisq"] == pytest.approx(second.fit_indices()["chisq"], rel=1e-6)
    weights, paths = [], []
    for fit in (first, second):
        tidy = fit.tidy().set_index(["lhs", "op", "rhs"])
        weights += [tidy.loc[("value", "=~", level), "std_all"] for level in ("value_functional", "value_social")]
        paths.append(tidy.loc[("identification", "~", "value"), ["std_all", "z"]].to_numpy(float))
    assert weights == pytest.approx([weights[0]] * 4, rel=1e-6)
    assert paths[0][0] == pytest.approx(paths[1][0], rel=1e-6)


def test_given_weights_are_those_of_everybody_in_the_units_of_first_items(answers: pd.DataFrame) -> None:
    model = fitted(answers, SCALES)
    text = write(with_given_weights(model.built.parsed, model.fit))
    assert not {"NA", "rest_value", "own_value"} & set(text.replace("*", " ").split())
    given = sem.fit(text, answers, estimator="MLR").tidy().set_index(["lhs", "rhs"])
    loadings = model.fit.tidy().set_index(["lhs", "rhs"])["est"]
    weight = loadings["value_social", "vs1"] / loadings["value_functional", "vf1"]
    assert given.loc[("value", "value_functional"), "est"] == 1
    assert given.loc[("value", "value_social"), "est"] == pytest.approx(weight)


def test_groups_are_compared_nearly_alike_whichever_item_stands_first(answers: pd.DataFrame) -> None:
    """Items of groups keep the ratios of everybody but for sampling error; of first items' units nothing is left."""
    found = []
    for scales in (SCALES, TURNED):
        rows = survey.by_group(fitted(answers, scales), answers, "half", 100, "MLR", "listwise")
        paths = rows[(rows["table"] == "group_paths") & (rows["quantity"] == "std_all")]
        found.append(paths.set_index(["group", "term"])["estimate"].sort_index())
    assert found[0].to_numpy() == pytest.approx(found[1].to_numpy(), abs=0.01)


def test_levels_that_go_apart_are_an_improper_solution_and_no_crash(answers: pd.DataFrame) -> None:
    """A mechanism of two levels that correlate below zero has a variance below zero."""
    apart, rng = answers.copy(), np.random.default_rng(8)
    stickiness = 0.5 * answers["id2"] + rng.standard_normal(len(answers))
    apart[SCALES["value_social"]] = -apart[SCALES["value_social"]]
    for item in ("st1", "st2", "st3"):
        apart[item] = stickiness + 0.6 * rng.standard_normal(len(answers))
    model = fitted(apart, SCALES | {"stickiness": ["st1", "st2", "st3"]})
    tidy = model.fit.tidy().set_index(["lhs", "rhs"])["est"]
    assert tidy["value", "value"] < 0
    assert model.fit.improper
    with np.errstate(invalid="ignore"):
        assert rival_accounts(model).empty
        assert len(influential_people(model))
        assert len(without_items(model, SCALES | {"stickiness": ["st1", "st2", "st3"]}))
