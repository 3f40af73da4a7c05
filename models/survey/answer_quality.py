"""Answers as they stood on the sheet, and who is to be doubted by the pre-set rule."""

from __future__ import annotations

import pandas as pd

from models import measurement, results
from models.statistics.seeding import SeedOf
from models.survey.rows import long
from models.survey.setting import SECONDS, Doubtful, Questionnaire


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


def doubted_people(found: measurement.ResponseQuality, rule: Doubtful) -> list:
    """Respondents whom the rule names."""
    return found.excluded(any_of=rule.any_of, at_least=rule.at_least)


def quality_rows(
    seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame, rule: Doubtful, place: str
) -> list[pd.DataFrame]:
    """People flagged by each check, the threshold, how many are doubted and by which rule, which stands at `place`."""
    found = quality(asked, data, seeds("quality"))
    threshold = found.flags.drop_duplicates("flag").set_index("flag")["threshold"]
    summary = found.summary().assign(threshold=lambda t: t["flag"].map(threshold))
    rows = long(summary, "quality", "flag", ["n", "share", "threshold"])
    doubted = len(doubted_people(found, rule))
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
