"""Tails and quantiles are those of `scipy.stats`, which is not loaded for them: that takes half a second."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from scipy import stats

from models.measurement.scales.items import _shape
from models.statistics.distributions import chi2_sf, f_sf, normal_quantile, t_quantile, t_two_sided, two_sided
from tests.conftest import ROOT

VALUES = np.array([-40.0, -3.2, -0.4, 0.0, 0.7, 1.96, 5.1, 38.0, np.nan])
SHARES = (1e-9, 0.025, 0.5, 0.8, 0.975, 1 - 1e-12)


@pytest.mark.parametrize("df", [0.7, 3.0, 41.0, 1e7, np.inf])
def test_t_is_that_of_scipy_and_the_normal_distribution_without_end(df: float) -> None:
    known = stats.norm() if np.isinf(df) else stats.t(df)
    np.testing.assert_array_equal(t_two_sided(VALUES, df), 2 * known.sf(np.abs(VALUES)))
    assert [t_quantile(share, df) for share in SHARES] == [known.ppf(share) for share in SHARES]


def test_other_tails_are_those_of_scipy() -> None:
    np.testing.assert_array_equal(two_sided(VALUES), 2 * stats.norm.sf(np.abs(VALUES)))
    for share in SHARES:
        assert normal_quantile(share) == stats.norm.ppf(share)
    for value in VALUES:
        assert np.array_equal(f_sf(value, 3, 17.5), stats.f.sf(value, 3, 17.5), equal_nan=True)
        assert np.array_equal(chi2_sf(value, 4), stats.chi2.sf(value, 4), equal_nan=True)
    assert np.isnan(chi2_sf(1.0, 0))


@pytest.mark.parametrize("n", [4, 27, 300])
def test_skewness_and_kurtosis_are_those_of_a_sample(n: int) -> None:
    answers = np.random.default_rng(n).integers(1, 8, n).astype(float)
    assert _shape(answers) == (stats.skew(answers, bias=False), stats.kurtosis(answers, bias=False))


def test_no_module_of_models_loads_scipy_stats_for_a_tail() -> None:
    for path in (ROOT / "models").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
                assert "scipy.stats" not in names, path
