"""Values that mean no answer: declared, labelled or worded so, or far outside of all others."""

from __future__ import annotations

import re

import pandas as pd

from pipeline.reading import numbers
from pipeline.wording.texts import Worded, worded

NO_ANSWER = re.compile(
    r"^\W*(n/?a|not applicable|does not apply|refused?|refusal|no answer|no response|don.?t know|do not know|dk|"
    r"prefer not to (say|answer)|missing|skipped|not asked|cannot say|can't say|不适用|拒答|拒绝回答|不知道|不清楚|"
    r"未回答|未作答|无回答|缺失|跳过|空|不愿透露|不愿回答|不便透露)\W*$",
    flags=re.IGNORECASE,
)
HIGH = (8, 9, 77, 88, 97, 98, 99, 777, 888, 997, 998, 999, 9998, 9999, 99999)
# An answer scale ends here; a code lies beyond twice the largest of the other answers, 8 and 9 three above.
LONGEST_SCALE = 11
RARE = 0.1


def declared(codes: list[str], labels: dict[str, str]) -> dict[str, Worded]:
    """Code → by which rule, from what the file says."""
    found = dict.fromkeys(codes, worded("file_declares_it"))
    for value, label in labels.items():
        if NO_ANSWER.match(label):
            found.setdefault(value, worded("its_label_is", label=label))
    return found


def in_words(column: pd.Series) -> dict[str, Worded]:
    """Code → by which rule, from cells that say that there is no answer."""
    cells = column.dropna().unique()
    return {cell: worded("cell_says_so") for cell in cells if isinstance(cell, str) and NO_ANSWER.match(cell)}


def numeric(column: pd.Series) -> dict[str, Worded]:
    """Code → by which rule, from numbers far outside of the rest of a short scale."""
    values = numbers.of(column)[0].dropna()
    if values.empty:
        return {}
    counts = values.value_counts()
    rest = [v for v in counts.index if v >= 0 and v not in HIGH]
    if not rest or max(rest) > LONGEST_SCALE:
        return {}
    low, high = min(rest), max(rest)
    found: dict[str, Worded] = {}
    for value in sorted(counts.index):
        if value < 0:
            rule = worded("below_zero", low=low, high=high)
        elif value in (8, 9):
            if high > 5 or value < high + 3 or counts[value] > RARE * len(values):
                continue
            rule = worded("far_above_others", low=low, high=high)
        elif value in HIGH and value > 2 * high:
            rule = worded("far_outside", low=low, high=high)
        else:
            continue
        found[f"{value:g}"] = rule
    return found
