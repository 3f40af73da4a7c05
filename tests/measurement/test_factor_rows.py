"""The factor model of all scales as rows of the long table."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from models import measurement
from models.survey.measurement_rows import factor_rows


def test_the_factor_model_of_all_scales_is_told_with_standardised_loadings_that_rise_with_their_construct() -> None:
    rng = np.random.default_rng(3)
    factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 600)
    names = [f"{name}{i}" for name in "ab" for i in range(3)]
    answers = pd.DataFrame({name: factors[:, "ab".index(name[0])] + rng.normal(size=600) for name in names})
    scales = {"value_social": ["a0", "a1", "a2"], "identification": ["b0", "b1", "b2"]}
    asked = SimpleNamespace(codebook=scales)
    loadings, fit = factor_rows(asked, measurement.confirmed(answers, scales))
    assert loadings.set_index("term")["group"]["b1"] == "identification"
    assert loadings["estimate"].sub(0.5**0.5).abs().max() < 4 * loadings["se"].max()
    assert loadings["estimate"].between(loadings["ci_lower"], loadings["ci_upper"]).all()
    assert fit.set_index("quantity").loc["chisq", "df"] == 8
