"""Ordered items: probabilities, thresholds, correlations and their covariance, invariance, failures."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from models import sem
from models.sem.comparison.modification import modification_indices
from models.sem.samples.bivariate_normal import density, distribution
from models.sem.samples.ordinal_statistics import ordinal_moments
from models.sem.samples.thresholds import encode, levels
from tests.sem.parity import FOLDER

ITEMS = [f"x{i}" for i in range(1, 10)]
HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"


def content(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def answers(name: str = "holzinger_ordinal") -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv")


def test_the_bivariate_normal_distribution_meets_its_closed_forms() -> None:
    rho = np.array([-1.0, -0.999, -0.95, -0.9, -0.5, 0.0, 0.3, 0.89, 0.91, 0.99, 0.99999, 1.0])
    # Sheppard: P(X ≤ 0, Y ≤ 0) = 1/4 + arcsin ρ / 2π
    np.testing.assert_allclose(distribution(0.0, 0.0, rho), 0.25 + np.arcsin(rho) / (2 * np.pi), atol=1e-15)
    a, b = np.array([-2.5, -0.3, 0.0, 1.1])[:, None, None], np.array([-1.2, 0.0, 0.7, 3.0])[:, None]
    # the four quadrants have the right margins, at any correlation; double precision
    np.testing.assert_allclose(distribution(a, b, rho) + distribution(a, -b, -rho), ndtr(a) + 0 * b * rho, atol=1e-15)
    np.testing.assert_allclose(distribution(a, np.inf, rho), ndtr(a) + 0 * rho, atol=1e-15)
    assert (distribution(-np.inf, b, rho) < 1e-30).all()


def test_the_density_is_the_slope_of_the_distribution_on_both_sides_of_the_change_of_method() -> None:
    h = 1e-5
    for rho in (-0.95, -0.2, 0.6, 0.9, 0.97):
        a, b = np.array([-1.0, 0.2, 0.9]), np.array([0.4, 0.2, 1.3])
        slope = (distribution(a, b, np.array(rho + h)) - distribution(a, b, np.array(rho - h))) / (2 * h)
        np.testing.assert_allclose(slope, density(a, b, np.array(rho)), rtol=1e-6, atol=1e-10)  # central differences


@pytest.mark.parametrize(
    "name", ["statistics_ordinal", "statistics_mixed", "statistics_schools", "statistics_pairwise"]
)
def test_moments_and_their_joint_covariance_are_those_of_lavaan(name: str) -> None:
    case = content(name)
    data, ordinal = answers(case["data"][:-4]), np.isin(case["variables"], case["ordered"])
    for label, expected in zip(case["group_labels"] or [None], case["groups"], strict=True):
        x = (data if label is None else data[data.school == label])[case["variables"]]
        x = (x if case["missing"] == "pairwise" else x.dropna()).to_numpy(dtype=float)
        codes = encode(x[:, ordinal], case["ordered"], levels(x[:, ordinal], case["ordered"]))
        found = ordinal_moments(x, codes, ordinal, case["variables"])
        # lavaan keeps means with the sign of a threshold
        sign = np.where([n.endswith("~1") for n in expected["names"]], -1.0, 1.0)
        gamma = np.array(expected["gamma"]) * np.outer(sign, sign)
        # lavaan's optimiser stops at 1e-7 from the correlation
        np.testing.assert_allclose(found.observed, sign * expected["observed"], atol=1e-6)
        np.testing.assert_allclose(found.gamma, gamma, atol=1e-6 * np.abs(gamma).max())


def test_a_fourfold_table_with_an_empty_cell_has_a_finite_correlation() -> None:
    x = np.repeat([[0, 0], [0, 1], [1, 1]], [40, 25, 35], axis=0).astype(float)
    codes = encode(x, ["a", "b"], levels(x, ["a", "b"]))
    found = ordinal_moments(x, codes, np.array([True, True]), ["a", "b"])
    rho, tau = found.observed[-1], found.observed[:2]
    # the correlation reproduces the table with ½ in the empty cell
    assert distribution(tau[0], tau[1], rho) == pytest.approx(0.395, abs=1e-10)
    assert found.sparse == ((0, 1, 1),)


def test_delta_and_theta_describe_the_same_model() -> None:
    data = answers()
    delta, theta = (sem.fit(HS, data, ordered=ITEMS, parameterization=p) for p in ("delta", "theta"))
    columns = ["std_all"]
    loadings = [fit.tidy().query("op == '=~'")[columns].to_numpy() for fit in (delta, theta)]
    # two ways to the same minimum; Newton steps end at rounding error
    np.testing.assert_allclose(loadings[0], loadings[1], atol=1e-8)
    assert delta.test.statistic == pytest.approx(theta.test.statistic, abs=1e-8)


def test_an_ordinal_mediator_keeps_its_unit_variance() -> None:
    model = "f =~ x1 + x2 + x3\nx4 ~ f\nx5 ~ x4 + f\n"
    data = answers()
    delta, theta = (sem.fit(model, data, ordered=ITEMS[:5], parameterization=p) for p in ("delta", "theta"))
    frames = [fit.tidy().query("op in ('=~', '~')")["std_all"].to_numpy() for fit in (delta, theta)]
    np.testing.assert_allclose(
        frames[0], frames[1], atol=1e-7
    )  # the residual of x4 reaches x5: both ways account for it
    residual = delta.tidy().query("lhs == 'x4' and op == '~~'")["est"].iloc[0]
    slope = delta.tidy().query("lhs == 'x4' and op == '~'")["std_all"].iloc[0]
    assert residual == pytest.approx(1 - slope**2, abs=1e-10)


def test_the_order_of_categories_is_that_of_the_labels() -> None:
    data = answers()
    words = pd.CategoricalDtype(["never", "rarely", "often", "always"], ordered=True)
    named = data.assign(**{v: pd.Categorical.from_codes(data[v] - 1, dtype=words) for v in ITEMS})
    # the same numbers enter
    assert sem.fit(HS, named, ordered=ITEMS).test.statistic == sem.fit(HS, data, ordered=ITEMS).test.statistic


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_the_ladder_is_that_of_semtools(parameterization: str) -> None:
    data, tests = answers(), content("tests_ladder")["tests"]
    expected = {t["step"]: t for t in tests if t["parameterization"] == parameterization}
    previous = None
    for step in sem.ordinal_ladder(HS, data, ITEMS, "school", parameterization):
        fit = sem.fit(step.syntax, data, group="school", **step.arguments())
        reference = content(f"ladder_{step.name}_{parameterization}")["fit_measures"]
        # lavaan's polychoric correlations are accurate to 1e-7
        assert fit.fit_indices()["chisq_scaled"] == pytest.approx(reference["chisq_scaled"], abs=1e-5)
        assert fit.df == reference["df"]
        if previous is not None:
            test = sem.compare(previous, fit)
            assert test.method == "satorra_2000"
            assert test.df == expected[step.name]["df_diff"]
            assert test.statistic == pytest.approx(expected[step.name]["chisq_diff"], abs=1e-5)
        previous = fit


def test_a_dichotomous_item_is_not_tested_before_its_intercept() -> None:
    data = answers("holzinger_few_categories")
    steps = {step.name: step for step in sem.ordinal_ladder(HS, data, ITEMS, "school")}
    fits = {name: sem.fit(s.syntax, data, group="school", **s.arguments()) for name, s in steps.items()}
    # thresholds: two items with three categories add nothing, four items with four categories one restriction each
    assert [fit.df for fit in fits.values()] == [48, 52, 55, 61]
    for name in ("baseline", "thresholds", "intercepts"):
        reference = content(f"few_{name}_delta")["fit_measures"]
        assert fits[name].test.statistic == pytest.approx(reference["chisq"], abs=1e-5)
    # semTools equates the loadings of dichotomous items while their scales stay fixed: not nested in what follows
    semtools = sem.fit(content("few_loadings_delta")["syntax"], data, group="school", ordered=ITEMS)
    with pytest.raises(sem.SemError, match="not nested"):
        sem.compare(semtools, fits["intercepts"])
    assert sem.compare(fits["loadings"], fits["intercepts"]).df == 6


def test_a_released_threshold_takes_back_what_it_identified() -> None:
    data = answers()
    full, partial = (
        sem.ordinal_ladder(HS, data, ITEMS, "school", group_partial=released)[1]
        for released in ((), ("x1|t2", "x1 | t3"))
    )
    fits = [sem.fit(s.syntax, data, group="school", **s.arguments()) for s in (full, partial)]
    # two thresholds are freed, and the scale of x1 falls back to one
    assert fits[0].df - fits[1].df == 1


@pytest.mark.parametrize("case", content("tests_ordinal")["models"], ids=lambda case: case["name"])
def test_residuals_and_modification_indices_are_reproduced(case: dict[str, Any]) -> None:
    fit = sem.fit(case["syntax"], answers(), **case["args"])
    groups = fit.table.options.groups
    for kind in [k for k in ("raw", "standardized") if k in case]:
        table = fit.residuals(kind).query("op == '~~' and lhs != rhs").set_index(["group", "lhs", "rhs"])["residual"]
        for label, block in zip(groups, case[kind], strict=True):
            names = block["cov"]["rows"]
            expected = pd.DataFrame(block["cov"]["values"], names, names, dtype=float)
            for (a, b), value in table[label].items():
                if abs(expected.loc[a, b]) > 1e-3:  # smaller ones are noise over noise when standardised
                    assert value == pytest.approx(expected.loc[a, b], abs=1e-5)
    found = modification_indices(fit).set_index(["lhs", "op", "rhs", "group"])
    assert len(found) > 20
    indices = {(e["lhs"], e["op"], e["rhs"], groups[e.get("group", 1) - 1]): e for e in case["indices"]}
    for key, row in found.iterrows():
        # products of estimates and correlations good to 1e-7
        assert (row.mi, row.epc) == pytest.approx((indices[key]["mi"], indices[key]["epc"]), abs=1e-5)


def test_known_thresholds_and_loadings_are_found_again() -> None:
    rng = np.random.default_rng(5)
    loadings, cuts, n = np.array([0.9, 0.8, 0.7, 0.6, 0.75]), np.array([-1.0, 0.0, 0.8]), 20_000
    latent = rng.normal(size=(n, 1)) * loadings + rng.normal(size=(n, 5)) * np.sqrt(1 - loadings**2)
    names = [f"y{i}" for i in range(1, 6)]
    data = pd.DataFrame(np.searchsorted(cuts, latent), columns=names)
    fit = sem.fit("f =~ " + " + ".join(names), data, ordered=names, std_lv=True)
    rows = fit.tidy()
    truth = np.concatenate([loadings, np.tile(cuts, 5)])
    found = pd.concat([rows.query("op == '=~'"), rows.query("op == '|'").sort_values(["lhs", "rhs"])])
    # 20 estimates within four standard errors
    assert (np.abs(found["est"] - truth) < 4 * found["se"]).all()
    assert fit.fit_indices()["pvalue_scaled"] > 1e-3


BAD: dict[str, tuple[Any, dict[str, Any], str]] = {
    "one category": (lambda d: d.assign(x2=2), {}, "No variance: x2|single category"),
    "empty in a group": (
        lambda d: d.assign(x3=d.x3.where((d.school == "Pasteur") | (d.x3 < 4), 3)),
        {"group": "school"},
        "Nobody in group 'Grant-White' chose category 4 of 'x3'.*Merge the category",
    ),
    "continuous": (lambda d: d.assign(x1=d.c1 + 1e-6 * np.arange(len(d))), {}, "'x1' has 301 different values"),
    "perfect": (lambda d: d.assign(x1=(d.x2 > 2) + 0), {}, "x1 and x2 is estimated as ±1"),
    "unknown item": (lambda d: d, {"ordered": [*ITEMS, "x99"]}, "'x99', which is no column.*Did you mean"),
    "no item": (lambda d: d, {"ordered": ["c1"]}, "names no item of the model"),
    "estimator": (lambda d: d, {"estimator": "MLR"}, "'MLR' is unknown; possible are WLSMV"),
    "fiml": (lambda d: d, {"missing": "fiml"}, "'fiml' is unknown; possible are listwise, pairwise"),
    "cluster": (lambda d: d, {"cluster": "grade"}, "Clusters are not available"),
}


@pytest.mark.parametrize("case", BAD, ids=BAD)
def test_bad_input_says_what_to_do(case: str) -> None:
    change, arguments, message = BAD[case]
    with pytest.raises(sem.SemError, match=message):
        sem.fit(HS, change(answers()), **({"ordered": ITEMS} | arguments))


def test_formulas_that_the_parameterization_derives_point_into_the_text() -> None:
    for text, parameterization, other in (("x1 ~~ x1", "delta", "theta"), ("x1 ~*~ x1", "theta", "delta")):
        with pytest.raises(sem.SemError, match=f"parameterization='{other}'.*line 4"):
            sem.fit(HS + text, answers(), ordered=ITEMS, parameterization=parameterization)
    with pytest.raises(sem.SemError, match="cannot stay fixed: pass fixed_x=False"):
        sem.fit(HS + "speed ~ ageyr", answers(), ordered=ITEMS)
    with pytest.raises(sem.SemError, match="leave out 'g =~ …'"):
        sem.ordinal_ladder(HS + "g =~ visual + textual + speed", answers(), ITEMS, "school")
    with pytest.raises(sem.SemError, match="Factor scores of ordered items are not available"):
        sem.fit(HS, answers(), ordered=ITEMS).factor_scores()


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    model = HS.replace("x4 + x5 + x6", "c4 + c5 + c6")
    ordered = [*ITEMS[:3], *ITEMS[6:]]
    truth = sem.fit(model, answers(), ordered=ordered)
    estimates = truth.tidy()
    hits = []
    for seed in range(150):
        rows = sem.fit(model, sem.simulate(truth, 600, seed=seed), ordered=ordered).tidy()
        inside = (rows["ci_lower"] <= estimates["est"]) & (estimates["est"] <= rows["ci_upper"])
        hits.append(inside[rows["se"] > 0].mean())
    # three standard errors of the mean over samples
    assert np.mean(hits) == pytest.approx(0.95, abs=3 * np.std(hits) / np.sqrt(len(hits)))


def test_bootstrap_errors_are_near_the_robust_ones() -> None:
    fit = sem.fit(HS, answers(), ordered=ITEMS)
    drawn = sem.bootstrap(fit, 60, seed=3)
    free = [k for k, row in enumerate(fit.table.rows) if row.free and row.op != "=~"]
    ratio = drawn.se()[free] / fit.tidy()["se"].to_numpy()[free]
    # 60 draws leave 9 % of noise in each error; the median over 33 of them much less
    assert np.median(ratio) == pytest.approx(1, abs=0.1)
