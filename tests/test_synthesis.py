"""Effects of several data sets put together: equal to metafor and clubSandwich, found again where known."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import synthesis
from models.synthesis.first_stage import sampling_covariance
from tests.conftest import ROOT

REFERENCE: dict[str, Any] = json.loads((ROOT / "tests/fixtures/synthesis/reference.json").read_text(encoding="utf-8"))
SETS = sorted(REFERENCE["sets"])
# metafor's own search for τ² ends at a change of 1e-10 in τ².
EXACT: dict[str, float] = {"rel": 1e-7, "abs": 1e-8}
NAMES = {
    "estimate": "estimate", "se": "se", "statistic": "statistic", "pvalue": "pvalue", "ci_lower": "lower",
    "ci_upper": "upper", "tau2": "tau2", "tau2_lower": "tau2_lower", "tau2_upper": "tau2_upper", "i2": "i2", "h2": "h2",
    "q": "q", "q_pvalue": "q_p", "prediction_lower": "pi_lower", "prediction_upper": "pi_upper",
}  # fmt: skip


def effects(name: str) -> tuple[np.ndarray, np.ndarray]:
    return np.array(REFERENCE["sets"][name]["yi"]), np.array(REFERENCE["sets"][name]["vi"])


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("kind", "conservative"), [("knha", False), ("adhoc", True)])
def test_random_effects_are_those_of_metafor(name: str, kind: str, conservative: bool) -> None:
    pooled = synthesis.random_effects(*effects(name), conservative=conservative)
    expected = REFERENCE["sets"][name][kind]
    found = {theirs: getattr(pooled, ours) for ours, theirs in NAMES.items()}
    # The ends of the interval of τ² are found by a search that stops at 1e-4 of their size in metafor.
    loose = {key: expected[key] for key in ("tau2_lower", "tau2_upper")}
    assert {key: found[key] for key in loose} == pytest.approx(loose, rel=1e-4, abs=1e-4)
    others = {key: expected[key] for key in found if key not in loose}
    assert {key: found[key] for key in others} == pytest.approx(others, **EXACT)


@pytest.mark.parametrize("name", SETS)
def test_each_set_left_out_and_small_studies_are_those_of_metafor(name: str) -> None:
    y, v = effects(name)
    expected = REFERENCE["sets"][name]
    left = synthesis.leave_one_out(y, v, [str(k) for k in range(len(y))], conservative=False)
    one = expected["leave_one_out"]
    for ours, theirs in (("est", "estimate"), ("ci_lower", "lower"), ("tau2", "tau2"), ("i2", "i2")):
        assert left[ours].tolist() == pytest.approx(one[theirs], rel=1e-6, abs=1e-6), "leave1out searches less exactly"
    egger = synthesis.small_studies(y, v)
    assert egger.statistic == pytest.approx(expected["small_study"]["statistic"], rel=1e-4), "its search ends at 1e-5"
    assert egger.pvalue == pytest.approx(expected["small_study"]["pvalue"], rel=1e-3)


def test_moderators_are_those_of_metafor() -> None:
    expected = REFERENCE["moderated"]
    sets = pd.DataFrame({"ablat": expected["ablat"], "alloc": expected["alloc"]})
    found = synthesis.moderators(*effects("bcg"), sets, conservative=False)
    assert found.terms == ("intercept", "ablat", "alloc[random]", "alloc[systematic]")
    for ours in ("estimate", "se", "pvalue"):
        assert getattr(found, ours).tolist() == pytest.approx(expected[ours], **EXACT)
    assert found.tau2 == pytest.approx(expected["tau2"], **EXACT)
    assert (found.statistic, found.pvalue_all) == pytest.approx((expected["qm"], expected["qm_p"]), **EXACT)


def test_several_effects_of_a_set_are_those_of_metafor_with_cr2_of_clubsandwich() -> None:
    expected = REFERENCE["dependent"]
    arrays = (np.array(expected[key]) for key in ("yi", "vi", "set"))
    found = synthesis.dependent_effects(*arrays, rho=expected["rho"])
    # Two searches for the same maximum, each exact to about 1e-8 of the likelihood.
    near = {"rel": 1e-5}
    assert (found.tau2, found.omega2) == pytest.approx(tuple(expected["sigma2"]), rel=1e-4)
    assert found.estimate == pytest.approx(expected["estimate"], **near)
    assert (found.se, found.df) == pytest.approx((expected["se"], expected["df"]), **near)
    assert found.pvalue == pytest.approx(expected["pvalue"], rel=1e-4)


def craft() -> dict[str, tuple[pd.DataFrame, int]]:
    stored = REFERENCE["craft"]
    frames = [pd.DataFrame(r, stored["names"], stored["names"], dtype=float) for r in stored["r"].values()]
    return {name: (r, n) for name, r, n in zip(stored["r"], frames, stored["n"], strict=True)}


def test_sampling_covariances_of_correlations_are_those_of_metafor() -> None:
    V, study = np.array(REFERENCE["rcalc"]["V"]), np.array(REFERENCE["rcalc"]["study"]).astype(str)
    pairs = np.array([pair.split(".") for pair in REFERENCE["rcalc"]["pair"]])
    for name, (R, n) in craft().items():
        own = study == name
        if np.isfinite(R.to_numpy()).all():
            found = sampling_covariance(R, [tuple(pair) for pair in pairs[own]], n)
            assert found == pytest.approx(V[np.ix_(own, own)], rel=1e-10)


def test_pooled_correlations_are_those_of_metafor() -> None:
    """Without study 17, which gives correlations with one variable only: metafor leaves it out."""
    matrices = {name: one for name, one in craft().items() if name != "17"}
    for random, key in ((False, "equal"), (True, "pooled")):
        found = synthesis.pool_correlations(matrices, random=random)
        expected = REFERENCE[key]
        # With a τ² at zero metafor's search ends before its gradient is zero: 1e-5 in the estimates.
        near = 1e-4 if random else 1e-8
        assert found.estimate.tolist() == pytest.approx(expected["estimate"], rel=near)
        assert found.covariance == pytest.approx(np.array(expected["vcov"]), rel=10 * near, abs=1e-8)
        if random:
            assert found.tau2 == pytest.approx(np.array(expected["tau2"]), rel=1e-3, abs=1e-6)
        else:
            assert (found.q, found.q_df) == pytest.approx((expected["q"], expected["q_df"]), rel=1e-8)


def population(paths: dict[str, float]) -> pd.DataFrame:
    """Correlations of x → m → y with a direct path c."""
    a, b, c = paths["a"], paths["b"], paths["c"]
    xy = c + a * b
    my = b + a * c
    return pd.DataFrame([[1, a, xy], [a, 1, my], [xy, my, 1]], list("xmy"), list("xmy"))


def test_a_path_model_on_exact_correlations_gives_its_paths_and_regression_errors() -> None:
    truth = {"a": 0.4, "b": 0.5, "c": 0.2}
    pooled = synthesis.pool_correlations({"one": (population(truth), 400)}, random=False)
    found = synthesis.path_model("m ~ x\ny ~ m + x", pooled)
    rows = found.rows.set_index(["lhs", "rhs"])
    assert (found.df, found.chisq) == (0, pytest.approx(0, abs=1e-12))
    assert rows.loc[("m", "x"), "est"] == pytest.approx(truth["a"], abs=1e-7)
    assert rows.loc[("y", "m"), "est"] == pytest.approx(truth["b"], abs=1e-7)
    assert rows.loc[("y", "x"), "est"] == pytest.approx(truth["c"], abs=1e-7)
    assert rows.loc[("m", "x"), "se"] == pytest.approx((1 - truth["a"] ** 2) / np.sqrt(399), rel=1e-6)


@pytest.mark.slow
def test_pooled_paths_are_found_again_with_their_coverage_and_the_test_of_the_model_keeps_its_level() -> None:
    """Twelve sets of 150 people, correlations differing by chance and by τ = .08, no direct path; 40 draws."""
    rng = np.random.default_rng(5)
    inside, rejected, draws = 0, 0, 40
    for _ in range(draws):
        sets = {}
        for k in range(12):
            R = population({"a": 0.4 + 0.08 * rng.standard_normal(), "b": 0.5, "c": 0.0})
            people = rng.multivariate_normal(np.zeros(3), R, 150)
            sets[str(k)] = (pd.DataFrame(np.corrcoef(people.T), R.index, R.index), 150)
        found = synthesis.path_model("m ~ x\ny ~ m", synthesis.pool_correlations(sets))
        row = found.rows.set_index(["lhs", "rhs"]).loc[("m", "x")]
        inside += row["ci_lower"] < 0.4 < row["ci_upper"]
        rejected += found.pvalue < 0.05
    # 2.6 standard errors of 40 draws around .95 and .05.
    assert inside / draws >= 0.86
    assert rejected / draws <= 0.14


@pytest.mark.parametrize("number", [3, 5])
def test_what_is_said_of_each_effect_is_said_of_all_and_of_no_others(number: int) -> None:
    y, v, names = [0.1, 0.2, 0.3, 0.4], [0.01] * 4, list("abcde")[:number]
    asked = {
        f"{number} names for 4 effects": lambda: synthesis.leave_one_out(y, v, names),
        f"{number} data sets for 4 effects": lambda: synthesis.dependent_effects(y, v, names),
        f"{number} rows of moderators for 4": lambda: synthesis.moderators(y, v, pd.DataFrame({"year": range(number)})),
    }
    for said, ask in asked.items():
        with pytest.raises(synthesis.SynthesisError, match=said):
            ask()
    with pytest.raises(synthesis.SynthesisError, match="'place' has no value for some effects"):
        synthesis.moderators(y, v, pd.DataFrame({"place": ["east", "west", "east", None]}))


def test_correlations_of_one_data_set_do_not_differ_between_data_sets() -> None:
    one = {"one": (population({"a": 0.4, "b": 0.5, "c": 0.2}), 400)}
    pooled = synthesis.pool_correlations(one).tidy()
    pd.testing.assert_frame_equal(pooled, synthesis.pool_correlations(one, random=False).tidy())
    assert not pooled["tau2"].any()


def test_what_cannot_be_put_together_says_why() -> None:
    with pytest.raises(synthesis.SynthesisError, match="at least 2"):
        synthesis.random_effects([0.1], [0.01])
    with pytest.raises(synthesis.SynthesisError, match="not positive"):
        synthesis.random_effects([0.1, 0.2], [0.01, 0.0])
    apart = {
        "p": (pd.DataFrame(np.eye(2), list("ab"), list("ab")), 50),
        "q": (pd.DataFrame(np.eye(2), list("bc"), list("bc")), 50),
    }
    with pytest.raises(synthesis.SynthesisError, match="a and c were measured together in no"):
        synthesis.pool_correlations(apart)
    pooled = synthesis.pool_correlations({"one": (population({"a": 0.4, "b": 0.5, "c": 0.2}), 400)}, random=False)
    one = {"one": (population({"a": 0.4, "b": 0.5, "c": 0.2}), 400)}
    with pytest.raises(synthesis.SynthesisError, match="'onne', which has no correlations; did you mean 'one'"):
        synthesis.pool_correlations(one, covariances={"onne": pd.DataFrame()})
    with pytest.raises(synthesis.SynthesisError, match="the covariances lack 'm ~~ x'"):
        synthesis.pool_correlations(one, covariances={"one": pd.DataFrame()})
    lopsided = pd.DataFrame([[1, 0.3], [0.6, 1]], list("ab"), list("ab"))
    with pytest.raises(synthesis.SynthesisError, match="of 'p' are not symmetric"):
        synthesis.pool_correlations({"p": (lopsided, 50)})
    with pytest.raises(synthesis.SynthesisError, match="no pooled correlations of z"):
        synthesis.path_model("m ~ z", pooled)
