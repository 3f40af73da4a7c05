"""The within-person model of the closed loop finds the benchmark's cross-lags and decides only where it fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import results, sem
from models.behaviour import closed_loop, within_person
from models.benchmark import Design
from models.benchmark.behaviour import draw
from models.evidence import with_links
from tests.conftest import words

MEASURES = {"value", "trust", "participation", "identification"}
TRUTH = {
    "value ~ lag(value)": 0.25, "value ~ lag(trust)": 0.10, "value ~ lag(participation)": 0.0,
    "trust ~ lag(value)": 0.10, "trust ~ lag(trust)": 0.0, "trust ~ lag(participation)": 0.0,
    "participation ~ lag(value)": 0.0, "participation ~ lag(trust)": 0.10, "participation ~ lag(participation)": 0.25,
}  # fmt: skip


def seed_of(*names: str) -> int:
    return 7


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    return draw(Design.of({"users": 1200, "months": 12}), np.random.default_rng(11)).panel


@pytest.fixture(scope="module")
def rows(users: pd.DataFrame) -> pd.DataFrame:
    return closed_loop(users, MEASURES, seed_of)


def test_cross_lags_within_users_are_recovered(rows: pd.DataFrame) -> None:
    found = rows[rows["quantity"] == "raw"].set_index("term")
    distance = (found["estimate"] - pd.Series(TRUTH)).abs() / found["se"]
    assert len(distance) == 9
    assert distance.max() < 3.3  # one in a thousand by chance, each


def test_the_true_model_fits_and_uses_eight_periods(rows: pd.DataFrame) -> None:
    loop = rows[rows["table"] == "closed_loop"]
    assert loop.set_index("quantity")["estimate"]["periods"] == 8
    assert (loop["note"].fillna("") == "").all()
    verdict = rows[rows["quantity"] == "misfit"].iloc[0]
    assert words(verdict["note"]) == "better than misspecification level 1"


def test_a_model_that_leaves_out_a_lag_decides_nothing(users: pd.DataFrame) -> None:
    """Each mechanism also moves itself two periods later, as strongly as the first level of misspecification says."""
    slow = users[users["entity"].isin(users["entity"].unique()[:500])].sort_values(["entity", "time"])
    names = ["value", "trust", "participation"]
    for name in names:
        own = slow[name] - slow.groupby("entity")[name].transform("mean")
        slow[name] += 0.5 * own.groupby(slow["entity"]).shift(2).fillna(0)
    found = closed_loop(slow, MEASURES, seed_of)
    slopes = found[found["quantity"] == "raw"]
    assert not slopes["decides"].any()
    assert words(slopes["note"].iloc[0]).startswith("the model does not fit well enough to decide: ")


def test_units_of_the_measures_change_raw_slopes_and_nothing_else(users: pd.DataFrame, rows: pd.DataFrame) -> None:
    other = closed_loop(users.assign(trust=users["trust"] * 100 + 7), MEASURES, seed_of)
    before, after = (r.set_index(["term", "quantity"]) for r in (rows, other))
    term = "value ~ lag(trust)"
    # 1e-5: where the optimiser stops
    assert after.loc[(term, "raw"), "estimate"] == pytest.approx(before.loc[(term, "raw"), "estimate"] / 100, rel=1e-5)
    assert after.loc[(term, "std"), "pvalue"] == pytest.approx(before.loc[(term, "std"), "pvalue"], rel=1e-4)


def test_the_within_person_model_decides_the_closed_loop(rows: pd.DataFrame) -> None:
    gmm = {"table": "slopes", "group": "all", "quantity": "raw", "estimate": 0.2, "pvalue": 0.9, "note": ""}
    links = [("value_cross_lags", "lag(trust)"), ("trust_cross_lags", "lag(value)")]
    both = pd.concat([rows.assign(note=""), pd.DataFrame([gmm | {"model": m, "term": t} for m, t in links])])
    both = results.whole(both.assign(hypothesis="").reset_index(drop=True))
    marked = with_links(both)
    decided = marked[marked["hypothesis"] == "H5a"]
    assert set(decided["table"]) == {"closed_loop"}
    assert set(decided["quantity"]) == {"raw", "std"}
    assert set(decided.loc[decided["decides"], "quantity"]) == {"raw"}
    unfit = both.assign(decides=False)
    assert set(with_links(unfit).query("hypothesis == 'H5a'")["table"]) == {"slopes"}


def test_an_inadmissible_solution_decides_nothing_so_that_the_dynamic_models_do(users: pd.DataFrame) -> None:
    """Trust as deviations from each user's mean: the variance of its random intercept falls below zero."""
    few = users[users["entity"].isin(users["entity"].unique()[:400])]
    stable = few.groupby("entity")["trust"].transform("mean")
    found = closed_loop(few.assign(trust=few["trust"] - stable), {"value", "trust"}, seed_of)
    assert (found["quantity"] == "inadmissible").any()
    assert not found["decides"].any()
    assert "the solution is inadmissible" in words(found.loc[found["quantity"] == "raw", "note"].iloc[0])


def test_too_few_users_are_a_reason_and_no_estimate(users: pd.DataFrame) -> None:
    few = closed_loop(users[users["entity"].isin(users["entity"].unique()[:60])], MEASURES, seed_of)
    assert list(few["quantity"]) == ["failed"]
    assert words(few["note"].iloc[0]).startswith("fewer than 2 users a moment in any 4 consecutive periods")


def test_one_mechanism_has_no_loop(users: pd.DataFrame) -> None:
    assert closed_loop(users, {"value", "identification"}, seed_of).empty


def test_a_panel_without_rows_is_a_remark(users: pd.DataFrame) -> None:
    empty = closed_loop(users.iloc[:0], MEASURES, seed_of)
    assert list(empty["table"]) == ["remarks"]
    assert "no random-intercept cross-lagged model" in words(empty["note"][0])


def test_a_fit_that_no_level_can_be_told_from_decides_nothing(
    users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a level beyond the last that two mechanisms have is no licence either."""
    few = users[users["entity"].isin(users["entity"].unique()[:300])]
    unknown = sem.DynamicCutoffs(
        (("left out",),),
        pd.DataFrame({"level": 1, "index": ["cfi"], "cutoff": np.nan, "error": np.nan, "worst": 0.9}),
        "",
    )
    monkeypatch.setattr(within_person, "cutoffs", lambda *_: unknown)
    monkeypatch.setattr(within_person, "cutoff_rows", lambda *_: pd.DataFrame())
    found = closed_loop(few, {"value", "trust"}, seed_of)
    assert not found["decides"].any()
    assert "no level of misspecification can be told" in words(found.loc[found["quantity"] == "raw", "note"].iloc[0])
    worst = sem.DynamicCutoffs(unknown.levels, unknown.table.assign(cutoff=2.0), "")
    monkeypatch.setattr(within_person, "cutoffs", lambda *_: worst)
    monkeypatch.setattr(within_person, "choices", replace(within_person.choices, loop_level=3))
    assert not closed_loop(few, {"value", "trust"}, seed_of)["decides"].any()
