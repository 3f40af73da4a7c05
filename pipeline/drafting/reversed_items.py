"""Questions that are put the other way round: by their marks and wording, and by the sign of their correlations."""

from __future__ import annotations

import re

import pandas as pd

from pipeline.drafting.blocks import Block
from pipeline.wording.texts import Worded, worded

_MARK = re.compile(
    r"[(（\[]\s*(r|rev|reversed?|反向?题?|反)\s*[)）\]]|[_\s](r|rev|reversed?)$|反向", flags=re.IGNORECASE
)
_NEGATION = re.compile(
    r"\b(not|never|no|hardly|dislike|un(?:able|reliable|happy|fair))\b|n't\b|不(?!断|仅|同|可再生|少)|没有|难以|讨厌|缺乏"
)
# An item that runs against the rest of its block; smaller correlations are noise in a sample of a hundred.
CLEARLY = -0.2
FEWEST = 20


def found(block: Block) -> dict[str, Worded]:
    """Column → why it may be reversed; those that correlations confirm begin with `reversed`, others with `not`."""
    from models import measurement

    answers = pd.DataFrame({question.column: question.answers for question in block.questions})
    rest = dict.fromkeys(answers, float("nan"))
    if len(answers.dropna()) >= FEWEST and len(answers.columns) > 2 and (answers.dropna().nunique() > 1).all():
        rest = _turned(measurement, answers)
    said: dict[str, Worded] = {}
    for question in block.questions:
        mark = _MARK.search(question.column) or _MARK.search(question.wording)
        negated = bool(_NEGATION.search(question.wording.lower()))
        usual = sum(bool(_NEGATION.search(q.wording.lower())) for q in block.questions) * 2 > len(block.questions)
        odd = (
            worded("marked_as_reversed") if mark else worded("worded_other_way_round") if negated and not usual else ""
        )
        r = rest[question.column]
        if r < CLEARLY:
            said[question.column] = worded("runs_against_block", r=r)
            if odd:
                said[question.column] = worded("said_and_is", said=said[question.column], odd=odd)
        elif mark or (odd and not r >= -CLEARLY):
            measured = worded("too_few_answers_to_tell") if r != r else worded("runs_with_block", r=r)
            said[question.column] = worded("not_reversed", odd=odd, measured=measured)
    return said


def _turned(measurement, answers: pd.DataFrame) -> dict[str, float]:
    """Correlation of every item with the others, those that run against most turned first."""
    signs = pd.Series(1.0, index=answers.columns)
    for _ in range(len(signs)):
        told = measurement.items(answers * signs, {"block": list(answers)}).set_index("item")["item_total"]
        worst = told.idxmin()
        if not told[worst] < CLEARLY:
            break
        signs[worst] *= -1
    if (signs < 0).sum() * 2 > len(signs):
        signs = -signs
    return {name: float(abs(told[name]) * signs[name]) if signs[name] < 0 else float(told[name]) for name in answers}
