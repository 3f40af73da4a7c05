"""The fit of the factor model of all scales is held to what this model could show on this sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.analysis.setting import Questionnaire
from models.survey.measurement_rows import factor_fit_rows, factor_model

SCALES = {name: [f"{name}{k}" for k in range(4)] for name in ("trust", "value", "loyalty")}
LIMITS = {item: (1.0, 7.0) for items in SCALES.values() for item in items}


@pytest.mark.parametrize(("crossed", "misfits"), [(0.0, False), (0.6, True)])
def test_a_factor_model_that_leaves_loadings_out_is_told_from_one_that_holds(crossed: float, misfits: bool) -> None:
    rng = np.random.default_rng(3)
    factors = rng.multivariate_normal(np.zeros(3), 0.4 + 0.6 * np.eye(3), 500).T
    columns = {}
    for k, items in enumerate(SCALES.values()):
        for j, item in enumerate(items):
            other = crossed * factors[(k + 1) % 3] * (j < 2)
            columns[item] = 0.75 * factors[k] + other + 0.65 * rng.standard_normal(500)
    model = factor_model(Questionnaire(SCALES, LIMITS), pd.DataFrame(columns))
    (rows,) = factor_fit_rows(lambda *names: 1, model)
    assert set(rows["model"]) == {"factor_model"}
    reached = rows.loc[rows["quantity"] == "misfit", "estimate"].item()
    assert (reached > 0) == misfits
