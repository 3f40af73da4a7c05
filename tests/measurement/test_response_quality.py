"""Careless, copied and invented answers are found; honest ones are mostly left alone."""

from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from models import measurement
from models.choices import choices
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
PLACES = [list(range(4 * k, 4 * k + 4)) for k in range(7)]
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
    distance, answered = mahalanobis(gappy, moments)
    for row in (0, 31):
        seen = np.isfinite(gappy[row])
        sigma = moments.covariance[np.ix_(seen, seen)]
        difference = gappy[row, seen] - moments.mean[seen]
        assert distance[row] == pytest.approx(difference @ np.linalg.inv(sigma) @ difference)
        assert answered[row] == seen.sum()
    assert np.isnan(distance[7])


def test_distances_of_normal_answers_follow_chi_square():
    x = np.random.default_rng(3).standard_normal((5000, 6)) @ np.random.default_rng(4).standard_normal((6, 6))
    distance, df = mahalanobis(x, normal_moments(x))
    assert stats.kstest(stats.chi2.sf(distance, df), "uniform").pvalue > 0.01


def test_the_nearest_of_earlier_rows_is_found_across_blocks_of_rows(gappy):
    share, partner = nearest_match(gappy, block=50)
    for row in (1, 60, 119):
        both = np.isfinite(gappy[row]) & np.isfinite(gappy)
        ratio = (gappy == gappy[row]).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
        ratio[(2 * both.sum(axis=1) < gappy.shape[1]) | (np.arange(len(gappy)) >= row)] = -1
        assert share[row] == pytest.approx(ratio.max())
        assert ratio[partner[row]] == pytest.approx(ratio.max())
    assert partner[[0, 7]].tolist() == [-1, -1]


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
    assert flagged(quality, "duplicate") == {"p21"}  # the first of two is the original
    assert "p31" in flagged(quality, "near_duplicate")
    assert flagged(quality, "missing") == {"p40"}
    assert flagged(quality, "impossible_value") == {"p50"}
    assert flagged(quality, "fast") == {"p70"}
    assert {"p50", "p60"} <= flagged(quality, "mahalanobis")
    assert "p60" in flagged(quality, "even_odd")
    reasons = quality.flags.set_index(["respondent", "flag"])["reason"]
    assert reasons["p21", "duplicate"] == "all answers are those of respondent p20"
    assert reasons["p70", "fast"] == "1.0 seconds an item"
    assert quality.excluded(any_of=["duplicate", "fast"]) == ["p21", "p70"]
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
        bool(noise_blocks(honest(150, 100 + k), PLACES, level=0.05, max_ratio=np.inf, n_permutations=19, seed=k))
        for k in range(15)
    )
    assert alarms <= 3  # 5 % nominal; more than 3 in 15 has probability 0.005


def agreeing(
    rng: np.random.Generator, n: int, shared: float = 0.6, scales: int = 5, loading: float = 0.8
) -> pd.DataFrame:
    """Five-point answers of honest people who mostly agree; `shared` is the correlation of what the scales measure."""
    factors = np.sqrt(shared) * rng.standard_normal((n, 1)) + np.sqrt(1 - shared) * rng.standard_normal((n, scales))
    latent = loading * np.repeat(factors, 4, axis=1) + np.sqrt(1 - loading**2) * rng.standard_normal((n, 4 * scales))
    return pd.DataFrame(np.clip(np.round(4 + latent), 1, 5), columns=ITEMS[: 4 * scales])


def by_satisfaction(rng: np.random.Generator) -> pd.DataFrame:
    answers = agreeing(rng, 300)
    return answers.loc[answers.mean(axis=1).sort_values(kind="stable").index].reset_index(drop=True)


def homogeneous_site(rng: np.random.Generator) -> pd.DataFrame:
    """The last third think nearly the same of everything."""
    factors = rng.standard_normal((300, 5)) * np.repeat([1.0, 0.3], [200, 100])[:, None]
    latent = 0.8 * np.repeat(factors, 4, axis=1) + 0.6 * rng.standard_normal((300, 20))
    return pd.DataFrame(np.clip(np.round(4 + latent), 1, 5), columns=ITEMS[:20])


HONEST_FILES = {
    "sorted by satisfaction": by_satisfaction,
    "a homogeneous site last": homogeneous_site,
    "one strong attitude": lambda rng: agreeing(rng, 400, shared=0.9),
    "eight items": lambda rng: agreeing(rng, 600, scales=2),
}


@pytest.mark.parametrize("file", HONEST_FILES)
def test_honest_files_keep_the_stated_rate_of_false_positives(file):
    """At most one in a hundred people by each flag; twice that leaves room for chance in one file."""
    answers = HONEST_FILES[file](np.random.default_rng(1))
    scales = {name: items for name, items in SCALES.items() if items[0] in answers}
    share = measurement.response_quality(answers, scales, seed=1).summary().set_index("flag")["share"]
    assert share.max() <= 2 * choices.flag_false_positives


def test_copies_and_straight_lines_are_found_among_agreeing_people():
    """Fifteen percent of the sheets are bad."""
    rng = np.random.default_rng(5)
    answers = agreeing(rng, 255)
    copies = answers.iloc[rng.choice(255, 25, replace=False)]
    straight = pd.DataFrame(np.repeat(rng.integers(2, 5, 20)[:, None], 20, axis=1), columns=answers.columns)
    answers = pd.concat([answers, copies, straight], ignore_index=True).astype(float)
    quality = measurement.response_quality(answers, {name: SCALES[name] for name in list(SCALES)[:5]}, seed=1)
    assert len(flagged(quality, "duplicate") & set(range(255, 280))) >= 23
    assert flagged(quality, "long_string") >= set(range(280, 300))
    assert len([i for i in quality.excluded(["duplicate", "long_string", "noise_block"]) if i < 255]) <= 5


def test_padding_is_found_where_it_is_most_of_the_sheet():
    rng = np.random.default_rng(6)
    x = np.r_[agreeing(rng, 124).to_numpy(), rng.integers(1, 6, size=(245, 20))]
    found = {row for block in noise_blocks(x, PLACES[:5], seed=1) for row in block.rows}
    assert len(found & set(range(124, 369))) >= 240
    assert len(found & set(range(124))) <= 8  # both ends of a block are estimated


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
    with pytest.raises(ScaleError, match=r"answer format is \(7, 1\); expected the lowest, then the highest"):
        measurement.response_quality(hs, hs_scales, limits=(7, 1))
    with pytest.raises(UnknownColumnError, match="answer format: item 'x99' is not a column.*did you mean x9"):
        measurement.response_quality(hs, hs_scales, limits={"x1": (1, 7), "x99": (1, 7)})
    with pytest.raises(UnknownColumnError, match="column 'skool' is not a column of the data.*did you mean school"):
        measurement.response_quality(hs, hs_scales, respondent="skool")
    with pytest.raises(UnknownColumnError, match="'duplicates' is not a flag.*did you mean duplicate"):
        measurement.response_quality(hs, hs_scales).excluded(any_of=["duplicates"])
