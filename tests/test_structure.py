"""What the structural step makes of answers with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import structure

SCALES = {
    c: [f"{c}_{i}" for i in range(k)] for c, k in (("identification", 4), ("price_comparison", 3), ("stickiness", 3))
}


def answers(product: float, seed: int, n: int = 1500) -> pd.DataFrame:
    """Answers of people whose stickiness rests on identification, on price comparison and on their product."""
    rng = np.random.default_rng(seed)
    x, z = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n).T
    y = 0.4 * x - 0.2 * z + product * (x * z - 0.3) + 0.8 * rng.standard_normal(n)
    columns = {}
    for factor, items in zip((x, z, y), SCALES.values(), strict=True):
        columns |= {item: 4 + factor + 0.6 * rng.standard_normal(n) for item in items}
    return pd.DataFrame(columns)


@pytest.mark.parametrize("truth", [0.0, 0.25])
def test_a_latent_interaction_is_found_where_it_is_and_only_there(truth: float) -> None:
    rows = structure.interactions(answers(truth, seed=7), SCALES, estimator="MLR", missing="fiml")
    product = rows[(rows["table"] == "paths") & (rows["quantity"] == "estimate")].iloc[0]
    assert product["term"] == "stickiness ~ identification:price_comparison"
    assert product["hypothesis"] == "H7"
    assert product["estimate"] == pytest.approx(truth, abs=3 * product["se"]), "three standard errors"
    assert product["se"] < 0.05
    assert (product["pvalue"] < 0.001) == (truth > 0)


def test_simple_slopes_straddle_the_slope_at_the_mean_and_gaps_are_no_obstacle() -> None:
    data = answers(0.25, seed=8)
    data = data.mask(np.random.default_rng(1).random(data.shape) < 0.05)
    rows = structure.interactions(data, SCALES, estimator="MLR", missing="fiml")
    slopes = rows[rows["table"] == "simple_slopes"].set_index("quantity")["estimate"]
    assert slopes["mean"] == pytest.approx((slopes["low"] + slopes["high"]) / 2)
    assert slopes["high"] - slopes["low"] == pytest.approx(2 * 0.25, abs=0.15), "two deviations apart, sampling error"
    assert rows["n"].dropna().eq(len(data)).all()


def test_a_product_that_is_not_measured_is_not_estimated() -> None:
    rows = structure.interactions(answers(0, 1), {"identification": SCALES["identification"]}, "MLR", "fiml")
    assert rows.empty


def test_rivals_are_compared_only_where_the_mediator_is_measured() -> None:
    scales = {"value_functional": SCALES["identification"], "stickiness": SCALES["stickiness"]}
    model = structure.structural(structure.MAIN, answers(0, 2), scales, missing="listwise")
    assert model is not None
    assert structure.rivals(model, answers(0, 2), scales, "MLR", "listwise").empty
