"""Answers as they stood on the sheet, and who is to be doubted by the pre-set rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models import measurement, results
from models.analysis.rows import long
from models.analysis.setting import SECONDS, Doubtful, Questionnaire
from models.measurement.answers.flags import REFERENCES
from models.remarks import Remarks, packed, remark, unpacked
from models.statistics.seeding import SeedOf

NO_FLAGS = pd.DataFrame(columns=["respondent", "flag", "value", "threshold"])


@dataclass(frozen=True, eq=False)
class Flagged:
    """What the answers of a survey say about how they were given, as it is kept for all who ask later.

    Attributes
    ----------
    flags
        One row a flag: ``respondent flag value threshold``.
    checks
        One row a check: ``flag n share note``, the remarks in `note` packed; `n` and `share` are missing where the
        check was not made.
    """

    flags: pd.DataFrame
    checks: pd.DataFrame


def flagged(asked: Questionnaire, data: pd.DataFrame, seed: int) -> Flagged:
    """Flag doubtful answers of a clean survey; no check is made where so few people answered that none can tell."""
    try:
        found = quality(asked, data, seed)
    except measurement.MeasurementError as error:
        note = packed([remark("not_applicable", why=error.remark)])
        return Flagged(NO_FLAGS, pd.DataFrame({"flag": list(REFERENCES), "n": np.nan, "share": np.nan, "note": note}))
    checks = found.summary()
    return Flagged(found.flags[list(NO_FLAGS)], checks.assign(note=checks["note"].map(packed)))


def quality(asked: Questionnaire, data: pd.DataFrame, seed: int) -> measurement.ResponseQuality:
    """Flag doubtful answers of a clean survey: turned answers are turned back, the questions put in their order."""
    sheet = data[["respondent"]].assign(
        **{
            item: low + high - data[item] if item in asked.turned else data[item]
            for item, (low, high) in asked.limits.items()
        }
    )
    timed = SECONDS in data.columns
    if timed:
        sheet[SECONDS] = data[SECONDS]
    return measurement.response_quality(
        sheet,
        asked.codebook,
        limits=asked.limits,
        respondent="respondent",
        response_time=SECONDS if timed else None,
        seed=seed,
    )


def doubted_people(flags: pd.DataFrame, rule: Doubtful) -> set:
    """Respondents whom the rule names, by the `flags` of `Flagged`."""
    return measurement.excluded(flags, any_of=rule.any_of, at_least=rule.at_least)


def quality_rows(
    seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame, found: Flagged, rule: Doubtful, place: str
) -> list[pd.DataFrame]:
    """People flagged by each check, the threshold, how many are doubted and by which rule, which stands at `place`."""
    threshold = found.flags.drop_duplicates("flag").set_index("flag")["threshold"]
    notes = [Remarks(tuple(unpacked(note))) for note in found.checks["note"]]
    checks = found.checks.assign(threshold=found.checks["flag"].map(threshold), note=notes)
    rows = long(checks, "quality", "flag", ["n", "share", "threshold"])
    told = found.checks["n"].notna().any()
    doubted = len(doubted_people(found.flags, rule)) if told else np.nan
    extra = [
        {"table": "quality", "term": "doubtful", "quantity": "n", "estimate": doubted},
        {"table": "quality", "term": "doubtful", "quantity": "share", "estimate": doubted / len(data)},
        *({"table": "quality_rule", "term": flag, "quantity": "any_of", "group": place} for flag in rule.any_of),
    ]
    sheets = data[list(asked.limits)]
    counts = {"complete": int(sheets.notna().all(axis=1).sum()), "different": int((~sheets.duplicated()).sum())}
    extra += [{"table": "quality_rule", "quantity": q, "estimate": k, "group": place} for q, k in counts.items()]
    if rule.at_least is not None:
        extra.append({"table": "quality_rule", "quantity": "at_least", "estimate": rule.at_least, "group": place})
    return [pd.concat([rows, results.rows(extra)]).assign(n=len(data))]
