"""Latent interactions: products, fit and simple slopes as in lavaan and semTools; the planted one is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import sem
from models.sem.errors import ArgumentError, UnknownVariableError

from .cases import content, data

MAIN = "X =~ x1 + x2 + x3\nZ =~ z1 + z2 + z3\nY =~ y1 + y2 + y3\n"


def _fitted() -> sem.Fit:
    raw = data("interaction.csv").filter(regex="^[xzy][123]$")
    product = sem.interaction(raw, ["x1", "x2", "x3"], ["z1", "z2", "z3"], "XZ")
    return sem.fit(MAIN + product.syntax + "Y ~ X + Z + XZ", product.data, estimator="MLR", meanstructure=True)


def test_products_and_fit_are_lavaans() -> None:
    raw = data("interaction.csv")
    product = sem.interaction(raw, ["x1", "x2", "x3"], ["z1", "z2", "z3"], "XZ")
    for k in (1, 2, 3):
        # The reference columns were written with twelve decimals.
        np.testing.assert_allclose(product.data[f"x{k}.z{k}"], raw[f"x{k}z{k}"], atol=1e-11)
    indices, expected = _fitted().fit_indices(), content("interaction_mlr")["fit_measures"]
    for name in ("chisq", "chisq_scaled", "df"):
        assert indices[name] == pytest.approx(expected[name], abs=1e-6)


def test_simple_slopes_are_those_of_semtools() -> None:
    case = content("bootstrap")["slopes"]
    own = sem.simple_slopes(_fitted(), "Y", "X", "Z", "XZ", values=case["value"])
    # probe2WayMC rounds nothing; its fit is polished.
    np.testing.assert_allclose(own["slope"], case["est"], atol=1e-7)
    np.testing.assert_allclose(own["se"], case["se"], rtol=1e-6)
    default = sem.simple_slopes(_fitted(), "Y", "X", "Z", "XZ")
    assert default["value"].tolist() == pytest.approx([-default["value"].iloc[2], 0, default["value"].iloc[2]])


def test_a_planted_interaction_is_found() -> None:
    rng = np.random.default_rng(5)
    n = 4000
    x, z = rng.standard_normal((2, n))
    y = 0.4 * x + 0.3 * z + 0.25 * x * z + rng.normal(0, 0.8, n)
    columns = {f"{name}{k}": f + rng.normal(0, 0.6, n) for name, f in (("x", x), ("z", z), ("y", y)) for k in (1, 2, 3)}
    product = sem.interaction(pd.DataFrame(columns), ["x1", "x2", "x3"], ["z1", "z2", "z3"], "XZ")
    frame = sem.fit(MAIN + product.syntax + "Y ~ X + Z + XZ", product.data, estimator="MLR").tidy()
    path = frame.query("lhs == 'Y' and rhs == 'XZ'").iloc[0]
    assert path["est"] == pytest.approx(0.25, abs=3 * path["se"])
    assert path["pvalue"] < 1e-6


def test_pairs_that_do_not_match_are_refused() -> None:
    raw = data("interaction.csv")
    with pytest.raises(ArgumentError, match="found 3 and 2"):
        sem.interaction(raw, ["x1", "x2", "x3"], ["z1", "z2"], "XZ")
    with pytest.raises(ArgumentError, match="x1 measure both factors"):
        sem.interaction(raw, ["x1", "x2"], ["x1", "z2"], "XZ")
    with pytest.raises(UnknownVariableError, match="'x9'"):
        sem.interaction(raw, ["x1", "x9"], ["z1", "z2"], "XZ")
    with pytest.raises(ArgumentError, match="no path 'Y~XX'.*Did you mean .*'Y~XZ'"):
        sem.simple_slopes(_fitted(), "Y", "X", "Z", "XX")
