"""Indirect, direct and total effects: what the rows say and which of them decides."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from models import sem, survey
from models.remarks import packed, remark

SCALES = {c: [f"{c[:2]}{i}" for i in (1, 2, 3)] for c in ("value_functional", "identification", "stickiness")}
DECIDES = survey.hypothesis_of(survey.MAIN)
POPULATION = """
v =~ 1*va1 + 0.9*va2 + 0.8*va3
i =~ 1*id1 + 0.9*id2 + 0.8*id3
s =~ 1*st1 + 0.9*st2 + 0.8*st3
i ~ 0.5*v
s ~ 0.5*i + 0*v
"""


def answers(n: int = 300) -> pd.DataFrame:
    frame = sem.simulate(POPULATION, n, 1)
    return frame.mask(np.random.default_rng(1).random(frame.shape) < 0.05)


@pytest.fixture(scope="module")
def model() -> survey.Structural:
    found = survey.structural(survey.MAIN, answers(), SCALES)
    assert found is not None
    return found


def test_every_effect_has_both_intervals_raw_and_standardised(model: survey.Structural) -> None:
    rows = survey.effect_rows(model.fit, survey.Resampling(300, seed=4), DECIDES)
    effects = rows[rows["table"] == "effects"].set_index(["term", "quantity"])
    terms = ["direct_value", "h3a", "total_value"]
    assert sorted(set(effects.index.get_level_values(0))) == terms
    for term in terms:
        for quantity, twin in (("estimate", "percentile"), ("std_all", "percentile_std_all")):
            bca, plain = effects.loc[(term, quantity)], effects.loc[(term, twin)]
            assert bca["definition"] == "bca"
            assert plain["definition"] == "percentile"
            assert bca["estimate"] == plain["estimate"]
            for row in (bca, plain):
                assert row["ci_lower"] < row["estimate"] < row["ci_upper"]
            assert bca["ci_lower"] != plain["ci_lower"]
    whole = effects["estimate"]
    assert whole["h3a", "estimate"] + whole["direct_value", "estimate"] == pytest.approx(
        whole["total_value", "estimate"]
    )
    assert effects.loc[("h3a", "estimate"), "ci_lower"] > 0
    assert effects.loc[("direct_value", "estimate"), "ci_lower"] < 0


def test_p_and_bca_interval_agree_and_only_the_indirect_effect_decides(model: survey.Structural) -> None:
    rows = survey.effect_rows(model.fit, survey.Resampling(300, seed=4), DECIDES)
    tested = rows[rows["pvalue"].notna()]
    outside = (tested["ci_lower"] > 0) | (tested["ci_upper"] < 0)
    assert ((tested["pvalue"] < 0.05) == outside).all()
    assert tested["pvalue"].min() >= 2 / 301
    decides = rows[rows["hypothesis"].fillna("") != ""]
    shown = decides[["term", "quantity", "hypothesis"]].to_numpy().tolist()
    assert shown == [["h3a", "estimate", "H3a"], ["h3a", "std_all", "H3a"]]
    counts = rows[rows["table"] == "bootstrap"].set_index("term")["estimate"]
    assert counts["draws"] == 300
    assert counts["failed"] == 0
    assert counts["inadmissible"] >= 0


def test_the_percentile_interval_is_that_of_the_engine(model: survey.Structural) -> None:
    rows = survey.effect_rows(model.fit, survey.Resampling(200, seed=9), {}).set_index(["term", "quantity"])
    frame = sem.bootstrap(model.fit, 200, seed=9).tidy().set_index("label")
    found = rows.loc[("h3a", "percentile"), ["ci_lower", "ci_upper"]].astype(float)
    # The same seed draws the same people: equal to rounding.
    np.testing.assert_allclose(found, frame.loc["h3a", ["ci_lower", "ci_upper"]].astype(float), rtol=1e-12)


def test_a_model_without_effects_is_not_refitted() -> None:
    scales = {c: SCALES[c] for c in ("value_functional", "identification")}
    model = survey.structural(survey.MAIN, answers(), scales)
    assert model is not None
    assert survey.effect_rows(model.fit, survey.Resampling(10, seed=1), {}).empty


def test_a_label_may_hold_two_underscores(model: survey.Structural) -> None:
    """What a model of groups puts behind it stands at the end."""
    text = POPULATION.replace("0.5*v", "a__b*v").replace("0.5*i + 0*v", "c*i + direct__v*v") + "h__x := a__b*c\n"
    text = "\n".join(re.sub(r"[\d.]+\*(?=\w+\d)", "", line) for line in text.splitlines())
    plain = survey.effect_rows(sem.fit(text, answers()), survey.Resampling(30, seed=1), {})
    assert set(plain.loc[plain["table"] == "effects", "term"]) == {"h__x", "direct__v"}
    numbered = text.replace("a__b", 'c("a__b__1","a__b__2")').replace("c*i", 'c("c__1","c__2")*i')
    numbered = numbered.replace("direct__v", 'c("direct__v__1","direct__v__2")')
    numbered = numbered.partition("h__x")[0] + "h__x__1 := a__b__1*c__1\nh__x__2 := a__b__2*c__2\n"
    data = answers(400).assign(country=["here", "there"] * 200)
    rows = survey.effect_rows(sem.fit(numbered, data, group="country"), survey.Resampling(30, seed=1), {}, "country")
    effects = rows[rows["table"] == "effects"]
    assert set(effects["term"]) == {"h__x", "direct__v"}
    assert set(effects["group"]) == {"country: here", "country: there"}


def test_groups_have_effects_of_their_own_that_decide_nothing(model: survey.Structural) -> None:
    data = answers(400).assign(country=["here", "there"] * 200)
    how = {"estimator": "MLR", "missing": "fiml"}
    plain = survey.by_group(model, data, "country", 50, **how)
    rows = survey.by_group(model, data, "country", 50, **how, resampling=survey.Resampling(60, seed=2))
    effects = rows[rows["table"] == "effects"]
    assert set(effects["group"]) == {"country: here", "country: there"}
    assert (effects["hypothesis"].fillna("") == "").all()
    pd.testing.assert_frame_equal(
        plain, rows[~rows["table"].isin(["effects", "bootstrap"])].reset_index(drop=True)[plain.columns]
    )
    paths = rows[(rows["table"] == "group_paths") & (rows["quantity"] == "estimate")].set_index(["group", "term"])
    for group in ("country: here", "country: there"):
        product = paths.loc[(group, "identification ~ value"), "estimate"]
        product *= paths.loc[(group, "stickiness ~ identification"), "estimate"]
        own = effects[(effects["group"] == group) & (effects["term"] == "h3a")].set_index("quantity")["estimate"]
        assert own["estimate"] == pytest.approx(product)


def test_groups_whose_resamples_are_hopeless_keep_their_paths_and_say_why(model, monkeypatch) -> None:
    gone = remark("not_nested")

    def hopeless(*_: object, **__: object) -> None:
        raise sem.SemError(gone)

    data = model.fit.task.sample.groups[0].data
    frame = pd.DataFrame(data, columns=list(model.fit.task.sample.names))
    frame["country"] = np.where(np.arange(len(frame)) % 2, "china", "germany")
    monkeypatch.setattr(sem, "bootstrap", hopeless)
    how = {"estimator": "MLR", "missing": "fiml"}
    rows = survey.by_group(model, frame, "country", 50, **how, resampling=survey.Resampling(5000, seed=2))
    assert {"group_paths", "equality"} <= set(rows["table"])
    failed = rows[(rows["table"] == "remarks") & (rows["quantity"] == "failed")]
    assert failed["note"].tolist() == [packed([gone])]
