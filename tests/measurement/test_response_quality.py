"""Careless, copied and invented answers are found; honest ones are mostly left alone."""

from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from models import measurement
from models.measurement.answers.indices import (
    even_odd_consistency,
    intra_individual_variability,
    longest_string,
    nearest_match,
)
from models.measurement.answers.moments import mahalanobis, normal_moments
from models.measurement.answers.noise_blocks import noise_blocks
from models.measurement.errors import ScaleError, UnknownColumnError

SCALES = {f"f{k}": [f"f{k}_{i}" for i in range(4)] for k in range(7)}
ITEMS = [item for items in SCALES.values() for item in items]


def honest(n: int, seed: int) -> np.ndarray:
    """Seven factors with different means, four Likert items each, loadings of 0.7 or so."""
    rng = np.random.default_rng(seed)
    general = rng.standard_normal((n, 1))
    factors = 0.5 * general + np.sqrt(0.75) * rng.standard_normal((n, 7))
    latent = 0.75 * np.repeat(factors, 4, axis=1) + 0.66 * rng.standard_normal((n, 28))
    return np.clip(np.round(4 + np.repeat(np.linspace(-1, 1, 7), 4) + 1.4 * latent), 1, 7)


def frame(x: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(x, columns=ITEMS)


def flagged(quality: measurement.ResponseQuality, flag: str) -> set:
    return set(quality.flags.loc[quality.flags["flag"] == flag, "respondent"])


@pytest.fixture(scope="module")
def gappy() -> np.ndarray:
    x = honest(120, 1)
    x[np.random.default_rng(2).random(x.shape) < 0.1] = np.nan
    x[7] = np.nan
    return x


def test_longest_string_and_variability_are_what_their_names_say(gappy):
    answered = [row[np.isfinite(row)] for row in gappy]
    runs = [max((len(list(run)) for _, run in groupby(row)), default=0) for row in answered]
    assert_allclose(longest_string(gappy), runs)
    spread = [row.std(ddof=1) if len(row) > 1 else np.nan for row in answered]
    assert_allclose(intra_individual_variability(gappy), spread, atol=1e-12)


def test_even_odd_consistency_is_a_stepped_up_within_person_correlation(gappy):
    answers = frame(gappy)
    value, difference = even_odd_consistency(answers, SCALES)
    for row in (0, 31, 90):
        odd = [np.nanmean(answers.loc[row, items[0::2]]) for items in SCALES.values()]
        even = [np.nanmean(answers.loc[row, items[1::2]]) for items in SCALES.values()]
        both = np.isfinite(odd) & np.isfinite(even)
        r = np.corrcoef(np.array(odd)[both], np.array(even)[both])[0, 1]
        assert value[row] == pytest.approx(max(-1, 2 * r / (1 + r)))
        assert difference[row] == pytest.approx(np.sqrt(np.mean(np.subtract(odd, even)[both] ** 2)))
    assert np.isnan(value[7])


def test_mahalanobis_distance_uses_the_answers_that_exist(gappy):
    moments = normal_moments(gappy)
    distance, answered, log_det = mahalanobis(gappy, moments)
    for row in (0, 31):
        seen = np.isfinite(gappy[row])
        sigma = moments.covariance[np.ix_(seen, seen)]
        difference = gappy[row, seen] - moments.mean[seen]
        assert distance[row] == pytest.approx(difference @ np.linalg.inv(sigma) @ difference)
        assert answered[row] == seen.sum()
        assert log_det[row] == pytest.approx(np.log(np.linalg.det(sigma)))
    assert np.isnan(distance[7])


def test_distances_of_normal_answers_follow_chi_square():
    x = np.random.default_rng(3).standard_normal((5000, 6)) @ np.random.default_rng(4).standard_normal((6, 6))
    distance, df, _ = mahalanobis(x, normal_moments(x))
    assert stats.kstest(stats.chi2.sf(distance, df), "uniform").pvalue > 0.01


def test_nearest_match_is_found_across_blocks_of_rows(gappy):
    share, partner = nearest_match(gappy, block=50)
    for row in (0, 60, 119):
        both = np.isfinite(gappy[row]) & np.isfinite(gappy)
        ratio = (gappy == gappy[row]).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
        ratio[(2 * both.sum(axis=1) < gappy.shape[1]) | (np.arange(len(gappy)) == row)] = -1
        assert share[row] == pytest.approx(ratio.max())
        assert ratio[partner[row]] == pytest.approx(ratio.max())
    assert partner[7] == -1


def test_each_kind_of_bad_answer_gets_its_flag_and_reason():
    x = honest(300, 5)
    x[10] = 4
    x[20] = x[21]
    x[30] = x[31]
    x[30, :3] = 8 - x[30, :3]
    x[40, :10] = np.nan
    x[50, 2] = 77
    x[60] = np.where((np.arange(28) + np.arange(28) // 4) % 2, 7, 1)
    data = frame(x).assign(person=[f"p{i}" for i in range(300)], seconds=200.0)
    data.loc[70, "seconds"] = 28.0
    quality = measurement.response_quality(
        data, SCALES, limits=(1, 7), respondent="person", response_time="seconds", seed=1
    )
    assert {"p10"} == flagged(quality, "low_variability")
    assert "p10" in flagged(quality, "long_string")
    assert flagged(quality, "duplicate") == {"p20", "p21"}
    assert flagged(quality, "near_duplicate") >= {"p30", "p31"}
    assert flagged(quality, "missing") == {"p40"}
    assert flagged(quality, "impossible_value") == {"p50"}
    assert flagged(quality, "fast") == {"p70"}
    assert {"p50", "p60"} <= flagged(quality, "mahalanobis")
    assert "p60" in flagged(quality, "even_odd")
    reasons = quality.flags.set_index(["respondent", "flag"])["reason"]
    assert reasons["p20", "duplicate"] == "all answers are those of respondent p21"
    assert reasons["p70", "fast"] == "1.0 seconds an item"
    assert quality.excluded(any_of=["duplicate", "fast"]) == ["p20", "p21", "p70"]
    assert "p10" in quality.excluded(at_least=2)
    assert set(quality.summary()["flag"]) >= set(quality.flags["flag"])


def test_honest_answers_are_mostly_left_alone():
    quality = measurement.response_quality(frame(honest(400, 6)), SCALES, limits=(1, 7), seed=1)
    share = quality.summary().set_index("flag")["share"]
    assert share[["missing", "impossible_value", "duplicate", "low_variability", "noise_block"]].eq(0).all()
    assert share[["long_string", "near_duplicate", "mahalanobis", "even_odd"]].max() < 0.02


def test_flat_but_honest_profiles_are_not_called_inconsistent():
    """One trait behind all scales: halves agree closely, though their within-person correlation is near zero."""
    rng = np.random.default_rng(11)
    flat = np.clip(np.round(4 + 1.2 * rng.standard_normal((300, 1)) + 0.5 * rng.standard_normal((300, 28))), 1, 7)
    quality = measurement.response_quality(frame(flat), SCALES, seed=1)
    assert (quality.indices["even_odd"] < 0.3).mean() > 0.4
    assert quality.summary().set_index("flag").loc["even_odd", "share"] < 0.05


@pytest.mark.parametrize("kind", ["uniform", "shuffled"])
def test_padding_with_invented_respondents_is_located(kind):
    x, rng = honest(400, 8), np.random.default_rng(9)
    invented = rng.integers(1, 8, size=(60, 28)) if kind == "uniform" else rng.permuted(x[:60], axis=0)
    quality = measurement.response_quality(frame(np.r_[x[:250], invented, x[250:]]), SCALES, seed=1)
    block = quality.blocks.iloc[0]
    assert len(quality.blocks) == 1
    assert abs(block["first"] - 251) <= 3
    assert abs(block["last"] - 310) <= 3
    assert abs(block["mean_r"]) < 0.1 < 0.3 < block["mean_r_rest"]
    assert f"in rows {block['first']:.0f}–{block['last']:.0f}" in quality.flags["reason"].iloc[-1]


def test_scan_keeps_its_false_alarm_rate():
    alarms = sum(
        bool(noise_blocks(honest(150, 100 + k), level=0.05, max_ratio=np.inf, n_permutations=39, seed=k))
        for k in range(60)
    )
    assert alarms <= 8  # 5 % nominal; more than 8 in 60 has probability 0.003


def test_checks_that_cannot_be_made_say_why(hs, hs_scales):
    found = measurement.response_quality(hs, hs_scales).summary().set_index("flag")
    assert found.loc[["fast", "even_odd", "impossible_value"], ["n", "share"]].isna().all(axis=None)
    assert found.loc["long_string", "n"] >= 0
    notes = found["note"].map(str)
    assert notes["fast"] == "not applicable, because no response time was recorded"
    assert notes["even_odd"] == "not applicable, because 3 scales have two items or more, 6 are needed"
    assert notes["impossible_value"] == "not applicable, because the answer format is not given"
    few = measurement.response_quality(hs.head(12), hs_scales).summary().set_index("flag")["note"]
    assert str(few["mahalanobis"]) == "not applicable, because 12 rows are too few for 9 items"


def test_wrong_arguments_are_refused_with_the_remedy(hs, hs_scales):
    with pytest.raises(ScaleError, match=r"answer format of 'x1' is \(7, 1\); expected the lowest, then the highest"):
        measurement.response_quality(hs, hs_scales, limits=(7, 1))
    with pytest.raises(UnknownColumnError, match="column 'skool' is not a column of the data.*did you mean school"):
        measurement.response_quality(hs, hs_scales, respondent="skool")
    with pytest.raises(UnknownColumnError, match="'duplicates' is not a flag.*did you mean duplicate"):
        measurement.response_quality(hs, hs_scales).excluded(any_of=["duplicates"])
