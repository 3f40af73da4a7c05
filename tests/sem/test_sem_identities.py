"""What must hold whatever the data: derivatives, units of the items, saturated models, equivalent parametrisations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import sem
from models.sem.inference.scores import casewise_scores
from models.sem.model.matrices import implied, jacobian
from models.sem.model.start import starting_values
from models.sem.objective.pattern_curvature import moment_curvature
from models.sem.objective.patterns import second_order
from models.sem.solving.minimise import minimise
from tests.sem.parity import FOLDER, fitted

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "holzinger.csv")


@pytest.fixture(scope="module")
def holes() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "holzinger_holes.csv")


def differences(function, theta: np.ndarray) -> np.ndarray:
    h = 1e-5
    return np.array([(function(theta + h * e) - function(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])


@pytest.mark.parametrize(
    "name",
    [
        "democracy_equal",
        "ri_clpm",
        "hs_gls",
        "hs_uls",
        "hs_fiml",
        "schools_scalar",
        "growth_covariates",
        "second_order",
    ],
)
def test_derivatives_equal_numerical_ones_away_from_the_optimum(name: str) -> None:
    task = fitted(name).task
    theta = fitted(name).theta * np.random.default_rng(3).uniform(0.9, 1.1, len(fitted(name).theta))
    slope, curvature = task.objective.gradient(theta), task.objective.hessian(theta)
    # central differences with steps of 1e-5 are good to about 1e-8 of the largest entry
    np.testing.assert_allclose(slope, differences(task.objective.value, theta), atol=1e-6 * max(1, np.abs(slope).max()))
    numerical = differences(task.objective.gradient, theta)
    np.testing.assert_allclose(curvature, numerical, atol=1e-6 * np.abs(curvature).max())


@pytest.mark.parametrize("name", ["hs_ml_means", "hs_fiml", "schools_scalar"])
def test_casewise_scores_sum_to_the_gradient(name: str) -> None:
    task = fitted(name).task
    theta = fitted(name).theta * 1.05
    total = np.concatenate([scores.sum(axis=0) for scores in casewise_scores(task, theta)])
    np.testing.assert_allclose(-total / task.n, task.objective.gradient(theta), atol=1e-9)  # the same sums, reordered


def test_units_of_the_items_do_not_matter(answers: pd.DataFrame) -> None:
    plain = sem.fit(MODEL, answers)
    scaled = sem.fit(MODEL, answers.assign(x1=answers.x1 * 1000, x5=answers.x5 / 1000, x9=answers.x9 * 1e5))
    assert plain.test.statistic == pytest.approx(85.306, abs=5e-4)  # published to three digits
    assert scaled.test.statistic == pytest.approx(plain.test.statistic, rel=1e-9)  # conditioning of Σ only
    np.testing.assert_allclose(scaled.tidy().std_all, plain.tidy().std_all, atol=1e-8)
    np.testing.assert_allclose(scaled.tidy().z.dropna(), plain.tidy().z.dropna(), rtol=1e-7)


def test_scaling_by_marker_or_by_variance_is_the_same_model(holes: pd.DataFrame) -> None:
    marker, variance = (sem.fit(MODEL, holes, missing="fiml", std_lv=std_lv) for std_lv in (False, True))
    assert marker.test.statistic == pytest.approx(variance.test.statistic, rel=1e-9)
    np.testing.assert_allclose(
        marker.standardised_solution().set_index(["lhs", "op", "rhs"]).sort_index()[["est", "se"]],
        variance.standardised_solution().set_index(["lhs", "op", "rhs"]).sort_index()[["est", "se"]],
        atol=1e-7,  # delta method by finite differences
    )


def test_a_saturated_model_fits_perfectly(answers: pd.DataFrame, holes: pd.DataFrame) -> None:
    for data, missing in ((answers, "listwise"), (holes, "fiml")):
        indices = sem.fit("x1 ~ x2 + x3\nx2 ~ x3", data, missing=missing, fixed_x=False).fit_indices()
        assert (indices["df"], indices["cfi"], indices["rmsea"]) == (0, pytest.approx(1, abs=1e-12), 0.0)
        assert indices["chisq"] == pytest.approx(0, abs=1e-8)
        assert indices["srmr"] == pytest.approx(0, abs=1e-6)


def test_full_information_with_nothing_missing_is_maximum_likelihood(answers: pd.DataFrame) -> None:
    full = sem.fit(MODEL, answers, missing="fiml", information="expected")
    plain = sem.fit(MODEL, answers, meanstructure=True)
    pd.testing.assert_frame_equal(full.tidy(), plain.tidy(), rtol=1e-9)


def test_patterns_with_one_hole_weigh_as_their_likelihood_says(holes: pd.DataFrame) -> None:
    """The log-likelihood summed respondent by respondent, in a few lines."""
    fit = sem.fit(MODEL, holes, missing="fiml")
    mean, cov = fit.implied()[1]
    total = 0.0
    for _, row in holes[list(mean.index)].iterrows():
        seen = row.dropna()
        if len(seen):
            d = seen - mean[seen.index]
            block = cov.loc[seen.index, seen.index]
            total -= 0.5 * (len(d) * np.log(2 * np.pi) + np.linalg.slogdet(block)[1] + d @ np.linalg.solve(block, d))
    assert fit.logl == pytest.approx(total, rel=1e-12)


def test_moments_give_what_the_answers_give(answers: pd.DataFrame) -> None:
    items = [f"x{k}" for k in range(1, 10)]
    moments = {
        label: sem.Moments(part[items].cov(), len(part), part[items].mean())
        for label, part in answers.groupby("school", sort=False)
    }
    settings = {"group_equal": ("loadings", "intercepts")}
    from_moments = sem.fit(MODEL, moments, **settings)
    from_answers = sem.fit(MODEL, answers, group="school", **settings)
    pd.testing.assert_frame_equal(from_moments.tidy(), from_answers.tidy(), rtol=1e-8)


def test_groups_keep_the_order_in_which_they_appear(answers: pd.DataFrame) -> None:
    assert list(sem.fit(MODEL, answers, group="school").tidy().group.unique()) == ["Pasteur", "Grant-White"]
    turned = answers.iloc[::-1]
    assert list(sem.fit(MODEL, turned, group="school").tidy().group.unique()) == ["Grant-White", "Pasteur"]


def test_equal_labels_and_a_constraint_are_the_same_restriction(answers: pd.DataFrame) -> None:
    label = sem.fit(MODEL.replace("x5 + x6", "a*x5 + a*x6"), answers)
    constraint = sem.fit(MODEL.replace("x5 + x6", "a*x5 + b*x6") + "a == b", answers)
    nonlinear = sem.fit(MODEL.replace("x5 + x6", "a*x5 + b*x6") + "a^2 == b^2", answers)
    columns = ["lhs", "op", "rhs", "est", "se"]
    pd.testing.assert_frame_equal(label.tidy()[columns], constraint.tidy()[columns], rtol=1e-9)
    pd.testing.assert_frame_equal(label.tidy()[columns], nonlinear.tidy()[columns], rtol=1e-6)
    assert label.df == constraint.df == nonlinear.df == 25


def test_an_inequality_binds_only_where_it_must(answers: pd.DataFrame) -> None:
    free = sem.fit(MODEL.replace("x2 +", "a*x2 +"), answers)
    idle = sem.fit(MODEL.replace("x2 +", "a*x2 +") + "a < 2", answers)
    binding = sem.fit(MODEL.replace("x2 +", "a*x2 +") + "a > 1", answers)
    assert idle.test.statistic == pytest.approx(free.test.statistic, abs=1e-8)
    assert binding.tidy().set_index("label").loc["a", "est"] == pytest.approx(1, abs=1e-7)
    fixed = sem.fit(MODEL.replace("x2 +", "1*x2 +"), answers)
    assert binding.test.statistic == pytest.approx(fixed.test.statistic, abs=1e-6)


def test_many_starts_end_in_one_minimum(answers: pd.DataFrame) -> None:
    task = sem.fit(MODEL, answers).task
    start = starting_values(task.table, task.sample)
    rng = np.random.default_rng(5)
    values = [
        minimise(task.objective, task.constraints, start * rng.uniform(0.5, 1.5, len(start))).value for _ in range(10)
    ]
    np.testing.assert_allclose(values, values[0], atol=1e-12)


def test_respondents_without_an_answer_or_a_covariate_are_left_out_and_counted(answers: pd.DataFrame) -> None:
    items = ["x1", "x2", "x3"]
    data = answers[[*items, "ageyr"]].astype(float)
    data.loc[:9, items] = np.nan
    data.loc[10:14, "ageyr"] = np.nan
    data.loc[15:19, "x2"] = np.nan
    model = "f =~ x1 + x2 + x3\nf ~ ageyr"
    assert sem.fit(model, data).n == 301 - 20
    # with full information only those drop out who lack the covariate: it has no distribution in the model
    fit = sem.fit(model, data, missing="fiml")
    assert (fit.n, fit.task.sample.n_dropped) == (301 - 5, 5)


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_claim() -> None:
    """400 samples of 300 respondents; the band is three binomial standard errors around 95 %."""
    loadings = np.array([[1, 0.8, 0.6, 0, 0, 0], [0, 0, 0, 1, 0.7, 0.9]]).T
    factors = np.array([[1, 0.5], [0.5, 1]])
    root = np.linalg.cholesky(loadings @ factors @ loadings.T + 0.5 * np.eye(6))
    truth = {"l": 0.8, "k": 0.9, "p": 0.5, "x": 0.4}
    rng = np.random.default_rng(1)
    hits = dict.fromkeys(truth, 0)
    for _ in range(400):
        data = pd.DataFrame(rng.standard_normal((300, 6)) @ root.T, columns=list("abcdeh"))
        table = sem.fit("f =~ a + l*b + c\ng =~ d + e + k*h\ng ~ p*f\nx := l*p", data).tidy()
        table = table[table.label != ""].set_index("label")
        for label, value in truth.items():
            hits[label] += table.ci_lower[label] <= value <= table.ci_upper[label]
    assert all(0.917 <= hit / 400 <= 0.983 for hit in hits.values()), hits


@pytest.mark.parametrize("exact", [True, False])
def test_curvature_of_incomplete_answers_follows_from_that_in_their_moments(holes: pd.DataFrame, exact: bool) -> None:
    fit = sem.fit(f"{MODEL}speed ~ visual\nx1 ~~ x4", holes, missing="fiml")
    cells, group = fit.task.structure.groups[0], fit.task.objective.groups[0]
    at = implied(cells, 0.9 * fit.theta)
    d_mean, d_cov = jacobian(cells, at)
    slope = np.vstack([d_mean, d_cov[np.tril_indices(len(at.mu))]])
    state = group.at(at)
    chained = slope.T @ second_order(group.sample, state, exact).full() @ slope
    found = moment_curvature(group.sample, state, cells, at, exact)
    np.testing.assert_allclose(found, chained, rtol=0, atol=1e-12 * np.abs(chained).max())
