"""Growth, cross-lagged and second-order helpers write the models that the references fit."""

from __future__ import annotations

import numpy as np
import pytest

from models import sem
from models.sem.errors import ArgumentError

from .cases import content, data, fit

WAVES = {name: [f"{name}{t}" for t in range(1, 6)] for name in ("x", "y")}


def _same(fitted: sem.Fit, reference: str) -> None:
    expected = content(reference)["fit_measures"]
    indices = fitted.fit_indices()
    # Polished reference optima.
    assert indices["chisq"] == pytest.approx(expected["chisq"], abs=1e-7)
    assert (indices["df"], indices["npar"]) == (expected["df"], expected["npar"])


def test_linear_growth_is_lavaans() -> None:
    fitted = sem.fit(sem.growth(["t1", "t2", "t3", "t4"], names=("i", "s")), data("growth.csv"))
    _same(fitted, "growth")
    own = fitted.tidy().query("op == '~1' and lhs in ('i', 's')")
    expected = [row["est"] for row in content("growth")["estimates"] if row["op"] == "~1" and row["lhs"] in ("i", "s")]
    np.testing.assert_allclose(own["est"], expected, atol=1e-7)


def test_other_shapes_of_growth_contain_the_linear_one() -> None:
    items = ["t1", "t2", "t3", "t4"]
    linear, quadratic, free = (
        sem.fit(sem.growth(items, shape), data("growth.csv")) for shape in ("linear", "quadratic", "latent_basis")
    )
    assert sem.compare(linear, quadratic).df == 4
    assert sem.compare(linear, free).df == 2
    truth = "intercept =~ 1*a + 1*b + 1*c + 1*d\nslope =~ 0*a + 0.7*b + 0.9*c + 1*d\nslope ~ 2*1\nslope ~~ 0.5*slope"
    basis = sem.fit(sem.growth(list("abcd"), "latent_basis"), sem.simulate(truth, 5000, seed=1)).tidy()
    weights = basis.query("op == '=~' and lhs == 'slope'")["est"]
    # Three standard errors of these weights with 5,000 respondents are 0.03.
    np.testing.assert_allclose(weights, [0, 0.7, 0.9, 1], atol=0.03)


def test_cross_lagged_models_are_lavaans() -> None:
    frame = data("panel.csv")
    _same(sem.fit(sem.cross_lagged(WAVES), frame), "cross_lagged")
    for auto in (True, False):
        arguments = {"meanstructure": True, "auto": auto}
        fitted = sem.fit(sem.random_intercept_cross_lagged(WAVES), frame, **arguments)
        _same(fitted, "ri_clpm")
        _same(sem.fit(sem.random_intercept_cross_lagged(WAVES, equal=False), frame, **arguments), "ri_clpm_free")
    labels = {row["label"]: row["est"] for row in content("ri_clpm")["estimates"] if row["label"] in "abcd"}
    own = fitted.tidy().drop_duplicates("label").set_index("label")["est"]
    found = own[["x_x", "y_x", "x_y", "y_y"]]
    np.testing.assert_allclose(found, [labels[k] for k in "abcd"], atol=1e-7)


def test_second_order_is_lavaans_and_its_ladder_is_identified() -> None:
    ability = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
    text = sem.second_order({"ability": ability})
    _same(sem.fit(text, data("holzinger.csv")), "second_order")
    steps = sem.higher_order_ladder(text, 2)
    fits = [sem.fit(step.syntax, data("holzinger.csv"), group="school", **step.arguments()) for step in steps]
    assert [fitted.df for fitted in fits] == sorted({fitted.df for fitted in fits})
    for free, restricted in zip(fits[:-1], fits[1:], strict=True):
        assert sem.compare(free, restricted).statistic >= 0


def test_impossible_designs_are_refused() -> None:
    for make, message in (
        (lambda: sem.growth(["a", "b"]), "at least 3 times, found 2"),
        (lambda: sem.growth(["a", "b", "c"], "linaer"), "Did you mean 'linear'"),
        (lambda: sem.growth(["a", "b", "c"], times=[0, 2, 1]), "increasing numbers"),
        (lambda: sem.cross_lagged({"x": ["x1", "x2"], "y": ["y1"]}), "same number of times"),
        (lambda: sem.random_intercept_cross_lagged({"x": ["x1", "x2"], "y": ["y1", "y2"]}), "At least 3 times"),
        (lambda: sem.cross_lagged({"x": ["x1", "x2"], "y": ["x1", "y2"]}), "Columns stand twice: x1"),
        (lambda: sem.second_order({"h": {"f": ["a", "b"]}}), "at least two first-order factors"),
    ):
        with pytest.raises(ArgumentError, match=message):
            make()
    assert fit(content("growth")).df == 5
