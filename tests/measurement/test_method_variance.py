"""Common-method variance: the models of the literature, with the figures of lavaan."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import measurement, sem
from models.measurement.errors import ScaleError
from models.remarks import remark

FIXTURES = Path(__file__).parents[1] / "fixtures" / "measurement"
OPTIMISER = 2e-4  # lavaan's optimiser, absolute, on chi-squares of several hundred; paths are flatter


@pytest.fixture(scope="module")
def study(bfi) -> measurement.MethodVariance:
    scales = {f"{c}": [f"{c}{i}" for i in range(1, 6)] for c in "AE"}
    return measurement.method_variance(
        bfi, scales, structure="E ~ A", marker=[f"C{i}" for i in range(1, 6)], estimator="ML"
    )


def test_models_and_paths_are_those_of_lavaan(study, reference):
    expected = reference("method_variance")
    models, paths = study.models.set_index("model"), study.paths.set_index("model")
    for name in ("trait", "one_factor", "marker_baseline", "marker_c", "marker_u"):
        assert models.loc[name, "df"] == expected[name]["df"]
        assert models.loc[name, "chisq"] == pytest.approx(expected[name]["chisq"], abs=OPTIMISER)
        if expected[name]["path"]:
            assert paths.loc[name, "std"] == pytest.approx(expected[name]["path"], abs=OPTIMISER)
        if "share" in expected[name] and expected[name]["share"]:
            assert models.loc[name, "method_share"] == pytest.approx(expected[name]["share"], abs=OPTIMISER)
    assert models.loc["marker_r", "chisq"] == pytest.approx(expected["marker_r_from_u"]["chisq"], abs=OPTIMISER)


def test_unmeasured_method_factor_is_that_of_lavaan(reference):
    expected = reference("method_variance")["unmeasured"]
    scales = {c: [f"{c}{i}" for i in range(1, 5)] for c in "abc"}
    study = measurement.method_variance(
        pd.read_csv(FIXTURES / "one_source.csv"), scales, structure="c ~ a + b", estimator="ML"
    )
    model = study.models.set_index("model").loc["method"]
    assert model["df"] == expected["df"]
    assert model["chisq"] == pytest.approx(expected["chisq"], abs=OPTIMISER)
    assert model["method_share"] == pytest.approx(expected["share"], abs=OPTIMISER)
    std = study.paths.pivot(index="rhs", columns="model", values="std")
    assert std["method"].to_numpy() == pytest.approx(expected["path"], abs=OPTIMISER)
    change = study.paths.pivot(index="rhs", columns="model", values="change")
    assert change["method"].to_numpy() == pytest.approx((std["method"] - std["trait"]).to_numpy())


def test_planted_method_variance_is_found_and_its_inflation_removed():
    rng = np.random.default_rng(2)
    n = 1500
    a = rng.standard_normal((n, 1))
    b = 0.2 * a + np.sqrt(1 - 0.04) * rng.standard_normal((n, 1))
    method = rng.standard_normal((n, 1))
    noise = rng.standard_normal((n, 12))
    answers = 0.7 * np.c_[a, a, a, a, b, b, b, b, np.zeros((n, 4))] + 0.45 * method + 0.55 * noise
    data = pd.DataFrame(answers, columns=[f"{s}{i}" for s in "abm" for i in range(4)])
    scales = {"a": [f"a{i}" for i in range(4)], "b": [f"b{i}" for i in range(4)]}
    study = measurement.method_variance(data, scales, "b ~ a", marker=[f"m{i}" for i in range(4)])
    path = study.paths.set_index("model")["std"]
    assert path["trait"] > 0.38  # (0.49·0.2 + 0.2025) / (0.49 + 0.2025) = 0.434 without correction
    assert path["marker_c"] == pytest.approx(0.2, abs=0.08)  # two standard errors
    assert study.tests.set_index("comparison").loc["marker_baseline – marker_c", "pvalue"] < 1e-6


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_heavy_tails_alone_make_no_marker_reach_the_items_unequally(seed: int) -> None:
    """All items have the same share of the method, and people differ in how far they spread."""
    rng = np.random.default_rng(seed)
    n = 400
    a, b, method = rng.standard_normal((3, n, 1))
    spread = np.sqrt(3 / rng.chisquare(5, (n, 1)))
    answers = 0.7 * np.c_[a, a, a, b, b, b, np.zeros((n, 3))] + 0.5 * (method + rng.standard_normal((n, 9)))
    data = pd.DataFrame(answers * spread, columns=[f"{s}{i}" for s in "abm" for i in range(3)])
    marker, scales = ["m0", "m1", "m2"], {s: [f"{s}{i}" for i in range(3)] for s in "ab"}
    robust, normal = (measurement.method_variance(data, scales, marker=marker, estimator=e) for e in ("MLR", "ML"))
    assert (robust.marked, normal.marked) == ("marker_c", "marker_u")


def test_models_and_their_differences_are_scaled_as_the_estimator_says(bfi: pd.DataFrame) -> None:
    scales = {c: [f"{c}{i}" for i in range(1, 6)] for c in "AE"}
    found = measurement.method_variance(bfi, scales)
    data = bfi[[item for items in scales.values() for item in items]]
    data = (data - data.mean()) / data.std()
    traits = "\n".join(f"{c} =~ {' + '.join(items)}" for c, items in scales.items())
    method = f"M =~ {' + '.join(f'1*{item}' for item in data)}\nM ~~ NA*M + 0*A + 0*E"
    trait, shared = (sem.fit(text, data, estimator="MLR", missing="fiml") for text in (traits, f"{traits}\n{method}"))
    row, indices = found.models.set_index("model").loc["method"], shared.fit_indices()
    for index, version in found.versions["method"].items():
        assert version == ("chisq_scaled" if index == "chisq" else f"{index}_robust")
        assert row[index] == pytest.approx(indices[version], rel=1e-4)
    assert row["pvalue"] == pytest.approx(indices["pvalue_scaled"], rel=1e-3)
    test, tested = found.tests.set_index("comparison").loc["trait – method"], sem.compare(trait, shared, "satorra_2000")
    assert (test["chisq"], test["pvalue"]) == pytest.approx((tested.statistic, tested.pvalue), rel=1e-3)


def test_no_method_variance_is_no_crash(hs):
    """Three Holzinger–Swineford factors leave nothing for a method factor: its model is improper, and says so."""
    scales = {"v": ["x1", "x2", "x3"], "t": ["x4", "x5", "x6"], "s": ["x7", "x8", "x9"]}
    models = measurement.method_variance(hs, scales, estimator="ML").models.set_index("model")
    assert str(models.loc["method", "note"]).startswith("improper solution")
    assert models.loc["trait", "chisq"] == pytest.approx(85.305522, abs=1e-4)  # lavaan's published tutorial


def test_without_a_model_to_compare_with_no_change_of_a_path_is_told(hs, hs_scales, monkeypatch) -> None:
    fit = sem.fit

    def failing(syntax: str, *args: object, **options: object) -> sem.Fit:
        if "general_method" not in syntax and "method_factor" not in syntax:
            raise sem.SemError(remark("not_nested"))
        return fit(syntax, *args, **options)

    monkeypatch.setattr(sem, "fit", failing)
    study = measurement.method_variance(hs, hs_scales)
    assert set(study.paths["model"]) == {"method"}
    assert study.paths["change"].isna().all()


def test_wrong_marker_is_refused_with_the_remedy(hs, hs_scales):
    with pytest.raises(ScaleError, match="marker item 'x7' also belongs to a construct; a marker stands apart"):
        measurement.method_variance(hs, hs_scales, marker=["x7", "x8"])
    with pytest.raises(ScaleError, match="the marker has one item"):
        measurement.method_variance(hs, {k: hs_scales[k] for k in ("visual", "textual")}, marker=["x7"])
    with pytest.raises(ScaleError, match="at least two scales"):
        measurement.method_variance(hs, {"visual": ["x1", "x2", "x3"]})


def test_a_correlation_beyond_one_is_called_inadmissible():
    rng = np.random.default_rng(7)
    one = rng.standard_normal((300, 1)) + 0.8 * rng.standard_normal((300, 6))
    data = pd.DataFrame(one, columns=["a1", "a2", "a3", "b1", "b2", "b3"])
    study = measurement.method_variance(data, {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]})
    trait = study.models.set_index("model").loc["trait", "note"]
    assert study.paths.set_index("model").loc["trait", "std"] > 1
    assert str(trait).startswith(
        "improper solution: the covariance matrix of the factors has correlations beyond one: b and a"
    )


def test_the_model_without_a_method_is_the_one_of_the_raw_answers(hs: pd.DataFrame, hs_scales: dict) -> None:
    """Equal raw weights of levels stay equal raw weights, whatever the units of their first items."""
    hs = hs.assign(x1=3 * hs["x1"], x4=hs["x4"] / 2)
    structure = "level =~ 1*visual + 1*textual\nspeed ~ level"
    measurement_part = "\n".join(f"{factor} =~ {' + '.join(items)}" for factor, items in hs_scales.items())
    raw = sem.fit(f"{measurement_part}\n{structure}", hs, estimator="MLR")
    found = measurement.method_variance(hs, hs_scales, structure)
    path = raw.tidy().query("op == '~'").iloc[0]
    trait = found.paths.query("model == 'trait'").iloc[0]
    assert found.models.set_index("model").loc["trait", "chisq"] == pytest.approx(raw.fit_indices()["chisq_scaled"])
    assert (trait["std"], trait["pvalue"]) == pytest.approx((path["std_all"], path["pvalue"]), rel=1e-4)
