"""Groups to compare and covariates, from what people say about themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from pipeline.cards.parts import SEPARATORS
from pipeline.drafting import demographics, missing_codes
from pipeline.drafting.sheet import Sheet, texts
from pipeline.reading import numbers
from pipeline.wording.texts import Worded, worded

MOST_LEVELS = 8
FEWEST_PEOPLE = 10
GENDER = {"男": "male", "女": "female", "m": "male", "f": "female", "male": "male", "female": "female",
          "man": "male", "woman": "female", "男性": "male", "女性": "female"}  # fmt: skip
_PARTING = re.compile(
    r"group|condition|treatment|type|segment|provider|brand|cohort|wave|组别|分组|类型", flags=re.IGNORECASE
)
ZH = {"male": "男", "female": "女"}


@dataclass(frozen=True)
class Group:
    """A column whose values part the people. `levels`: value as text → group, None for no group."""

    name: str
    column: str
    label: str
    levels: dict[str, str | None]
    rule: Worded


@dataclass(frozen=True)
class Control:
    """A covariate; `kind` is number or category."""

    name: str
    column: str
    label: str
    kind: str


def found(sheet: Sheet, codes: dict[str, dict[str, Worded]], taken: set[str]) -> tuple[list[Group], list[Control]]:
    """Groups and controls in the order of the table."""
    groups: list[Group] = []
    controls: list[Control] = []
    names: set[str] = set()
    for column in map(str, sheet.frame.columns):
        if column in taken or sheet.kinds.get(column) not in (None, "category", "item"):
            continue
        if pd.api.types.is_datetime64_any_dtype(sheet.frame[column].dtype):
            continue
        asked = demographics.kind(column, sheet.wording.get(column, ""))
        cells = texts(sheet.frame[column]).dropna()
        own = set(codes[column]) | {c for c in cells.unique() if missing_codes.NO_ANSWER.match(c)}
        cells = cells[~cells.isin(own)]
        if cells.empty:
            continue
        label = sheet.wording.get(column) or column
        name = _free(asked or _slug(column), names)
        numeric = not numbers.of(cells)[1].any()
        if cells.nunique() > MOST_LEVELS:
            if numeric and asked in ("age", "birth", "income"):
                names.add(name)
                controls.append(Control(name, column, label, "number"))
            continue
        labels = sheet.values.get(column, {})
        categories = bool(asked) or sheet.kinds.get(column) == "category" or bool(labels) or not numeric
        categories |= bool(_PARTING.search(column))
        if not categories or cells.nunique() < 2:
            continue
        if asked:
            names.add(name)
            controls.append(Control(name, column, label, "category"))
            name = _free(f"{name}_group", names)
        if cells.value_counts().nlargest(2).min() >= min(FEWEST_PEOPLE, len(cells) / 5):
            names.add(name)
            levels = {value: _level(labels.get(value, value), asked) for value in sorted(cells.unique())}
            rule = (
                worded("question_about", asked=worded(f"asked_{asked}"))
                if asked
                else worded("values_that_are_no_scale", n=cells.nunique())
            )
            groups.append(Group(name, column, label, levels | dict.fromkeys(sorted(own)), rule))
    return groups, controls


def _level(label: str, asked: str) -> str:
    """The name of a group; what stands between names of groups in results loses its blanks."""
    name = GENDER.get(label.strip().lower(), label.strip()) if asked == "gender" else label.strip()
    for sign in SEPARATORS:
        name = name.replace(sign, sign.strip())
    return name


def _slug(column: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")[:24].strip("_")
    return words if words[:1].isalpha() else f"group_{words}".strip("_")


def _free(name: str, taken: set[str]) -> str:
    name = f"{name}_asked" if name in {"respondent", "response_seconds"} else name
    number = 1
    found = name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found
