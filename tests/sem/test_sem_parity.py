"""Every reference fit of lavaan is reproduced; see `tests.sem.parity` for the matrix."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from models import sem
from tests.sem.parity import FOLDER, deviations, fitted, names, published, reference

TOLERANCE = {
    "estimates": 1e-5,  # lavaan's optima are polished to about 1e-8; nothing here is that badly conditioned
    "se": 1e-4,  # lavaan differentiates the observed information numerically
    "standardised": 1e-5,  # functions of the estimates
    "standardised se": 1e-4,  # delta method
    "chisq": 1e-4,  # traces of numerically differentiated matrices
    "indices": 1e-4,  # functions of χ²
    "logl": 1e-6,  # relative; a sum over respondents
}


@pytest.mark.parametrize("name", names())
def test_lavaan_is_reproduced(name: str) -> None:
    found = deviations(name)
    assert {k: v for k, v in found.items() if v > TOLERANCE[k]} == {}


def test_the_published_matrix_is_that_of_these_models() -> None:
    assert list(published().index) == names()


@pytest.mark.parametrize("name", names())
def test_the_published_matrix_bounds_the_deviations(name: str) -> None:
    bounds = 10 * published().loc[name]  # other processors and BLAS kernels round differently
    assert {k: v for k, v in deviations(name).items() if v > bounds[k]} == {}


@pytest.mark.parametrize("name", names())
def test_parameters_and_degrees_of_freedom_are_counted_as_lavaan_does(name: str) -> None:
    indices, expected = fitted(name).fit_indices(), reference(name)["fit_measures"]
    assert (indices["npar"], indices["df"]) == (expected["npar"], expected["df"])


def test_explained_variance_is_reproduced() -> None:
    for name in ("hs_ml", "second_order", "democracy", "mimic"):
        found = fitted(name).r_squared().set_index("variable")["r_squared"]
        expected = pd.Series(reference(name)["rsquare"])
        # a closed form of the estimates, so as near as these
        assert np.abs(found[expected.index] - expected).max() < 1e-7


CASES = json.loads((FOLDER / "tests_residuals_scores.json").read_text(encoding="utf-8"))["models"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_residuals_and_factor_scores_are_reproduced(case: dict) -> None:
    fit = sem.fit(case["syntax"], pd.read_csv(FOLDER / case["data"]), **case["args"])
    for ours, theirs in (("raw", "raw"), ("cor", "cor_bentler"), ("standardized", "standardized")):
        table = fit.residuals(ours)
        for label, block in zip(fit.table.options.groups, case[theirs], strict=True):
            found = table[(table.group == label) & (table.op == "~~")].set_index(["lhs", "rhs"])["residual"]
            items = block["cov"]["rows"]
            expected = pd.DataFrame(block["cov"]["values"], items, items, dtype=float)
            for (a, b), value in found.items():
                # standardised residuals divide small differences; lavaan prints ten digits
                assert value == pytest.approx(expected.loc[a, b], abs=1e-6)
    for method in ("regression", "bartlett"):
        scores = fit.factor_scores(method)
        latent = list(fit.table.variables.latent)
        first = [scores.loc[scores.group == label, latent].head(20) for label in fit.table.options.groups]
        np.testing.assert_allclose(np.vstack(first), case[method], atol=1e-7)  # linear in the estimates


def test_wald_tests_are_reproduced() -> None:
    case = json.loads((FOLDER / "tests_score_wald.json").read_text(encoding="utf-8"))["wald"]
    data = pd.read_csv(FOLDER / "holzinger.csv")
    standard, robust = (sem.fit(case["syntax"], data, estimator=estimator) for estimator in ("ML", "MLR"))
    for test in case["tests"]:
        found = standard.wald(test["constraint"])
        assert (found.df, found.statistic) == (test["df"], pytest.approx(test["stat"], rel=1e-6))
        # lavaan's robust covariance rests on a numerical Hessian
        assert robust.wald(test["constraint"]).statistic == pytest.approx(test["stat_mlr"], rel=1e-5)
