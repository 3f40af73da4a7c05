"""Every admissible combination of declared choices once, and joint tests that mean what they say."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmarks.multiverse import FIRST, SCALES, panel_sample, survey_sample
from models import panel, sem, specs
from models.analysis.joint_curve import joint_rows
from models.behaviour import multiverse as panels
from models.specs import multiverse as declared
from models.statistics.joint_inference import joint
from models.survey import multiverse
from models.survey.specifications import fitted, universes
from models.survey.variants import Variants
from tests import conftest

MEDIATION = "m ~ a*x\ny ~ b*m + c*x\n"


def test_the_first_combination_is_the_main_analysis_and_each_is_of_the_weakest_type_in_it() -> None:
    declaration = specs.choices_of("survey")
    offered = {choice.name: {one.name for one in choice.alternatives} for choice in declaration.choices}
    found = specs.universes(declaration, offered)
    assert found[0].name.startswith("estimator: MLR; answers: all; people: all; controls: without")
    assert found[0].type == "equivalent"
    assert len({one.name for one in found}) == len(found)
    assert not any(one["estimator"] == "WLSMV" and one["controls"] == "with" for one in found), "barred"
    types = {(one["answers"], one["people"]): one.type for one in found if one["estimator"] == "MLR"}
    assert types["complete", "undoubted"] == "not_equivalent"
    assert {one.type for one in found if one["people"] == "undoubted" and one["answers"] == "all"} == {"uncertain"}


def test_a_slip_in_the_declaration_is_found_with_the_nearest_name() -> None:
    good = yaml.safe_load(Path("models/specs/multiverse.yaml").read_text(encoding="utf-8"))
    assert not list(declared.findings(good))
    bad = copy.deepcopy(good)
    bad["survey"]["choices"][0]["alternatives"][1]["name"] = "WLSM"
    bad["survey"]["choices"][1]["alternatives"][0]["type"] = "equivalent"
    found = list(declared.findings(bad))
    assert [str(one.found) for one in found] == ["'WLSM'", "no main analysis, or not first"]
    assert found[0].near[0] == "WLSMV"


def test_transformed_answers_make_the_restricted_model_true_with_and_without_gaps() -> None:
    """In the transformed answers the whole model gives the restricted estimates back, the path zero."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal(200)
    m = 0.5 * x + rng.exponential(1, 200)
    data = pd.DataFrame({"x": x, "m": m, "y": 0.4 * m + rng.standard_normal(200)})
    for gaps in (0.0, 0.1):
        answers = data.mask(rng.random(data.shape) < gaps)
        how = {"missing": "fiml", "fixed_x": False, "meanstructure": True}
        zero = sem.fit(MEDIATION.replace("b*m", "0*m"), answers, **how)
        changed = sem.true_answers(zero)
        assert changed.isna().equals(answers.loc[changed.index, changed.columns].isna())
        again = sem.fit(MEDIATION, changed, **how)
        estimates = again.tidy().set_index(["lhs", "op", "rhs"])["est"]
        assert estimates["y", "~", "m"] == pytest.approx(0, abs=1e-6 if not gaps else 0.02)
        assert estimates["m", "~", "x"] == pytest.approx(zero.tidy().set_index("rhs").loc["x", "est"].iloc[0], abs=0.02)


def test_refits_of_everybody_once_give_the_estimates_back() -> None:
    fit = sem.fit(MEDIATION, survey_sample(0.3, 1)[["id1", "id2", "st1"]].set_axis(["x", "m", "y"], axis=1).dropna())
    found = sem.resampled(fit, np.ones((2, fit.n), dtype=int))
    assert found[0] == pytest.approx(fit.tidy()["est"].to_numpy(), abs=1e-7)


def test_joint_p_values_count_the_draws_that_are_as_extreme() -> None:
    """One analysis is its own permutation test; of two, the family-wise p is never below that of one alone."""
    null = np.random.default_rng(1).standard_normal((199, 2))
    one = joint(np.array([0.2]), np.array([2.0]), null[:, :1] / 10, null[:, :1])
    assert one is not None
    extreme = (1 + (np.abs(null[:, 0]) >= 2).sum()) / 200
    assert (one.median_p, one.stouffer_p, one.familywise[0]) == (extreme, extreme, extreme)
    assert one.share_p == (1 + (null[:, 0] >= 2).sum()) / 200, "in the predicted direction alone"
    two = joint(np.array([0.2, 0.1]), np.array([2.0, np.nan]), null / 10, null)
    assert two is not None
    assert two.analyses == 1, "an analysis without an estimate counts as none"
    other = joint(np.array([0.2, 0.1]), np.array([2.0, 1.0]), null / 10, null, sign=-1)
    assert other is not None
    assert other.familywise[0] >= extreme
    assert other.share == 0
    assert joint(np.array([0.2]), np.array([2.0]), np.empty((0, 1)), np.empty((0, 1))) is None


def test_draws_of_a_survey_are_centred_on_zero_as_wide_as_its_errors_and_the_truth_is_found() -> None:
    variants = Variants(survey_sample(0.5, 3), SCALES)
    found = [one for one in universes(variants, [], asked=True) if one["estimator"] != "WLSMV"]
    assert [one["answers"] for one in found] == ["all", "all", "complete", "complete"]
    counts = multiverse.resamples(200, 60, seed=1)
    parts = [one for group in multiverse.sharing(found) for one in multiverse.drawn(variants, group, [], counts)]
    for part in parts:
        z = part.null_z[FIRST]
        assert abs(np.nanmean(z)) < 0.5
        assert 0.7 < np.nanstd(z) < 1.4
    main = fitted(variants, found[0], [])
    assert main is not None
    rows = joint_rows(parts, multiverse.predicted(main), "mechanisms")
    joint_found = rows[(rows["table"] == "multiverse_joint") & (rows["term"] == FIRST)]
    p = joint_found[joint_found["group"] == "equivalent"].set_index("quantity")["pvalue"]
    assert p["stouffer"] == p["median"] == pytest.approx(1 / 61)
    if_zero = rows[(rows["quantity"] == "main_if_zero") & (rows["term"] == FIRST)]["estimate"]
    assert if_zero.item() == (parts[0].null_z[FIRST] > 1.959964).mean() < 0.2
    assert (rows[(rows["quantity"] == "familywise") & (rows["term"] == FIRST)]["pvalue"] < 0.05).all()


def test_signs_that_turn_nobody_give_the_slope_back_and_turning_all_its_opposite() -> None:
    """With every sign 1 the draw is the residuals themselves, so that the slope is that of the fit."""
    data = panel_sample(0.4, 1, users=25)
    fit = panel.fit("identification ~ lag(value) + lag(trust)", data, entity="entity", time="time", cluster="entity")
    users = pd.unique(data["entity"])
    signs = pd.DataFrame([[1.0] * len(users), [-1.0] * len(users)], columns=users)
    drawn = panel.sign_flips(fit, "lag(value)", signs)
    slope = fit.tidy().set_index("term").loc["lag(value)"]
    assert drawn.slope.tolist() == pytest.approx([slope["est"], -slope["est"]])
    assert drawn.statistic.tolist() == pytest.approx([slope["statistic"], -slope["statistic"]])
    with pytest.raises(panel.PanelError, match="signs have no column for 2 of 25 entities"):
        panel.sign_flips(fit, "lag(value)", signs.iloc[:, 2:])


def test_a_panel_has_its_combinations_on_the_same_signs() -> None:
    data, measures = panel_sample(0.5, 2, users=40), {"value", "trust", "identification"}
    found = panels.universes("identification_next", data, measures)
    assert not any(name == "platforms" and way == "apart" for one in found for name, way in one.chosen), "one platform"
    kept = [one for one in found if one["effects"] == "twoway" and one["lags"] == "one" and one["people"] == "all"]
    kept = [one for one in kept if one["controls"] == "with"]
    turned = panels.signs(data, 99, seed=1)
    parts = [panels.drawn("identification_next", data, measures, one, turned, conftest.zero) for one in kept]
    rows = joint_rows(parts, panels.predicted("identification_next"), "identification_next")
    found_p = rows[(rows["quantity"] == "stouffer") & (rows["group"] == "equivalent")].set_index("term")["pvalue"]
    assert found_p["lag(value)"] < 0.05 < found_p["lag(trust)"]
