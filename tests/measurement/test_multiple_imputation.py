"""Multiple imputation: unbiased where deletion is not, and as uncertain as it should be."""

import numpy as np
import pandas as pd
import pytest

from models import measurement, sem
from models.measurement.answers.multiple_imputation import ImputationError
from models.measurement.errors import ScaleError, TooFewRowsError

TRUTH = 0.5


def incomplete(n: int, seed: int) -> pd.DataFrame:
    """y = 0.5 x + e; y is missing mostly where its proxy z is high, so that complete rows are a biased sample."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    y = TRUTH * x + rng.standard_normal(n)
    z = y + 0.5 * rng.standard_normal(n)
    y[rng.random(n) < 1 / (1 + np.exp(-2 * z))] = np.nan
    return pd.DataFrame({"x": x, "y": y, "z": z})


def mean_and_slope(data: pd.DataFrame) -> dict[str, tuple[float, float]]:
    complete = data.dropna()
    n, y, x = len(complete), complete["y"], complete["x"]
    slope = np.cov(x, y)[0, 1] / x.var()
    residual = y - y.mean() - slope * (x - x.mean())
    slope_se = np.sqrt((residual**2).sum() / (n - 2) / ((x - x.mean()) ** 2).sum())
    return {"mean": (y.mean(), y.std() / np.sqrt(n)), "slope": (slope, slope_se)}


@pytest.mark.parametrize("method", ["pmm", "normal"])
def test_imputation_removes_the_bias_of_deletion(method):
    data = incomplete(2000, 1)
    deleted = mean_and_slope(data)
    pooled = measurement.multiple_imputation(data, list(data), mean_and_slope, m=10, method=method, seed=1)
    table = pooled.table.set_index("term")
    assert deleted["mean"][0] < -0.3
    assert abs(table.loc["mean", "est"]) < 0.08  # two standard errors
    assert abs(deleted["slope"][0] - TRUTH) > 0.1
    assert abs(table.loc["slope", "est"] - TRUTH) < 0.07
    assert table["fmi"].between(0.05, 0.7).all()


@pytest.mark.slow
def test_intervals_cover_the_truth():
    covered = 0
    for k in range(200):
        data = incomplete(200, 1000 + k)
        row = measurement.multiple_imputation(
            data, list(data), mean_and_slope, m=10, iterations=5, method="normal", df_complete=198, seed=k
        ).table.set_index("term")
        covered += row.loc["slope", "ci_lower"] < TRUTH < row.loc["slope", "ci_upper"]
    assert 180 <= covered <= 198  # 95 % nominal; 180 to 198 of 200 has probability 0.995


def test_pooling_worked_by_hand():
    """Estimates 1, 2, 3 with errors 1: U = 1, B = 1, T = 1 + 4/3 = 7/3, lambda = 4/7, old df = 2 / (4/7)²."""
    row = measurement.pool(np.array([1.0, 2.0, 3.0]), np.ones(3))
    assert row["est"] == 2
    assert row["se"] == pytest.approx(np.sqrt(7 / 3))
    assert row["df"] == pytest.approx(2 * 49 / 16)
    assert row["fmi"] == pytest.approx((4 / 3 + 2 / (6.125 + 3)) / (7 / 3))
    observed = (20 + 1) / (20 + 3) * 20 * (1 - 4 / 7)
    small = measurement.pool(np.array([1.0, 2.0, 3.0]), np.ones(3), df_complete=20)
    assert small["df"] == pytest.approx(6.125 * observed / (6.125 + observed))


def test_nothing_missing_is_the_plain_analysis():
    data = incomplete(100, 2).assign(y=lambda d: d["x"] + d["z"])
    row = measurement.multiple_imputation(data, list(data), mean_and_slope, m=3, seed=1).table.set_index("term")
    estimate, se = mean_and_slope(data)["slope"]
    assert (row.loc["slope", "est"], row.loc["slope", "se"]) == (pytest.approx(estimate), pytest.approx(se))
    assert row.loc["slope", "between"] == pytest.approx(0)


def test_matching_keeps_to_the_answers_given_and_leaves_the_rest_alone(bfi):
    items = [c for c in bfi if c != "gender"]
    first, second = measurement.impute(bfi, items, m=2, iterations=3, seed=1)
    assert first[items].notna().all(axis=None)
    assert set(np.unique(first[items])) <= {1, 2, 3, 4, 5, 6}
    answered = bfi[items].notna()
    assert (first[items].where(answered) == bfi[items]).where(answered, True).all(axis=None)
    assert not first[items].equals(second[items])
    assert first["gender"].equals(bfi["gender"])
    assert first.equals(measurement.impute(bfi, items, m=2, iterations=3, seed=1)[0])


def test_imputation_and_full_information_agree_on_a_factor_model(bfi, bfi_scales):
    items = bfi_scales["C"]
    gappy = bfi[items].mask(np.random.default_rng(3).random((len(bfi), 5)) < 0.15)
    syntax = f"C =~ {' + '.join(items)}"

    def loadings(data: pd.DataFrame) -> dict[str, tuple[float, float]]:
        table = sem.fit(syntax, data, std_lv=True).tidy()
        return {r.rhs: (r.est, r.se) for r in table[table["op"] == "=~"].itertuples()}

    pooled = measurement.multiple_imputation(gappy, items, loadings, m=20, iterations=5, method="normal", seed=1)
    direct = sem.fit(syntax, gappy, std_lv=True, missing="fiml").tidy()
    direct = direct[direct["op"] == "=~"].set_index("rhs")
    table = pooled.table.set_index("term")
    assert ((table["est"] - direct["est"]).abs() < 0.35 * direct["se"]).all()  # noise of 20 imputations
    assert (table["se"] / direct["se"]).between(0.85, 1.2).all()


def test_wrong_input_is_refused_with_the_remedy():
    data = incomplete(50, 3)
    with pytest.raises(ScaleError, match="m is 1; at least two imputations"):
        measurement.impute(data, list(data), m=1)
    with pytest.raises(ScaleError, match="method is 'mean'; expected one of pmm, normal"):
        measurement.impute(data, list(data), method="mean")
    with pytest.raises(TooFewRowsError, match="'y' has 0 answers; at least 5"):
        measurement.impute(data.assign(y=np.nan), list(data))

    def broken(completed: pd.DataFrame) -> dict[str, tuple[float, float]]:
        raise ValueError("no variance")

    with pytest.raises(ImputationError, match="imputed data set 1 of 2 fails: no variance"):
        measurement.multiple_imputation(data, list(data), broken, m=2)
