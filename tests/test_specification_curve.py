"""All combinations of choices, and each group left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from models import sem, survey
from models.survey.variants import Variant, Variants
from tests.conftest import words
from tests.test_sensitivity import FIRST, SCALES, SECOND, answers

ROUND = np.array([-1.0, 0.0, 1.0])


def curve(data: pd.DataFrame, doubted: Sequence = (), controls: Sequence[str] = ()) -> pd.DataFrame:
    return survey.specification_curve(Variants(data.assign(respondent=range(len(data))), SCALES, doubted), controls)


def test_choices_that_change_nothing_are_not_varied_and_normal_errors_come_from_the_robust_fit() -> None:
    data = answers(400, seed=1, cut=ROUND)
    rows = curve(data)
    found = rows[rows["quantity"] == "std_all"]
    names = list(dict.fromkeys(found["group"]))
    assert [name.split(";")[0] for name in names] == ["estimator: MLR", "estimator: ML", "estimator: WLSMV"]
    assert set(found["term"]) == {FIRST, SECOND, "h3a"}, "effects that decide a hypothesis"
    first = found[found["term"] == FIRST].set_index("group")
    main = survey.structural(survey.MAIN, data, SCALES)
    assert main is not None
    here = survey.effects(main).set_index("term").loc[FIRST]
    assert first.loc[names[0], ["estimate", "se"]].tolist() == pytest.approx(here[["estimate", "se"]].tolist())
    plain = sem.fit(main.built.syntax, data, estimator="ML").standardised_solution()
    plain = plain[(plain["op"] == "~") & (plain["lhs"] == "identification")].iloc[0]
    assert first.loc[names[1], ["estimate", "se"]].tolist() == pytest.approx(plain[["est", "se"]].tolist(), rel=1e-6)


def test_every_combination_of_five_choices_is_there_once() -> None:
    data = answers(300, seed=2, cut=ROUND)
    items = [item for block in SCALES.values() for item in block]
    data[items] = data[items].mask(np.random.default_rng(0).random((300, 9)) < 0.02)
    rows = curve(data, doubted=range(20), controls=["age"])
    groups = rows["group"].dropna().unique()
    assert len(groups) == 2 * 2 * 2 * 2 + 2 * 2, (
        "two kinds of errors × gaps × people × controls; categories without controls"
    )
    assert not (rows["quantity"] == "failed").any()
    sizes = rows[rows["term"] == FIRST].dropna(subset=["group"]).set_index("group")["n"]
    complete = data[items].notna().all(axis=1)
    assert sizes["estimator: MLR; answers: complete; people: undoubted; controls: with; levels: second_order"] == (
        complete.iloc[20:].sum()
    )
    summary = rows[(rows["table"] == "specification_summary") & (rows["term"] == FIRST)].set_index("quantity")[
        "estimate"
    ]
    found = rows[(rows["quantity"] == "std_all") & (rows["term"] == FIRST)]
    assert summary["lowest"] == found["estimate"].min()
    assert summary["median"] == found["estimate"].median()
    assert summary["same_sign"] == 1
    assert summary["clear"] == (found["ci_lower"] > 0).mean()


def test_a_combination_without_an_estimate_keeps_its_place_with_the_reason() -> None:
    data = answers(200, seed=3, cut=ROUND)
    for k, item in enumerate(item for block in SCALES.values() for item in block):
        data.loc[data.index % 9 == k, item] = np.nan
    rows = curve(data)
    failed = rows[rows["quantity"] == "failed"]
    assert failed["group"].str.contains("answers: complete").all()
    assert len(failed)
    assert failed["note"].map(words).str.len().gt(10).all()
    assert (rows["quantity"] == "std_all").any()


def test_the_group_that_carries_the_result_is_seen_where_it_is_left_out() -> None:
    """The path is .8 in one of three groups of equal size, and zero in the others."""
    rng = np.random.default_rng(4)
    place = np.repeat(["east", "north", "west"], 400)
    value = rng.standard_normal(1200)
    slope = np.where(place == "west", 0.8, 0.0)
    outcome = slope * value + np.sqrt(1 - slope**2) * rng.standard_normal(1200)
    pairs = zip((value, outcome), list(SCALES.items())[:2], strict=True)
    columns = {i: f + 0.6 * rng.standard_normal(1200) for f, (_, items) in pairs for i in items}
    scales = dict(list(SCALES.items())[:2])
    data = pd.DataFrame(columns).assign(place=place)
    rows = survey.leave_one_out(data, scales, "place", Variant(), min_group=100).set_index("group")
    assert list(rows.index) == ["place: east", "place: north", "place: west"]
    assert abs(rows.loc["place: west", "estimate"]) < 3 * rows.loc["place: west", "se"]
    for kept in ("place: east", "place: north"):
        assert rows.loc[kept, "estimate"] == pytest.approx(0.4, abs=3 * rows.loc[kept, "se"])
    assert (rows["n"] == 800).all()
    assert survey.leave_one_out(data[place != "west"], scales, "place", Variant(), min_group=100).empty
    assert survey.leave_one_out(data, scales, "place", Variant(), min_group=500).empty
