"""Whether the main result rests on a choice of the analyst: gaps, doubtful answers, ordered categories, controls."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import survey
from models.survey.controls import covariates
from models.survey.variants import Variant, variant
from pipeline.cards import card as cards
from pipeline.cleaning import survey_answers
from pipeline.core import handed
from pipeline.core.errors import InputError
from pipeline.core.ledger import Ledger
from pipeline.core.seeds import Seeds
from tests.conftest import Project, base_card, text

SCALES = {c: [f"{c[:2]}{i}" for i in range(1, 4)] for c in ("value_functional", "identification", "stickiness")}
FIRST, SECOND = "identification ~ value", "stickiness ~ identification"


def answers(n: int, seed: int, confounding: float = 0.0, cut: np.ndarray | None = None) -> pd.DataFrame:
    """Three constructs of unit variance, identification = .4 value + …, stickiness = .5 identification + ….

    `confounding` is what age does to value and, beside value, to identification; `cut` turns responses into categories.
    """
    rng = np.random.default_rng(seed)
    age = rng.standard_normal(n)
    value = confounding * age + np.sqrt(1 - confounding**2) * rng.standard_normal(n)
    rest = np.sqrt(1 - 0.4**2 - confounding**2 - 2 * 0.4 * confounding**2)
    identification = 0.4 * value + confounding * age + rest * rng.standard_normal(n)
    stickiness = 0.5 * identification + np.sqrt(0.75) * rng.standard_normal(n)
    columns = {}
    for factor, items in zip((value, identification, stickiness), SCALES.values(), strict=True):
        for item in items:
            response = 0.8 * factor + 0.6 * rng.standard_normal(n)
            columns[item] = response if cut is None else 1.0 + np.searchsorted(cut, response)
    return pd.DataFrame(columns).assign(age=age)


def effect(model: survey.Structural | None, term: str) -> pd.Series:
    assert model is not None
    return survey.effects(model).set_index("term").loc[term]


def project_card(project: Project, controls: bool = False) -> cards.Card:
    items = [
        {"column": item.upper(), "construct": c, "range": [-9, 9], "label": text(item)}
        for c, block in SCALES.items()
        for item in block
    ]
    raw = base_card("demo") | {"survey": {"table": "table", "items": items}}
    if controls:
        raw["survey"]["controls"] = {
            "age": {"column": "age", "kind": "number", "label": text("age")},
            "gender": {"column": "sex", "kind": "category", "label": text("gender")},
        }
    return cards.load(project.card("demo", raw))


def sensitivity_rows(card: cards.Card, data: pd.DataFrame, last: int = 0) -> pd.DataFrame:
    """Rows of the stage when the last people were left out by a rule of the card."""
    data = data.assign(respondent=range(len(data)))
    data, left_out = data.iloc[: len(data) - last], data.iloc[len(data) - last :]
    model = survey.structural(survey.MAIN, data, card.codebook)
    assert model is not None
    params = handed.to("structure")
    flags = survey.flagged(card.questionnaire, data, 2).flags
    return pd.concat(
        survey.other_choices(
            Seeds(1, "demo", "structure"),
            card.questionnaire,
            data,
            left_out,
            model,
            params.structure,
            flags,
            params.doubtful,
        ),
        ignore_index=True,
    )


# Variants of the main model


def test_controls_take_out_what_age_does_to_cause_and_outcome() -> None:
    data = answers(3000, seed=1, confounding=0.4)
    without = effect(variant(data, SCALES, Variant()), FIRST)
    adjusted = effect(variant(data, SCALES, Variant(controls=("age",))), FIRST)
    assert abs(adjusted["estimate"] - 0.4) < 3 * adjusted["se"]
    assert without["estimate"] - 0.4 == pytest.approx(0.4 * 0.4, abs=3 * without["se"]), (
        "omitted: 0.4 × cov(age, value)"
    )


def test_paths_from_controls_are_not_effects_of_the_theory() -> None:
    model = variant(answers(500, seed=2), SCALES, Variant(controls=("age",)))
    assert model is not None
    assert survey.effects(model)["term"].tolist() == [
        FIRST, SECOND, "stickiness ~ value", "h3a", "total_value",
    ]  # fmt: skip


def test_categories_become_indicators_against_the_most_frequent_and_the_rare() -> None:
    data = pd.DataFrame(
        {"age": np.arange(60.0), "job": ["a"] * 30 + ["b"] * 18 + ["c"] * 9 + [np.nan] * 3, "same": ["x"] * 60}
    )
    numbers = covariates(data, ["age", "job", "same"])
    assert list(numbers) == ["control_1", "control_2"]
    assert (
        numbers["control_2"].tolist() == [0.0] * 30 + [1.0] * 18 + [0.0] * 9 + [pytest.approx(np.nan, nan_ok=True)] * 3
    )


def test_few_and_skewed_categories_attenuate_numbers_but_not_ordered_categories() -> None:
    data = answers(4000, seed=3, cut=np.array([0.8, 1.6]))
    numbers = effect(variant(data, SCALES, Variant()), SECOND)
    ordered = effect(variant(data, SCALES, Variant(estimator="WLSMV")), SECOND)
    assert abs(ordered["estimate"] - 0.5) < 3 * ordered["se"]
    assert numbers["estimate"] < ordered["estimate"]


def test_levels_as_means_give_the_paths_of_the_second_order_factor_when_items_are_alike() -> None:
    rng = np.random.default_rng(4)
    value = rng.standard_normal(3000)
    outcome = 0.5 * value + np.sqrt(0.75) * rng.standard_normal(3000)
    levels = ("value_functional", "value_emotional", "value_social")
    factors = {level: 0.8 * value + 0.6 * rng.standard_normal(3000) for level in levels} | {"identification": outcome}
    scales = {name: [f"{name}_{i}" for i in range(3)] for name in factors}
    data = pd.DataFrame(
        {i: factors[name] + 0.6 * rng.standard_normal(3000) for name, items in scales.items() for i in items}
    )
    second_order = effect(variant(data, scales, Variant()), FIRST)
    means = effect(variant(data, scales, Variant(levels="means")), FIRST)
    assert abs(means["estimate"] - 0.5) < 3 * means["se"]
    assert means["estimate"] == pytest.approx(second_order["estimate"], abs=0.5 * second_order["se"])
    two = {name: scales[name] for name in scales if name != "value_social"}
    assert variant(data, two, Variant(levels="means")).built.syntax.count("1*mean_value_") == 2  # type: ignore[union-attr]


def test_f2_is_that_of_correlations() -> None:
    model = survey.structural(survey.MAIN, answers(800, seed=5), SCALES)
    assert model is not None
    sizes = survey.effect_sizes(model)
    found = sizes[sizes["quantity"] == "f2"].set_index("term")["estimate"]
    inflation = sizes[sizes["quantity"] == "vif"].set_index("term")["estimate"]
    beta = survey.effects(model).set_index("term")["estimate"]
    r = beta[FIRST]
    assert found[FIRST] == pytest.approx(r**2 / (1 - r**2))
    assert inflation[SECOND] == pytest.approx(1 / (1 - r**2))
    a, b = beta[SECOND], beta["stickiness ~ value"]
    unexplained = 1 - (a**2 + b**2 + 2 * a * b * r)
    assert found[SECOND] == pytest.approx(a**2 * (1 - r**2) / unexplained)


# The stage


def test_gaps_at_random_move_nothing_whichever_way_they_are_treated(project: Project) -> None:
    data = answers(600, seed=6).drop(columns="age")
    gaps = data.mask(np.random.default_rng(0).random(data.shape) < 0.04)
    rows = sensitivity_rows(project_card(project), gaps)
    shifts = rows[rows["quantity"] == "largest_shift"].set_index("group")["estimate"]
    assert shifts["imputation"] < 0.5
    assert shifts["listwise"] < 2.5, "a third of the people is left out: √(1/0.68 − 1) = 0.7 errors, five effects"
    sizes = rows[rows["quantity"] == "effect"].groupby("group")["n"].first()
    assert sizes["main"] == sizes["imputation"] == 600
    assert sizes["listwise"] == gaps.notna().all(axis=1).sum()
    second = rows[(rows["term"] == SECOND) & (rows["quantity"] == "effect")].set_index("group")
    for name in ("main", "listwise", "imputation", "ordinal"):
        if name in second.index:
            assert abs(second.loc[name, "estimate"] - 0.5) < 3 * second.loc[name, "se"], name


def test_straight_liners_are_seen_where_they_are_left_out(project: Project) -> None:
    data = answers(500, seed=7).drop(columns="age").round().clip(-3, 3)
    rng = np.random.default_rng(1)
    data.iloc[rng.permutation(500)[:60]] = rng.integers(-3, 4, (60, 1))
    rows = sensitivity_rows(project_card(project), data)
    first = rows[(rows["term"] == FIRST) & (rows["quantity"] == "effect")].set_index("group")["estimate"]
    assert first["main"] > 0.5 > first["without_doubtful"], "one answer throughout makes everything correlate"
    assert first["without_doubtful"] == pytest.approx(0.4, abs=0.15), "three standard errors"


def test_the_result_with_the_excluded_stands_beside_the_result_without(project: Project) -> None:
    data = answers(500, seed=7).drop(columns="age").round().clip(-3, 3)
    data.iloc[440:] = np.random.default_rng(1).integers(-3, 4, (60, 1))
    rows = sensitivity_rows(project_card(project), data, last=60)
    first = rows[(rows["term"] == FIRST) & (rows["quantity"] == "effect")].set_index("group")
    assert first.loc[["main", "with_left_out"], "n"].tolist() == [440, 500]
    assert first.loc["main", "estimate"] < 0.5 < first.loc["with_left_out", "estimate"]


def test_a_handling_that_fails_says_why_and_leaves_the_others(project: Project) -> None:
    data = answers(300, seed=8).drop(columns="age")
    for k, item in enumerate(data):
        data.loc[data.index % 9 == k, item] = np.nan
    rows = sensitivity_rows(project_card(project), data)
    failed = rows[rows["quantity"] == "failed"].set_index("group")["note"]
    assert "listwise" in failed.index
    assert failed["listwise"]
    assert {"main", "imputation"} <= set(rows[rows["quantity"] == "effect"]["group"])


def test_controls_come_from_the_card(project: Project) -> None:
    raw = answers(400, seed=9).rename(columns=str.upper).rename(columns={"AGE": "age"})
    raw["sex"] = np.where(np.arange(400) % 3 == 0, "f", " m ")
    raw.loc[0, "sex"] = ""
    card = project_card(project, controls=True)
    clean = survey_answers.clean(card, raw, "table.csv", Ledger()).kept
    assert clean["gender"].value_counts().to_dict() == {" m ": 266, "f": 133}
    assert clean["gender"].isna().sum() == 1
    rows = sensitivity_rows(card, clean)
    assert rows[rows["quantity"] == "control"]["term"].tolist() == ["age", "gender"]
    assert (rows[(rows["group"] == "with_controls") & (rows["quantity"] == "effect")]["n"] == 399).all()


def test_a_control_that_is_no_number_is_refused(project: Project) -> None:
    raw = answers(20, seed=9).rename(columns=str.upper).rename(columns={"AGE": "age"}).astype(object)
    raw["sex"] = "f"
    raw.loc[3, "age"] = "thirty"
    with pytest.raises(InputError) as caught:
        survey_answers.clean(project_card(project, controls=True), raw, "table.csv", Ledger())
    assert "table.csv, row 4, column age" in str(caught.value)
    assert "set survey.controls.age.kind to category" in str(caught.value)


def test_a_control_needs_a_name_of_its_own(project: Project) -> None:
    raw = project_card(project, controls=True).raw
    raw["survey"]["items"][0]["item"] = "age"
    with pytest.raises(InputError, match="'age' a second time"):
        cards.load(project.card("demo", raw))
