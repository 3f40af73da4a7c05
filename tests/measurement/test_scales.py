"""Item statistics, reliability, validity and dimensionality agree with psych, semTools and lavaan."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from models import measurement
from models.measurement.answers.moments import normal_moments
from models.measurement.errors import NotNumericError, ScaleError, UnknownColumnError
from models.measurement.scales.reliability import cronbach_alpha

CLOSED_FORM = 1e-10  # both programs evaluate the same formula
OPTIMISER = 2e-5  # lavaan stops its optimiser at about 1e-5 of a loading


def test_item_statistics_are_those_of_psych(hs, hs_scales, reference):
    expected = reference("scales")["hs"]
    table = measurement.items(hs, hs_scales)
    assert_allclose(table["skew"], expected["skew"], rtol=CLOSED_FORM)
    assert_allclose(table["kurtosis"], expected["kurtosis"], rtol=CLOSED_FORM)
    for construct, scale in expected["scales"].items():
        mine = table[table["construct"] == construct]
        assert_allclose(mine["item_total"], scale["item_total"], rtol=CLOSED_FORM)
        assert_allclose(mine["alpha_if_deleted"], scale["if_deleted"], rtol=CLOSED_FORM)


def test_floor_and_ceiling_are_shares_of_the_answers(bfi, bfi_scales):
    table = measurement.items(bfi, bfi_scales, limits=(1, 6)).set_index("item")
    answers = bfi["A4"].dropna()
    assert table.loc["A4", "ceiling"] == pytest.approx((answers == 6).sum() / len(answers))
    assert table.loc["A4", "floor"] == pytest.approx((answers == 1).sum() / len(answers))
    assert table.loc["A4", "missing"] == pytest.approx(bfi["A4"].isna().mean())


@pytest.mark.parametrize("data", ["hs", "bfi"])
def test_alpha_omega_cr_and_ave_are_those_of_psych_and_semtools(data, request, reference):
    answers, scales = request.getfixturevalue(data), request.getfixturevalue(f"{data}_scales")
    expected = reference("scales")[data]
    table = measurement.reliability(answers, scales).set_index("construct")
    for construct, scale in expected["scales"].items():
        row = table.loc[construct]
        assert row["n"] == scale["n"]
        assert_allclose(row[["alpha", "mean_r"]].astype(float), [scale["alpha"], scale["mean_r"]], rtol=CLOSED_FORM)
        interval = row[["alpha_ci_lower", "alpha_ci_upper"]].astype(float)
        assert_allclose(interval, [scale["lower"], scale["upper"]], rtol=1e-8)  # quantiles of F, two libraries
        assert row["omega"] == pytest.approx(scale["omega"], abs=OPTIMISER)
    assert_allclose(table["cr"], expected["joint"]["cr"], atol=OPTIMISER)
    assert_allclose(table["ave"], expected["joint"]["ave"], atol=OPTIMISER)


def test_cr_and_ave_are_semtools_figures_of_standardised_items(hs, hs_scales, reference):
    expected = reference("scales")["hs"]
    table = measurement.reliability(hs, hs_scales)
    assert_allclose(table["ave"], expected["semtools_ave"], atol=OPTIMISER)
    assert_allclose(table["cr"], expected["semtools_cr"], atol=OPTIMISER)


@pytest.mark.parametrize("data", ["hs", "bfi"])
def test_construct_correlations_are_those_of_lavaan(data, request, reference):
    scales = request.getfixturevalue(f"{data}_scales")
    table = measurement.validity(request.getfixturevalue(data), scales, n_boot=0).fornell_larcker.to_numpy()
    off = ~np.eye(len(scales), dtype=bool)
    assert_allclose(table[off], np.array(reference("scales")[data]["joint"]["correlation"])[off], atol=OPTIMISER)


def test_htmt_and_htmt2_are_those_of_semtools(hs, hs_scales, reference):
    expected = reference("scales")["hs"]
    pairs = measurement.validity(hs, hs_scales, n_boot=0).pairs
    lower = np.tril_indices(3, -1)
    assert_allclose(pairs["htmt"], np.array(expected["htmt"])[lower], rtol=CLOSED_FORM)
    assert_allclose(pairs["htmt2"], np.array(expected["htmt2"])[lower], rtol=CLOSED_FORM)


def test_htmt_interval_resamples_respondents(bfi, bfi_scales):
    """The interval by sums of counts is that of literally redrawing rows, gaps included."""
    rng = np.random.default_rng(3)
    counts = rng.multinomial(len(bfi), np.full(len(bfi), 1 / len(bfi)), size=200)
    draws = []
    for row in counts:
        r = bfi.loc[np.repeat(bfi.index, row)].corr().abs()
        a, c = bfi_scales["A"], bfi_scales["C"]
        within = [r.loc[s, s].to_numpy()[np.tril_indices(5, -1)].mean() for s in (a, c)]
        draws.append(r.loc[a, c].to_numpy().mean() / np.sqrt(np.prod(within)))
    pair = measurement.validity(bfi, bfi_scales, n_boot=200, seed=3).pairs.iloc[0]
    assert_allclose([pair["ci_lower"], pair["ci_upper"]], np.quantile(draws, [0.025, 0.975]), rtol=1e-9)


def test_constructs_that_are_one_fail_discriminant_validity():
    rng = np.random.default_rng(1)
    answers = 0.7 * rng.standard_normal((500, 1)) + 0.7 * rng.standard_normal((500, 6))
    data = pd.DataFrame(answers, columns=[f"y{i}" for i in range(6)])
    pair = measurement.validity(data, {"a": ["y0", "y1", "y2"], "b": ["y3", "y4", "y5"]}, n_boot=0).pairs.iloc[0]
    assert not pair["fornell_larcker_ok"]
    assert not pair["htmt_ok"]


def test_short_scales_say_why_a_figure_is_missing(hs):
    table = measurement.reliability(hs, {"two": ["x4", "x5"], "one": ["x1"]}).set_index("construct")
    r = hs["x4"].corr(hs["x5"])
    assert table.loc["two", "spearman_brown"] == pytest.approx(2 * r / (1 + r))
    assert "ω not applicable, because a factor with two items is not identified" in str(table.loc["two", "note"])
    assert str(table.loc["one", "note"]) == "not applicable, because a single item has no internal consistency"


def test_constant_item_is_reported_not_fatal(hs, hs_scales):
    flat = hs.assign(x1=3.0)
    table = measurement.reliability(flat, hs_scales).set_index("construct")
    assert str(table.loc["visual", "note"]) == "not applicable, because x1 is constant"
    assert "CR and AVE not applicable, because item 'x1' is constant" in str(table.loc["speed", "note"])
    assert np.isfinite(table.loc["speed", "alpha"])


def test_item_with_the_name_of_its_construct_is_no_obstacle(hs, hs_scales):
    renamed = hs.rename(columns={"x1": "visual"})
    table = measurement.reliability(renamed, hs_scales | {"visual": ["visual", "x2", "x3"]})
    assert_allclose(table["ave"], measurement.reliability(hs, hs_scales)["ave"], rtol=1e-6)  # same model, same optimum


def test_validity_does_not_depend_on_the_units_of_items(hs, hs_scales):
    rescaled = hs.assign(x1=1000 * hs["x1"] + 7, x5=hs["x5"] / 50)
    assert_allclose(
        measurement.reliability(rescaled, hs_scales)[["cr", "ave", "mean_r"]],
        measurement.reliability(hs, hs_scales)[["cr", "ave", "mean_r"]],
        atol=1e-6,  # two optimisations of one problem
    )
    columns = ["correlation", "htmt", "htmt2", "ci_lower", "ci_upper"]
    one, two = (measurement.validity(d, hs_scales, n_boot=100, seed=1).pairs[columns] for d in (hs, rescaled))
    assert_allclose(one, two, atol=1e-6)


def test_wrong_scales_are_refused_with_the_remedy(hs, hs_scales):
    with pytest.raises(UnknownColumnError, match=r"item 'x11' is not a column of the data \(did you mean x1"):
        measurement.items(hs, {"visual": ["x11", "x2"]})
    with pytest.raises(ScaleError, match="item 'x1' is listed in 'visual' and again in 'speed'"):
        measurement.reliability(hs, hs_scales | {"speed": ["x1", "x9"]})
    with pytest.raises(NotNumericError, match="Column 'x1' holds 'often' in row .* .1 such answers"):
        measurement.items(hs.assign(x1=["often", *hs["x1"][1:]]), hs_scales)
    with pytest.raises(ScaleError, match="expected a list with at least one item"):
        measurement.items(hs, {"visual": "x1"})
    with pytest.raises(ScaleError, match="at least two needed"):
        measurement.validity(hs, {"visual": ["x1", "x2"]})


def test_sampling_adequacy_and_parallel_analysis_are_those_of_psych(bfi, bfi_scales, reference):
    expected = reference("scales")["dimension"]
    items = [i for s in bfi_scales.values() for i in s]
    complete = bfi.dropna(subset=items)
    adequacy = measurement.adequacy(complete, items)
    assert adequacy.n == expected["n"]
    assert adequacy.kmo == pytest.approx(expected["kmo"], rel=CLOSED_FORM)
    assert_allclose(adequacy.kmo_items, expected["kmo_items"], rtol=CLOSED_FORM)
    assert adequacy.bartlett_chisq == pytest.approx(expected["bartlett"], rel=CLOSED_FORM)
    assert adequacy.bartlett_df == expected["bartlett_df"]
    parallel = measurement.parallel_analysis(complete, items, n_samples=200, seed=1)
    assert_allclose(parallel.table["component"], expected["component"], rtol=CLOSED_FORM)
    assert_allclose(parallel.table["factor"], expected["factor"], atol=1e-10)
    assert (parallel.n_components, parallel.n_factors) == (expected["n_components"], expected["n_factors"])


@pytest.mark.parametrize("reference", ["permuted", "normal"])
def test_parallel_analysis_seldom_finds_a_factor_in_noise(reference):
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(40):
        noise = pd.DataFrame(rng.standard_normal((200, 6)), columns=list("abcdef"))
        found += measurement.parallel_analysis(noise, list(noise), reference=reference, seed=1).n_components > 0
    assert found <= 6  # 5 % nominal; more than 6 in 40 has probability 0.003


def test_harman_shares_are_those_of_psych(bfi, bfi_scales, reference):
    expected = reference("scales")["dimension"]
    items = [i for s in bfi_scales.values() for i in s]
    result = measurement.harman(bfi.dropna(subset=items), items)
    assert result.first_component == pytest.approx(expected["component"][0] / len(items), rel=CLOSED_FORM)
    assert result.first_factor == pytest.approx(expected["one_factor_share"], abs=1e-6)  # psych's iteration tolerance
    assert result.passed


def test_moments_from_incomplete_answers_are_full_information_ml(bfi, reference):
    expected = reference("scales")["moments"]
    moments = normal_moments(bfi[[f"C{i}" for i in range(1, 6)]].to_numpy())
    assert_allclose(moments.mean, expected["mean"], atol=1e-4)  # lavaan's EM stops earlier
    assert_allclose(moments.covariance, expected["cov"], atol=5e-4)


def test_alpha_of_equal_items_is_spearman_brown():
    r = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    assert cronbach_alpha(r) == pytest.approx(4 * 0.3 / (1 + 3 * 0.3))


def test_scale_score_needs_half_of_the_answers(bfi, bfi_scales):
    gappy = bfi.head(3).copy()
    gappy[bfi_scales["A"]] = [[1, 2, 3, np.nan, np.nan], [1, 2, np.nan, np.nan, np.nan], [5, 5, 5, 5, 4]]
    assert_allclose(measurement.scale_scores(gappy, bfi_scales)["A"], [2, np.nan, 4.8])


def test_an_item_that_was_not_turned_stops_its_scale_and_is_named(hs, hs_scales):
    """Nine items of Holzinger and Swineford all point one way; the first turned round makes alpha negative or low."""
    assert measurement.not_estimable(hs, hs_scales) == {}
    for scale, items in hs_scales.items():
        found = measurement.not_estimable(hs.assign(**{items[0]: -hs[items[0]]}), hs_scales)
        assert list(found) == [scale]
        assert f"{items[0]} runs against the other items" in str(found[scale])
        assert "`reversed: true` may be missing" in str(found[scale])
    noise = pd.DataFrame(np.random.default_rng(1).standard_normal((60, 12)), columns=list("abcdefghijkl"))
    assert measurement.not_estimable(noise, {"one": list("abcd"), "two": list("ef"), "three": list("ghijkl")}) == {}
