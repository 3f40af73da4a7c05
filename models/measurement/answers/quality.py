"""Response quality: whose answers to doubt, and why."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from models.choices import choices
from models.measurement.answers.flags import FlagList, ResponseQuality, Thresholds
from models.measurement.answers.honest_sheets import HonestSheets, chance_cut
from models.measurement.answers.indices import (
    even_odd_consistency,
    intra_individual_variability,
    longest_block,
    longest_string,
    nearest_match,
)
from models.measurement.answers.moments import mahalanobis, normal_moments
from models.measurement.answers.noise_blocks import NoiseBlock, noise_blocks
from models.measurement.scales.scales import (
    Limits,
    Scales,
    check_columns,
    check_limits,
    check_scales,
    numeric_items,
)
from models.remarks import Remark, remark


def response_quality(
    data: pd.DataFrame,
    scales: Scales,
    limits: Limits | None = None,
    respondent: str | None = None,
    response_time: str | None = None,
    thresholds: Thresholds | None = None,
    seed: int | None = None,
) -> ResponseQuality:
    r"""Look for careless, copied and invented answers.

    Parameters
    ----------
    data : DataFrame
        One row a respondent in the order of recording; items numeric, missing as NaN, in the order in which they were
        asked, and *before* reversed items are recoded (runs of one answer are runs on the sheet).
    scales : mapping of str to list of str
        Construct → its items.
    limits : (lowest, highest), or mapping of item to such a pair, optional
        Possible answers. Without it impossible values cannot be told.
    respondent : str, optional
        Column with the respondent's name; by default the index of `data`.
    response_time : str, optional
        Column with the seconds spent on the items.
    thresholds : Thresholds, optional
        When flags are raised; by default as declared among the choices.
    seed : int, optional
        Seed of the simulated honest sheets and of the permutations behind the scan for blocks of noise.

    Returns
    -------
    ResponseQuality
        Flags with their reasons, indices of every respondent, and the checks that were not made.

    Raises
    ------
    MeasurementError
        Scales that contradict themselves, columns that are missing or not numeric, or limits of an
        item that is no column or whose lowest answer is not below the highest.

    Notes
    -----
    Straight-lining, little variation, inconsistent halves, unusual combinations and near copies are flagged where they
    reach the threshold of the literature *and* what `Thresholds.false_positives` of simulated honest people with these
    margins and correlations exceed. A run has to go beyond one scale: agreement on one matter is an answer. A sheet
    found twice is a copy where honest people do not hand it in within :math:`K` simulated files: if it is expected
    :math:`\lambda` times a file, that accuses with probability at most
    :math:`(1-e^{-\lambda})e^{-K\lambda}<1/(eK)`, whatever :math:`\lambda`. The first of equal sheets is the original.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> scales = {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}
    >>> answers.loc[0] = 1.0
    >>> found = measurement.response_quality(answers, scales, seed=1)
    >>> found.flags.query("respondent == 0")["flag"].tolist()
    ['long_string', 'low_variability']
    """
    cut = thresholds or Thresholds()
    answers = check_scales(data, scales)
    answers = answers[[c for c in data.columns if c in answers.columns]]
    check_columns(data, [c for c in (respondent, response_time) if c], role="column")
    check_limits(data, limits)
    x = answers.to_numpy()
    answered = np.isfinite(x)
    n_answers = answered.sum(axis=1)
    names = (data[respondent] if respondent else data.index.to_series()).to_numpy()
    flags = FlagList(names)
    rng, rng_of_blocks = np.random.default_rng(seed).spawn(2)
    sheets = HonestSheets(x)
    honest = sheets.draw_with_gaps(choices.flag_honest_sheets, rng)
    skipped: dict[str, Remark] = {}

    missing = 1 - answered.mean(axis=1)
    flags.add("missing", missing > cut.missing, missing, cut.missing, "{:.0%} of the items without an answer")

    impossible = _impossible(answers, limits)
    count = impossible.sum(axis=1)
    flags.add("impossible_value", count > 0, count, 0, "{:.0f} answers outside the answer format")
    if limits is None:
        skipped["impossible_value"] = remark("no_answer_format")

    longest = longest_string(x)
    run = longest / np.maximum(n_answers, 1)
    chance = chance_cut(_share_in_a_row(honest), cut.false_positives)
    block = longest_block(list(answers.columns), scales)
    if chance >= 1 or block == x.shape[1]:
        skipped["long_string"] = remark("honest_alike", rate=cut.false_positives)
    else:
        straight = (run >= cut.long_string) & (run > chance) & (longest > block)
        reason = "one answer over {:.0%} of the items in a row"
        flags.add("long_string", straight, run, max(cut.long_string, chance), reason)

    variability = intra_individual_variability(x)
    low = max(0.0, _cut(variability, -cut.variability_deviations))
    chance = -chance_cut(-intra_individual_variability(honest), cut.false_positives)
    varies_little = (variability <= low) & (variability < chance)
    flags.add("low_variability", varies_little, variability, min(low, chance), "answers vary by {:.2f} only")

    consistency, difference = even_odd_consistency(answers, scales)
    pairs = sum(len(items) > 1 for items in scales.values())
    if pairs < cut.even_odd_min_scales:
        skipped["even_odd"] = remark("few_long_scales", pairs=pairs, least=cut.even_odd_min_scales)
    else:
        apart = _cut(difference, cut.even_odd_deviations)
        theirs, gap = even_odd_consistency(pd.DataFrame(honest, columns=answers.columns), scales)
        chance = -chance_cut(-np.where(gap > apart, theirs, np.nan), cut.false_positives)
        inconsistent = (consistency < min(cut.even_odd, chance)) & (difference > apart)
        flags.add(
            "even_odd", inconsistent, consistency, min(cut.even_odd, chance), "even and odd items agree by {:.2f}"
        )

    share, partner = nearest_match(x)
    other = np.array([names[i] if i >= 0 else None for i in partner], dtype=object)
    same = np.flatnonzero(share == 1)
    common = np.where(answered[same] & answered[partner[same]], x[same], np.nan)
    rounds = int(np.ceil(1 / (np.e * cut.false_positives)))
    copied = np.zeros(len(x), dtype=bool)
    copied[same] = sheets.never_drawn(common, rounds, rng)
    flags.add("duplicate", copied, share, 1.0, "all answers are those of respondent {other}", other)
    chance = chance_cut(nearest_match(sheets.draw_with_gaps(len(x), rng))[0], cut.false_positives)
    near = (share >= cut.near_duplicate) & (share > chance) & (share < 1)
    nearest = max(cut.near_duplicate, chance)
    flags.add("near_duplicate", near, share, nearest, "{:.0%} of the answers are those of {other}", other)

    pace = np.full(len(x), np.nan)
    if response_time is None:
        skipped["fast"] = remark("no_response_time")
    else:
        pace = numeric_items(data, [response_time])[response_time].to_numpy() / np.maximum(n_answers, 1)
        flags.add("fast", pace < cut.seconds_per_item, pace, cut.seconds_per_item, "{:.1f} seconds an item")

    distance, tail = np.full(len(x), np.nan), np.full(len(x), np.nan)
    blocks: list[NoiseBlock] = []
    obstacle = _no_moments(x)
    if obstacle:
        skipped["mahalanobis"] = skipped["noise_block"] = obstacle
    else:
        moments = normal_moments(x)
        distance, df = mahalanobis(x, moments)
        tail = chdtrc(df, distance)
        of_honest, df = mahalanobis(honest, moments)
        chance = -chance_cut(-chdtrc(df, of_honest), cut.false_positives)
        rare = tail < min(cut.mahalanobis_p, chance)
        reason = "combination of answers with p = {:.1e}"
        flags.add("mahalanobis", rare, tail, min(cut.mahalanobis_p, chance), reason)
        places = [[answers.columns.get_loc(item) for item in items] for items in scales.values()]
        blocks = noise_blocks(x, places, min_rows=cut.block_rows, level=cut.block_p, seed=rng_of_blocks)
    for found in blocks:
        inside = np.isin(np.arange(len(x)), found.rows)
        flags.add("noise_block", inside, np.full(len(x), found.pvalue), cut.block_p, found.describe())

    indices = pd.DataFrame(
        {
            "respondent": names,
            "missing": missing,
            "longest_string": longest,
            "variability": variability,
            "mahalanobis": distance,
            "mahalanobis_p": tail,
            "even_odd": consistency,
            "even_odd_difference": difference,
            "nearest_match": share,
            "nearest_respondent": other,
            "seconds_per_item": pace,
        }
    )
    items = pd.DataFrame({"item": answers.columns, "missing": 1 - answered.mean(axis=0)})
    items["impossible"] = impossible.mean(axis=0) if limits is not None else np.nan
    return ResponseQuality(flags.table(), indices, items, _block_table(blocks), skipped)


def _share_in_a_row(x: np.ndarray) -> np.ndarray:
    return longest_string(x) / np.maximum(np.isfinite(x).sum(axis=1), 1)


def _no_moments(x: np.ndarray) -> Remark | None:
    """Why the covariance of the items cannot serve; None where it can."""
    n, p = x.shape
    if n <= 2 * p:
        return remark("few_rows_for_items", n=n, p=p)
    answered = np.isfinite(x).any(axis=0)
    if not answered.all() or not (np.nanstd(x, axis=0) > 0).all():
        return remark("dead_item")
    return None


def _cut(values: np.ndarray, deviations: float) -> float:
    """So many robust deviations (1.4826 MAD) above the median, or below where negative."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0
    median = np.median(known)
    return float(median + deviations * 1.4826 * np.median(np.abs(known - median)))


def _impossible(answers: pd.DataFrame, limits: Limits | None) -> np.ndarray:
    if limits is None:
        return np.zeros(answers.shape, dtype=bool)
    pairs = limits if isinstance(limits, Mapping) else dict.fromkeys(answers.columns, limits)
    outside = np.zeros(answers.shape, dtype=bool)
    for j, item in enumerate(answers.columns):
        if item in pairs:
            low, high = pairs[item]
            outside[:, j] = (answers[item] < low) | (answers[item] > high)
    return outside


def _block_table(blocks: list[NoiseBlock]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "first": b.rows[0] + 1,
                "last": b.rows[-1] + 1,
                "n": len(b.rows),
                "score": b.score,
                "pvalue": b.pvalue,
                "mean_r": b.mean_r,
                "mean_r_rest": b.mean_r_rest,
            }
            for b in blocks
        ],
        columns=["first", "last", "n", "score", "pvalue", "mean_r", "mean_r_rest"],
    )
