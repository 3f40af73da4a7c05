"""From a raw survey table to clean answers, by the card's codebook and its pre-set exclusion rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.remarks import Remark, remark
from models.survey.setting import SECONDS
from pipeline.cards.card import Card, Item
from pipeline.cards.parts import Control, Survey, present
from pipeline.cleaning.columns import group_of, require_columns
from pipeline.core.errors import InputError, Problem, short, shown
from pipeline.core.ledger import Ledger, Step
from pipeline.reading import durations, numbers

# A value outside the range that a tenth of the people gave is an answer.
MANY = 0.1
# Rules on how somebody answered. The other rules concern rows that are no further respondents of this study.
ON_ANSWERS = ("too_few_answers", "straight_lining", "speeding")


class Cleaned(NamedTuple):
    """Clean answers: of the respondents who stay, and of those whom a rule on how they answered leaves out."""

    kept: pd.DataFrame
    left_out: pd.DataFrame


def clean(card: Card, raw: pd.DataFrame, path: str, ledger: Ledger) -> Cleaned:
    """Code answers, check them against the codebook and leave out what the card's rules name.

    Parameters
    ----------
    raw : (rows, columns) table as it was read.
    path : its name for messages.

    Returns
    -------
    Two frames of one row a respondent: `respondent`, items and marker as floats (high = more of the construct), groups
    as text, controls as floats or text, and `response_seconds` where the card names a duration.

    Raises
    ------
    InputError
        For unknown columns, answers that are no numbers or outside their range, values of a group that the card
        does not list; each with its row.
    """
    survey = present(card.survey)
    _check_columns(card, raw, path)
    n = len(raw)
    ledger.record("survey", "read", remark("every_row"), n, n, remark("as_delivered"), "people")

    renamed = [item for item in (*card.items, *card.marker) if item.shown != item.name]
    if renamed:
        rule = remark("names_given", names=[f"{short(item.shown)} → {item.name}" for item in renamed])
        ledger.record("survey", "names", rule, n, n, remark("short_names"), "people")
    answers, recoded = _answers(card, raw, path)
    codes = [str(code) for code in dict.fromkeys(_codes(card))]
    rule = remark("codes_to_missing", codes=codes) if codes else remark("blank_to_missing")
    ledger.record("survey", "missing_codes", rule, n, n, remark("codes_for_no_answer"), "people", cells=recoded)
    clean = pd.DataFrame({"respondent": _respondents(survey, raw, path)})
    clean = pd.concat([clean, answers], axis=1)
    reversed_items = [item for item in (*card.items, *card.marker) if item.reversed]
    for item in reversed_items:
        clean[item.name] = item.low + item.high - clean[item.name]
    if reversed_items:
        turned = int(clean[[item.name for item in reversed_items]].notna().to_numpy().sum())
        rule = remark("turned_round", items=[item.shown for item in reversed_items])
        ledger.record("survey", "reverse", rule, n, n, remark("high_means_more"), "people", cells=turned)
    for name, group in survey.groups.items():
        clean[name] = group_of(group, name, raw, path, n)
    if taken := survey.duration:
        clean[SECONDS] = durations.seconds(raw[taken.column], taken.unit, path)
    for name, control in survey.controls.items():
        clean[name] = _control(control, name, raw, path, survey.missing_codes)
    keep, judged = pd.Series(True, index=raw.index), pd.Series(False, index=raw.index)
    for step, rule, why, excluded in _exclusions(card, raw, clean, answers[[item.name for item in card.items]]):
        before = int(keep.sum())
        if step in ON_ANSWERS:
            judged |= keep & excluded
        keep &= ~excluded
        ledger.record("survey", step, rule, before, int(keep.sum()), why, "people")
    _check_left(card, clean.loc[keep, [item.name for item in card.items]], path, ledger)
    return Cleaned(clean[keep].reset_index(drop=True), clean[judged].reset_index(drop=True))


def _check_left(card: Card, answers: pd.DataFrame, path: str, ledger: Ledger) -> None:
    """Somebody has to be left who answered something."""
    if answers.empty:
        fix = f"check survey.exclude of {card.path}"
        raise InputError(Problem(path, f"nobody is left after {ledger.emptied('survey')}", "somebody who stays", fix))
    if answers.isna().all(axis=None):
        fix = f"check survey.missing_codes and the columns of {card.path}"
        found = f"none of the {len(answers)} people who stay answered an item"
        raise InputError(Problem(path, found, "answers", fix))


def _codes(card: Card) -> list[float | str]:
    """Codes for no answer, those of every question first."""
    of_items = [code for item in (*card.items, *card.marker) for code in item.missing_codes]
    return [*present(card.survey).missing_codes, *of_items]


def _check_columns(card: Card, raw: pd.DataFrame, path: str) -> None:
    survey = present(card.survey)
    wanted = {item.column: f"survey.items ({item.construct or 'left open'})" for item in card.items}
    wanted |= {item.column: "survey.marker" for item in card.marker}
    if survey.respondent:
        wanted[survey.respondent] = "survey.respondent"
    if survey.duration:
        wanted[survey.duration.column] = "survey.duration"
    wanted |= {group.column: f"survey.groups.{name}" for name, group in survey.groups.items() if group.column}
    wanted |= {control.column: f"survey.controls.{name}" for name, control in survey.controls.items()}
    wanted |= dict.fromkeys(survey.exclude.where_missing, "survey.exclude.where_missing")
    require_columns(path, raw, wanted)


def _answers(card: Card, raw: pd.DataFrame, path: str) -> tuple[pd.DataFrame, int]:
    codes = present(card.survey).missing_codes
    problems: list[Problem] = []
    columns, recoded = {}, 0
    for item in (*card.items, *card.marker):
        column = raw[item.column]
        own = [*codes, *item.missing_codes]
        is_code = column.isin(own) | column.astype(str).str.strip().isin([str(code) for code in own])
        recoded += int(is_code.sum())
        column = column.mask(is_code)
        answers, wrong = numbers.of(column)
        outside = (answers < item.low) | (answers > item.high)
        problems += _refused(item, raw[item.column], pd.Series(wrong, index=raw.index), outside, path)
        columns[item.name] = answers
    if problems:
        raise InputError(problems)
    return pd.DataFrame(columns, index=raw.index), recoded


def _refused(item: Item, column: pd.Series, wrong: pd.Series, outside: pd.Series, path: str) -> Iterator[Problem]:
    """The first three answers that the codebook does not know; what many people gave is no missing code."""
    bad = wrong | outside
    for position in np.flatnonzero(bad.to_numpy())[:3]:
        value = column.iloc[position]
        times = int((column[bad] == value).sum())
        if wrong.iloc[position]:
            fix = numbers.remedy(value) or (
                "write answers as numbers (labels by their place: 1, 2, 3 …), and leave the cell empty for no answer"
            )
        elif times >= MANY * len(column):
            fix = f"correct the range of this item on the card: so many people gave {shown(value)} that it is an answer"
        else:
            fix = (
                "correct the answer or the range of this item; if the codebook says that it means no answer, "
                f"add missing_codes: [{shown(value)}] to this item"
            )
        found = f"{shown(value)} ({times} of {len(column)} rows)"
        expected = f"an answer from {item.low:g} to {item.high:g}"
        yield Problem(path, found, expected, fix, int(position) + 1, item.column)


def _control(control: Control, name: str, raw: pd.DataFrame, path: str, codes: Iterable[float | str]) -> pd.Series:
    """A covariate as numbers or as text, missing codes and blanks as missing."""
    column = raw[control.column]
    written = column.astype("str").str.strip()
    column = column.mask(written.isin([str(code) for code in codes]) | (written == ""))
    if control.kind == "category":
        return column.astype("str").where(column.notna())
    fix = f"correct it, add it to survey.missing_codes, or set survey.controls.{name}.kind to category"
    return numbers.read(column, path, "a number", fix)


def _respondents(survey: Survey, raw: pd.DataFrame, path: str) -> pd.Series:
    if not survey.respondent:
        return pd.Series(range(1, len(raw) + 1), index=raw.index)
    ids = raw[survey.respondent]
    if ids.duplicated().any():
        position = int(np.flatnonzero(ids.duplicated().to_numpy())[0])
        raise InputError(
            Problem(
                path,
                f"respondent {shown(ids.iloc[position])} a second time",
                "one row a respondent",
                "remove the repeated row, or leave `respondent` out of the card if the column is no identifier",
                position + 1,
                survey.respondent,
            )
        )
    return ids


Exclusion = tuple[Step, Remark, Remark, pd.Series]


def _exclusions(card: Card, raw: pd.DataFrame, clean: pd.DataFrame, answers: pd.DataFrame) -> Iterator[Exclusion]:
    """(step, rule, why, mask) of every exclusion rule on the card."""
    survey = present(card.survey)
    rules = survey.exclude
    for column in rules.where_missing:
        blank = raw[column].isna() | (raw[column].astype(str).str.strip() == "")
        yield "screening", remark("column_blank", column=column), remark("answers_no_question"), blank
    if (limit := rules.max_missing_share) is not None:
        share = answers.isna().mean(axis=1)
        yield "too_few_answers", remark("missing_share_above", limit=limit), remark("too_little_said"), share > limit
    if rules.duplicate_answers:
        others = raw.drop(columns=[survey.respondent] if survey.respondent else [])
        same = others.duplicated() & answers.notna().any(axis=1)
        yield "duplicates", remark("equal_but_the_id"), remark("person_once"), same
    if (limit := rules.max_longest_string_share) is not None:
        from models.measurement.answers.indices import longest_string

        ordered = np.column_stack([numbers.of(raw[item.column])[0] for item in card.items])
        run = pd.Series(longest_string(ordered), index=raw.index) / len(card.items)
        yield "straight_lining", remark("longest_run_above", limit=limit), remark("careless"), run > limit
    if (limit := rules.min_seconds) is not None:
        hasty = clean[SECONDS] < limit
        yield "speeding", remark("faster_than", limit=limit), remark("too_fast_to_read"), hasty
