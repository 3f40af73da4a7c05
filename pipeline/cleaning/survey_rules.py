"""The card's rules on which respondents are left out, each with its line in the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.analysis.setting import SECONDS
from models.remarks import Remark, remark
from pipeline.cards.card import Card
from pipeline.cards.parts import present
from pipeline.core.ledger import Step
from pipeline.reading import numbers

# Rules on how somebody answered. The other rules concern rows that are no further respondents of this study.
ON_ANSWERS = ("too_few_answers", "straight_lining", "speeding")

Exclusion = tuple[Step, Remark, Remark, pd.Series]


def exclusions(card: Card, raw: pd.DataFrame, clean: pd.DataFrame, answers: pd.DataFrame) -> Iterator[Exclusion]:
    """(step, rule, why, mask) of every exclusion rule on the card.

    Parameters
    ----------
    raw
        (rows, columns) table as it was read; rows that are no respondents are empty.
    clean
        The same rows with answers coded.
    answers
        (rows, items) as they stand on the sheet, before any is turned round.
    """
    survey = present(card.survey)
    rules = survey.exclude
    for column in rules.where_missing:
        blank = raw[column].isna() | (raw[column].astype(str).str.strip() == "")
        yield "screening", remark("column_blank", column=column), remark("answers_no_question"), blank
    if (limit := rules.max_missing_share) is not None:
        share = answers.isna().mean(axis=1)
        yield "too_few_answers", remark("missing_share_above", limit=limit), remark("too_little_said"), share > limit
    if rules.duplicate_answers:
        same = answers.duplicated() & answers.notna().any(axis=1)
        yield "duplicates", remark("equal_answers"), remark("person_once"), same
    if rules.duplicate_rows:
        others = raw.drop(columns=[survey.respondent] if survey.respondent else [])
        same = others.duplicated() & answers.notna().any(axis=1)
        yield "duplicates", remark("equal_but_the_id"), remark("person_once"), same
    if (limit := rules.max_longest_string_share) is not None:
        from models.measurement.answers.indices import longest_string

        # A code for no answer ends a run, as it does on the sheet.
        written = [answers[item.name] if item.values else numbers.of(raw[item.column])[0] for item in card.items]
        ordered = np.column_stack(written)
        run = pd.Series(longest_string(ordered), index=raw.index) / len(card.items)
        yield "straight_lining", remark("longest_run_above", limit=limit), remark("careless"), run > limit
    if (limit := rules.min_seconds) is not None:
        hasty = clean[SECONDS] < limit
        yield "speeding", remark("faster_than", limit=limit), remark("too_fast_to_read"), hasty
