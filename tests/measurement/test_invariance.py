"""Invariance: the ladder, its partial steps and latent means agree with lavaan; alignment recovers what was planted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from models import measurement, sem
from models.measurement.answers.categories import merge_sparse
from models.measurement.comparability.groups import groups
from models.measurement.errors import ScaleError, UnknownColumnError

FIXTURES = Path(__file__).parents[1] / "fixtures" / "measurement"
RELATIVE = 1e-4  # lavaan's optimiser; scaled statistics also differ by its numerical derivatives
NAMES = {"partial scalar": "partial_scalar"}


@pytest.fixture(scope="module")
def gaps() -> pd.DataFrame:
    return pd.read_csv(FIXTURES / "holzinger_swineford_gaps.csv")


@pytest.mark.parametrize(("case", "estimator"), [("ML", "ML"), ("MLR", "MLR"), ("gaps", "MLR")])
def test_ladder_is_that_of_lavaan(case, estimator, hs, gaps, hs_scales, reference):
    expected = reference("invariance")[case]
    data = gaps if case == "gaps" else hs
    result = measurement.invariance(data, hs_scales, "school", estimator=estimator, reference="Pasteur")
    ladder = result.ladder.set_index("model")
    robust = ".robust" if estimator == "MLR" else ""
    for name in ("configural", "metric", "scalar", "partial scalar"):
        row, lavaan = ladder.loc[name], expected["measures"][name.replace(" ", "_")]
        assert row["df"] == lavaan["df"]
        assert row["chisq"] == pytest.approx(lavaan["chisq.scaled" if robust else "chisq"], rel=RELATIVE)
        assert row["cfi"] == pytest.approx(lavaan["cfi" + robust], rel=RELATIVE)
        assert row["rmsea"] == pytest.approx(lavaan["rmsea" + robust], rel=10 * RELATIVE)  # a root magnifies error
        assert row["srmr"] == pytest.approx(lavaan["srmr"], rel=RELATIVE)
        assert row["bic"] == pytest.approx(lavaan["bic"], rel=1e-6)
        if name != "configural":
            difference = expected["difference"][name.replace(" ", "_")]
            assert row["delta_df"] == difference["df"]
            assert row["delta_chisq"] == pytest.approx(difference["chisq"], rel=20 * RELATIVE)  # of two statistics
    assert result.freed["parameter"].tolist()[:2] == ["x3 ~1", "x7 ~1"]
    means = result.means.set_index("construct").loc[["visual", "textual", "speed"]]
    assert_allclose(means["difference"], expected["mean"], atol=2e-4)
    assert_allclose(means["se"], expected["se"], rtol=1e-3)
    n = data.groupby("school").size()
    pooled = np.sqrt((n["Pasteur"] + n["Grant-White"] * np.array(expected["variance"])) / n.sum())
    assert_allclose(means["d"], np.array(expected["mean"]) / pooled, atol=2e-4)


def test_ordinal_ladder_is_that_of_wu_and_estabrook_in_semtools(bfi, reference):
    expected = reference("invariance_ordinal")
    scales = {c: [f"{c}{i}" for i in range(1, 6)] for c in "AE"}
    complete = bfi.dropna(subset=[i for items in scales.values() for i in items])
    result = measurement.invariance(
        complete,
        scales,
        "gender",
        estimator="WLSMV",
        reference=str(expected["first_group"]),
        configural_level=None,
        min_answers=1,
    )
    ladder = result.ladder.set_index("model")
    assert list(ladder.index) == list(expected["measures"])
    for name, lavaan in expected["measures"].items():
        assert ladder.loc[name, "df"] == lavaan["df"]
        assert ladder.loc[name, "chisq"] == pytest.approx(lavaan["chisq.scaled"], rel=1e-3)  # ordinal: 1e-3
        assert ladder.loc[name, "cfi"] == pytest.approx(lavaan["cfi.scaled"], abs=1e-3)
        assert ladder.loc[name, "rmsea"] == pytest.approx(lavaan["rmsea.scaled"], abs=1e-3)
        assert ladder.loc[name, "srmr"] == pytest.approx(lavaan["srmr"], abs=1e-3)
    assert_allclose(result.means["difference"], expected["mean"], atol=1e-3)


def test_ordered_items_need_three_answers(bfi):
    items = ["A1", "A2", "A3"]
    binary = bfi.assign(A1=(bfi["A1"] > 3).astype(float))
    result = measurement.invariance(binary, {"A": items}, "gender", estimator="WLSMV")
    assert (
        str(result.note)
        == "not testable, because 'A1' has two answers, and equal thresholds can only be told from three on"
    )


def test_rare_answers_are_joined_with_their_neighbours_in_all_groups():
    answers = pd.DataFrame({"a": [1.0] * 2 + [2.0] * 8 + [3.0] * 10 + [2.0] * 9 + [3.0] * 6 + [4.0] * 3 + [5.0] * 4})
    groups_ = pd.Series(["x"] * 20 + ["y"] * 22)
    coded, merged = merge_sparse(answers, ["a"], groups_, least=5)
    assert merged == {"a": 2}
    assert coded["a"].groupby(answers["a"]).unique().map(list).to_dict() == {1: [1], 2: [1], 3: [2], 4: [2], 5: [2]}
    untouched, none = merge_sparse(answers[:20], ["a"], groups_[:20], least=2)
    assert none == {}
    assert untouched["a"].tolist() == answers["a"][:20].tolist()


def test_an_answer_that_one_group_never_gives_does_not_stop_the_ordered_ladder():
    data = simulated(400, {}, {}, {"x": 0.0, "y": 0.5}, 8)
    for item in [i for items in TWO.values() for i in items]:
        data[item] = np.clip(np.rint(data[item] * 1.2) + 3, 1, 5)
    data.loc[(data["country"] == "y") & (data["a0"] == 1), "a0"] = 2
    result = measurement.invariance(data, TWO, "country", estimator="WLSMV", reference="x")
    assert result.merged["a0"] == 4
    assert not result.note
    assert "scalar" in result.level or "strict" in result.level
    assert_allclose(result.means["d"], 0.5, atol=0.16)  # two standard errors


def test_a_grouping_that_is_no_column_is_refused_with_a_near_name(hs, hs_scales):
    with pytest.raises(UnknownColumnError, match="grouping 'skool' is not a column of the data.*did you mean school"):
        measurement.equal_loadings(hs, hs_scales, "skool")


def test_who_has_no_group_is_no_group():
    same = sem.simulate("F =~ 0.8*a + 0.7*b + 0.6*c", 400, seed=1).assign(place=["app", "web"] * 200)
    other = sem.simulate("F =~ 0.8*a + -0.7*b + 0.6*c", 200, seed=2)
    for people in (same, pd.concat([same, other.assign(place=None)], ignore_index=True)):
        assert not measurement.equal_loadings(people, {"F": list("abc")}, "place").doubted
    assert measurement.equal_loadings(pd.concat([same, other.assign(place="tv")]), {"F": list("abc")}, "place").doubted


def test_known_verdict_on_two_schools(hs, hs_scales):
    """Loadings hold, the intercepts of x3 and x7 do not: what lavaan's tutorial and Byrne's rule lead to."""
    result = measurement.invariance(hs, hs_scales, "school")
    assert result.level == "partial strict"
    ladder = result.ladder.set_index("model")
    assert ladder.loc["metric", "held"]
    assert not ladder.loc["scalar", "held"]
    assert ladder.loc["partial scalar", "n_freed"] == 2
    assert "released: x3 ~1, x7 ~1" in str(result.means["note"].iloc[0])


def simulated(n: int, shift: dict[str, np.ndarray], slope: dict[str, np.ndarray], means: dict[str, float], seed: int):
    rng = np.random.default_rng(seed)
    parts = []
    for name, mean in means.items():
        factors = mean + rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], n)
        slopes = 0.8 + slope.get(name, np.zeros(8))
        answers = shift.get(name, np.zeros(8)) + np.repeat(factors, 4, axis=1) * slopes
        part = pd.DataFrame(
            answers + 0.6 * rng.standard_normal((n, 8)), columns=[f"{f}{i}" for f in "ab" for i in range(4)]
        )
        parts.append(part.assign(country=name))
    return pd.concat(parts, ignore_index=True)


TWO = {"a": [f"a{i}" for i in range(4)], "b": [f"b{i}" for i in range(4)]}


def test_planted_loading_is_the_one_released_and_takes_its_intercept_along():
    slope = {"y": np.array([0, 0, 0.6, 0, 0, 0, 0, 0.0])}
    shift = {"y": np.array([0, 0, 0.5, 0, 0, 0, 0, 0.0])}
    data = simulated(600, shift, slope, {"x": 0.0, "y": 0.3}, seed=1)
    result = measurement.invariance(data, TWO, "country", reference="x")
    assert result.freed["parameter"].tolist() == ["a=~a2"]
    assert result.level == "partial strict"
    assert result.ladder.set_index("model").loc["scalar", "n_freed"] == 3  # loading, and intercept and residual with it
    assert_allclose(result.means["d"], 0.3, atol=0.12)  # two standard errors


def test_thresholds_of_one_item_are_released_and_the_rest_of_it_goes_along():
    """Four cuts to five answers; in one group the two upper cuts of a1 lie far higher, which no shift can mimic."""
    data = simulated(800, {}, {}, {"x": 0.0, "y": 0.4}, 6)
    cuts = np.array([-1.2, -0.4, 0.4, 1.2])
    for item in [i for items in TWO.values() for i in items]:
        bent = np.where((data[["country"]] == "y") & (item == "a1"), [-1.2, -0.4, 1.6, 2.4], cuts)
        data[item] = (data[[item]].to_numpy() > bent).sum(axis=1)
    strict_cut = measurement.Cutoffs(cfi=0.002)
    result = measurement.invariance(data, TWO, "country", estimator="WLSMV", reference="x", cutoffs=strict_cut)
    assert result.freed["parameter"].iloc[0] == "a1|"
    ladder = result.ladder.set_index("model")
    assert ladder.loc["partial thresholds", "n_freed"] == 1
    assert ladder.loc["metric", "n_freed"] == 4
    assert_allclose(result.means["d"], 0.4, atol=0.11)  # two standard errors


def test_invariant_groups_climb_to_the_top():
    result = measurement.invariance(simulated(400, {}, {}, {"x": 0.0, "y": 0.5, "z": -0.5}, 2), TWO, "country")
    assert result.level == "strict"
    assert result.freed.empty
    assert not result.alignments


def test_alignment_recovers_means_where_scalar_invariance_fails():
    """Six groups; in each another intercept is off by 0.8, so that means of sum scores mislead."""
    truth = {f"g{k}": m for k, m in enumerate([0.0, 0.5, -0.4, 0.2, -0.2, 0.8])}
    shift = {f"g{k}": 0.8 * np.eye(8)[k] for k in range(6)}
    result = measurement.invariance(simulated(500, shift, {}, truth, 3), TWO, "country", reference="g0", seed=1)
    assert not result.ladder.set_index("model").loc["scalar", "held"]
    for construct, first in (("a", 0), ("b", 4)):
        alignment = result.alignments[construct]
        assert_allclose(alignment.means, list(truth.values()), atol=0.16)  # two standard errors of a mean difference
        off = {(k, k - first) for k in range(6) if first <= k < first + 4}
        assert {tuple(c) for c in np.argwhere(~alignment.invariant_intercepts).tolist()} == off
        assert alignment.noninvariant <= 0.25


def test_alignment_does_not_depend_on_units_or_order_of_groups():
    rng = np.random.default_rng(4)
    slopes, levels = 0.8 + 0.02 * rng.standard_normal((4, 5)), rng.standard_normal((4, 1)) * 0.8 + np.zeros((4, 5))
    levels[2, 1] += 0.7
    n, se = np.array([300, 200, 250, 400]), np.full((4, 5), 0.05)
    one = measurement.align(slopes, levels, n, se, se, seed=1)
    ten = measurement.align(10 * slopes, 10 * levels, n, 10 * se, 10 * se, seed=1)
    assert_allclose(one.means, ten.means, atol=1e-4)
    order = [0, 3, 2, 1]
    turned = measurement.align(slopes[order], levels[order], n[order], se, se, seed=1)
    assert_allclose(one.means[order], turned.means, atol=2e-3)  # the loss is nearly flat around its kinks


def test_small_groups_follow_the_rule(hs):
    data = hs.assign(class_=["a"] * 120 + ["b"] * 100 + ["c"] * 40 + ["d"] * 30 + [None] * 11)
    merged = groups(data, "class_", min_size=50)
    assert merged.labels.value_counts().to_dict() == {"a": 120, "b": 100, "other": 70}
    assert merged.labels.iloc[0] == "a"
    dropped = groups(data, "class_", min_size=50, small="drop").table.set_index("group")
    assert str(dropped.loc["d", "note"]) == "30 people, fewer than 50: left out"
    assert str(dropped.loc["", "note"]) == "no group given: left out"


def test_what_cannot_be_tested_says_why(hs, hs_scales):
    tiny = measurement.invariance(hs, hs_scales, "school", min_size=150)
    assert str(tiny.note) == "not testable, because fewer than two groups of 'school' have 150 people or more"
    assert tiny.level == "none"
    bad = measurement.invariance(hs, {"all": [f"x{i}" for i in range(1, 10)]}, "school")
    assert str(bad.note).startswith("not testable, because the configural model fits badly in the groups (CFI 0.")
    flat = hs.assign(x1=np.where(hs["school"] == "Pasteur", 3.0, hs["x1"]))
    why = str(measurement.invariance(flat, hs_scales, "school").note)
    assert why.startswith(
        "not testable, because the configural model cannot be fitted: no variance in group 'Pasteur': x1"
    )


def test_wrong_grouping_is_refused_with_the_remedy(hs, hs_scales):
    with pytest.raises(UnknownColumnError, match="grouping 'shool' is not a column of the data .did you mean school"):
        measurement.invariance(hs, hs_scales, "shool")
    with pytest.raises(ScaleError, match=r"estimator is 'MLRR'; expected one of MLR, ML, WLSMV \(did you mean MLR"):
        measurement.invariance(hs, hs_scales, "school", estimator="MLRR")
    with pytest.raises(ScaleError, match="rule for small groups is 'pool'; expected one of merge, drop"):
        measurement.invariance(hs, hs_scales, "school", small="pool")
    with pytest.raises(
        ScaleError, match="reference group 'Eton' is not among the groups analysed: Pasteur, Grant-White"
    ):
        measurement.invariance(hs, hs_scales, "school", reference="Eton")
