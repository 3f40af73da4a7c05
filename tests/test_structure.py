"""What the structural step makes of answers with a known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import sem, survey, theory
from models.analysis.setting import Doubtful, Estimation, Questionnaire
from models.evidence import checks
from models.remarks import remark
from models.survey.answer_quality import NO_FLAGS
from models.survey.changed_choices import other_choices
from pipeline.cards import card as cards
from tests.conftest import Project, survey_card, zero

SCALES = {
    c: [f"{c}_{i}" for i in range(k)] for c, k in (("identification", 4), ("price_comparison", 3), ("stickiness", 3))
}


def answers(product: float, seed: int, n: int = 1500, square: float = 0.0, r: float = 0.3) -> pd.DataFrame:
    """Answers of people whose stickiness rests on identification, on price comparison and on their product.

    Or, with `square`, on a curved effect of identification.
    """
    rng = np.random.default_rng(seed)
    x, z = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], n).T
    y = 0.4 * x - 0.2 * z + product * (x * z - r) + square * (x**2 - 1) + 0.8 * rng.standard_normal(n)
    columns = {}
    for factor, items in zip((x, z, y), SCALES.values(), strict=True):
        columns |= {item: 4 + factor + 0.6 * rng.standard_normal(n) for item in items}
    return pd.DataFrame(columns)


@pytest.mark.parametrize("truth", [0.0, 0.25])
def test_a_latent_interaction_is_found_where_it_is_and_only_there(truth: float) -> None:
    rows = survey.interactions(answers(truth, seed=7), SCALES, estimator="MLR", missing="fiml")
    product = rows[(rows["table"] == "paths") & (rows["quantity"] == "estimate")].iloc[0]
    assert product["term"] == "stickiness ~ identification:price_comparison"
    assert product["hypothesis"] == "H7"
    assert product["estimate"] == pytest.approx(truth, abs=3 * product["se"]), "three standard errors"
    assert product["se"] < 0.05
    assert (product["pvalue"] < 0.001) == (truth > 0)
    assert (rows.loc[(rows["table"] == "squares") & (rows["quantity"] == "stands"), "estimate"] == (truth > 0)).all()


def test_a_curved_effect_of_one_cause_looks_like_a_product_until_its_square_stands_beside_it() -> None:
    rows = survey.interactions(answers(0, 7, square=0.25, r=0.6), SCALES, estimator="MLR", missing="listwise")
    found = rows.set_index(["table", "quantity"])
    assert found.loc[("paths", "estimate"), "pvalue"] < 1e-4
    assert found.loc[("squares", "stands"), "estimate"] == 0
    assert abs(found.loc[("squares", "estimate"), "estimate"]) < 3.3 * found.loc[("squares", "estimate"), "se"]


def test_where_the_squares_cannot_be_estimated_the_reason_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> list[dict]:
        raise sem.SemError(remark("not_nested"))

    monkeypatch.setattr("models.survey.product_models.beside_squares", fails)
    rows = survey.interactions(answers(0.25, 7, n=300), SCALES, estimator="MLR", missing="listwise")
    found = rows[rows["table"] == "squares"]
    assert found["quantity"].tolist() == ["failed"]
    assert found["note"].iloc[0]


def test_simple_slopes_straddle_the_slope_at_the_mean_and_gaps_are_no_obstacle() -> None:
    data = answers(0.25, seed=8)
    data = data.mask(np.random.default_rng(1).random(data.shape) < 0.05)
    rows = survey.interactions(data, SCALES, estimator="MLR", missing="fiml")
    slopes = rows[rows["table"] == "simple_slopes"].set_index("quantity")["estimate"]
    assert slopes["mean"] == pytest.approx((slopes["low"] + slopes["high"]) / 2)
    assert slopes["high"] - slopes["low"] == pytest.approx(2 * 0.25, abs=0.15), "two deviations apart, sampling error"
    assert rows["n"].dropna().eq(len(data)).all()


@pytest.mark.parametrize(("other", "differ"), [(0.0, True), (0.3, False)])
def test_two_products_are_set_apart_by_their_difference_in_one_model(other: float, differ: bool) -> None:
    """In standard deviations, as a regression on the true scores has them; both alike are not set apart."""
    rng = np.random.default_rng(3)
    x, w, z = rng.multivariate_normal(np.zeros(3), 0.3 + 0.7 * np.eye(3), 1500).T
    y = 0.4 * x + 0.2 * w + 0.3 * (x * z - 0.3) + other * (w * z - 0.3) + 0.8 * rng.standard_normal(1500)
    scales = SCALES | {"transaction": ["transaction_0", "transaction_1"]}
    factors = {"identification": x, "price_comparison": z, "stickiness": y, "transaction": w}
    data = pd.DataFrame({i: factors[c] + 0.6 * rng.standard_normal(1500) for c, items in scales.items() for i in items})
    found = survey.product_contrasts(data, scales, "MLR", "fiml").set_index("quantity")
    size = 0.3 / y.std()
    own, rival = found.loc["std"].to_dict("records")
    assert own["estimate"] == pytest.approx(size, abs=3 * own["se"])
    assert rival["estimate"] == pytest.approx(other / y.std(), abs=3 * rival["se"])
    gap = found.loc["difference"]
    assert gap["estimate"] == pytest.approx(own["estimate"] - rival["estimate"], rel=1e-9)
    assert gap["se"] < own["se"] + rival["se"]
    assert (gap["pvalue"] < 0.001) == differ
    assert own["pvalue"] < 0.001


def test_a_product_that_is_not_measured_is_not_estimated() -> None:
    rows = survey.interactions(answers(0, 1), {"identification": SCALES["identification"]}, "MLR", "fiml")
    assert rows.empty


def test_rivals_are_compared_only_where_the_mediator_is_measured() -> None:
    scales = {"value_functional": SCALES["identification"], "stickiness": SCALES["stickiness"]}
    model = survey.structural(survey.MAIN, answers(0, 2), scales, missing="listwise")
    assert model is not None
    assert survey.rivals(model, scales).empty


def test_what_gaps_and_doubtful_answers_do_is_measured_in_standard_errors() -> None:
    scales = {"value_functional": SCALES["identification"], "identification": SCALES["stickiness"]}
    data = answers(0, 3)
    model = survey.structural(survey.MAIN, data, scales, missing="listwise")
    half = survey.structural(survey.MAIN, data.iloc[::2], scales, missing="listwise")
    assert model is not None
    assert half is not None
    main, other = survey.effects(model), survey.effects(half)
    assert main["term"].tolist() == ["identification ~ value"]
    assert survey.largest_shift(main, main) == 0
    moved = abs(main["estimate"] - other["estimate"])[0] / main["se"][0]
    assert survey.largest_shift(main, other) == pytest.approx(moved)


def test_scales_without_a_path_between_them_have_no_effect_that_another_choice_could_move() -> None:
    scales = {"trust": SCALES["identification"], "value_emotional": SCALES["stickiness"]}
    data = answers(0, 3, n=200).mask(np.random.default_rng(1).random((200, 10)) < 0.02)
    model = survey.structural(survey.MAIN, data, scales, missing="fiml")
    assert model is not None
    asked = Questionnaire(codebook=scales, limits={})
    options = Estimation("fiml", "MLR", 20, 20, 20)
    assert other_choices(zero, asked, data, data[:0], model, options, NO_FLAGS, Doubtful()) == []


def test_reversed_items_are_turned_back_before_runs_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer to every question is a straight line on the sheet, though not after recoding."""
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    card_text = survey_card("sheet")
    card_text["survey"]["items"][1]["reversed"] = True
    card = cards.load(project.card("sheet", card_text))
    rng = np.random.default_rng(4)
    sheet = pd.DataFrame({i.name: rng.integers(i.low, i.high + 1, 60).astype(float) for i in card.items})
    sheet.iloc[5] = 2.0
    clean = sheet.assign(respondent=range(60))
    for item in card.items:
        if item.reversed:
            clean[item.name] = item.low + item.high - clean[item.name]
    clean.loc[6, [item.name for item in card.items]] = 2.0
    found = survey.quality(card.questionnaire, clean, 1)
    runs = found.indices.set_index("respondent")["longest_string"]
    assert runs[5] == len(card.items)
    assert runs[6] < len(card.items)
    assert 5 in survey.doubted_people(found.flags, Doubtful(("long_string",)))


def test_levels_that_do_not_go_together_are_no_mechanism() -> None:
    """Two levels that correlate by .08: what they say together of identification decides nothing."""
    rng = np.random.default_rng(4)
    first, second, other = rng.multivariate_normal([0, 0, 0], [[1, 0.08, 0.4], [0.08, 1, 0.4], [0.4, 0.4, 1]], 600).T
    scales = {c: [f"{c}_{i}" for i in range(3)] for c in ("value_functional", "value_emotional", "identification")}
    columns = zip((first, second, other), scales.values(), strict=True)
    data = pd.DataFrame({i: 4 + f + 0.6 * rng.standard_normal(600) for f, items in columns for i in items})
    model = survey.structural(survey.MAIN, data, scales, missing="listwise")
    assert model is not None
    rows = survey.structural_rows(model).assign(sample="survey", group="")
    decisive = rows[(rows["hypothesis"] == "H1a") & (rows["quantity"] == "estimate")]
    why = checks.levels_apart(decisive, rows, "survey", theory.hypotheses()["H1a"].survey)
    assert "value_functional and value_emotional correlate by" in str(why)
