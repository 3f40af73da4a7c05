"""Simulated power agrees with what theory gives where theory gives it."""

import numpy as np
import pytest
from scipy import stats

from models import measurement, sem
from models.measurement.errors import ScaleError
from models.measurement.planning.power import PowerError

REGRESSION = "y ~ {}*x\nx ~~ 1*x\ny ~~ 1*y"


def closed_form(slope: float, n: int) -> float:
    """Wald test of a slope with unit variances of x and the residual."""
    z = stats.norm.ppf(0.975)
    return stats.norm.cdf(slope * np.sqrt(n) - z) + stats.norm.cdf(-slope * np.sqrt(n) - z)


@pytest.mark.slow
def test_power_and_needed_size_of_a_slope_are_those_of_theory():
    result = measurement.power(REGRESSION.format(0.2), "y ~ x", ["y ~ x"], [100, 300], draws=200, seed=1)
    for row in result.table.itertuples():
        assert row.power == pytest.approx(closed_form(0.2, row.n), abs=0.11)  # three errors of 200 draws
        assert row.coverage == pytest.approx(0.95, abs=0.04)
        assert row.failed == 0
    needed = result.needed.iloc[0]
    assert needed["n"] == pytest.approx(((1.96 + 0.8416) / 0.2) ** 2, rel=0.1)
    assert not needed["extrapolated"]


@pytest.mark.slow
def test_no_effect_is_found_at_the_nominal_rate():
    row = measurement.power(REGRESSION.format(0), "y ~ x", ["y ~ x"], [150], draws=250, seed=2).table.iloc[0]
    assert 0.012 <= row["power"] <= 0.1  # 99.8 % of Binomial(250, 0.05)


def test_indirect_effect_and_what_lies_outside_the_sizes():
    population = "m ~ 0.4*x\ny ~ 0.4*m\nx ~~ 1*x\nm ~~ 1*m\ny ~~ 1*y"
    model = "m ~ a*x\ny ~ b*m\nindirect := a*b"
    result = measurement.power(population, model, ["indirect", "y~m"], [60], draws=150, seed=3)
    table = result.table.set_index("term")
    assert table.loc["indirect", "population"] == pytest.approx(0.16, abs=0.01)
    assert table.loc["indirect", "power"] < table.loc["y~m", "power"]
    assert result.needed.set_index("term").loc["indirect", "extrapolated"]


def test_seed_and_progress():
    seen = []
    arguments = (REGRESSION.format(0.3), "y ~ x", ["y ~ x"], [40, 50])
    one = measurement.power(*arguments, draws=20, seed=4, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (40, 40)
    assert one.table.equals(measurement.power(*arguments, draws=20, seed=4).table)


def test_minimum_detectable_effect_by_group(hs):
    fit = sem.fit("x4 ~ x1", hs, group="school")
    table = measurement.minimum_detectable(fit)
    assert table["group"].tolist() == ["Pasteur", "Grant-White"]
    assert table["minimum_detectable"].to_numpy() == pytest.approx(2.8016 * table["se"].to_numpy(), rel=1e-4)


def test_wrong_arguments_are_refused_with_the_remedy():
    with pytest.raises(PowerError, match="'y~z' is no parameter of the model .did you mean y~x"):
        measurement.power(REGRESSION.format(0.2), "y ~ x", ["y ~ z"], [50], draws=20, seed=1)
    with pytest.raises(ScaleError, match="5 draws at 1 sizes; at least 20 draws"):
        measurement.power(REGRESSION.format(0.2), "y ~ x", ["y ~ x"], [50], draws=5)
