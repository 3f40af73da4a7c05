"""From a raw survey table to clean answers, by the card's codebook and its pre-set exclusion rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.analysis.setting import SECONDS
from models.remarks import Remark, remark
from pipeline.cards.card import Card, Item
from pipeline.cards.parts import Control, present
from pipeline.cleaning import respondents, row_conditions, survey_rules
from pipeline.cleaning.columns import group_of, require_columns
from pipeline.cleaning.conditions import stated, text_of
from pipeline.core.errors import InputError, Problem, short, shown
from pipeline.core.ledger import Ledger
from pipeline.reading import durations, numbers
from pipeline.wording.texts import Worded, worded

# A value outside the range that a tenth of the people gave is an answer.
MANY = 0.1


class Cleaned(NamedTuple):
    """Clean answers: of the respondents who stay, and of those whom a rule on how they answered leaves out."""

    kept: pd.DataFrame
    left_out: pd.DataFrame


def clean(card: Card, raw: pd.DataFrame, path: str, ledger: Ledger) -> Cleaned:
    """Code answers, check them against the codebook and leave out what the card's rules name.

    Parameters
    ----------
    raw
        (rows, columns) table as it was read.
    path
        Its name for messages.

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
    keep = row_conditions.meant(survey.where, raw, path, "survey.where")
    ids = respondents.identified(survey, raw, path, keep)
    if survey.where:
        left, rule = int(keep.sum()), remark("selected", conditions=stated(survey.where))
        ledger.record("survey", "selection", rule, n, left, remark("respondents_meant"), "people")
        if left == 0:
            raise _nobody(card, path, ledger)
        # Rows stay where they are, so that messages name the right one; what stands in the others is not read.
        raw, n = raw.astype(object).where(keep), left

    renamed = [item for item in (*card.items, *card.marker) if item.shown != item.name]
    if renamed:
        rule = remark("names_given", names=[f"{short(item.shown)} → {item.name}" for item in renamed])
        ledger.record("survey", "names", rule, n, n, remark("short_names"), "people")
    worded = {str(word): value for item in (*card.items, *card.marker) for word, value in item.values.items()}
    answers, recoded, translated = _answers(card, raw, path)
    respondents.refuse_means(answers, path)
    if worded:
        rule = remark("labels_to_numbers", labels=[f"{short(word)} → {value:g}" for word, value in worded.items()])
        ledger.record("survey", "labels", rule, n, n, remark("codebook_says"), "people", cells=translated)
    codes = [str(code) for code in dict.fromkeys(_codes(card))]
    rule = remark("codes_to_missing", codes=codes) if codes else remark("blank_to_missing")
    ledger.record("survey", "missing_codes", rule, n, n, remark("codes_for_no_answer"), "people", cells=recoded)
    clean = pd.DataFrame({"respondent": ids})
    clean = pd.concat([clean, answers], axis=1)
    reversed_items = [item for item in (*card.items, *card.marker) if item.reversed]
    for item in reversed_items:
        clean[item.name] = item.low + item.high - clean[item.name]
    if reversed_items:
        turned = int(clean[[item.name for item in reversed_items]].notna().to_numpy().sum())
        rule = remark("turned_round", items=[item.shown for item in reversed_items])
        ledger.record("survey", "reverse", rule, n, n, remark("high_means_more"), "people", cells=turned)
        for unseen in _unseen(reversed_items, (*card.items, *card.marker), answers):
            ledger.record("survey", "unseen", unseen, n, n, remark("turned_by_the_card"), "people")
    for name, group in survey.groups.items():
        clean[name] = group_of(group, name, raw, path, len(raw), survey.missing_codes)
    if taken := survey.duration:
        clean[SECONDS] = durations.seconds(raw[taken.column], taken.unit, path)
    for name, control in survey.controls.items():
        clean[name] = _control(control, name, raw, path, survey.missing_codes)
    judged = pd.Series(False, index=raw.index)
    sheet = answers[[item.name for item in card.items]]
    for step, rule, why, excluded in survey_rules.exclusions(card, raw, clean, sheet):
        before = int(keep.sum())
        if step in survey_rules.ON_ANSWERS:
            judged |= keep & excluded
        keep &= ~excluded
        ledger.record("survey", step, rule, before, int(keep.sum()), why, "people")
    _check_left(card, clean.loc[keep, [item.name for item in card.items]], path, ledger)
    return Cleaned(clean[keep].reset_index(drop=True), clean[judged].reset_index(drop=True))


def _unseen(turned: list[Item], items: Iterable[Item], answers: pd.DataFrame) -> Iterator[Remark]:
    """Answer formats by which items are turned and an end of which nobody chose in any question: are they right?"""
    for low, high in dict.fromkeys((item.low, item.high) for item in turned):
        same = answers[[item.name for item in items if (item.low, item.high) == (low, high)]]
        seen_low, seen_high = float(same.min(axis=None)), float(same.max(axis=None))
        if seen_low > low or seen_high < high:
            yield remark("ends_unseen", low=low, high=high, seen_low=seen_low, seen_high=seen_high)


def _check_left(card: Card, answers: pd.DataFrame, path: str, ledger: Ledger) -> None:
    """Somebody has to be left who answered something."""
    if answers.empty:
        raise _nobody(card, path, ledger)
    if answers.isna().all(axis=None):
        fix = worded("check_missing_codes", path=card.path)
        found = worded("nobody_answered_an_item", n=len(answers))
        raise InputError(Problem(path, found, worded("answers_of_survey"), fix))


def _nobody(card: Card, path: str, ledger: Ledger) -> InputError:
    """Say which step left nobody, and by which entry of the card."""
    fix = worded("check_entry", entry=ledger.emptied_by("survey", "survey.exclude"), path=card.path)
    found = worded("nobody_is_left", step=ledger.emptied("survey"))
    return InputError(Problem(path, found, worded("somebody_who_stays"), fix))


def _codes(card: Card) -> list[float | str]:
    """Codes for no answer, those of every question first."""
    of_items = [code for item in (*card.items, *card.marker) for code in item.missing_codes]
    return [*present(card.survey).missing_codes, *of_items]


def _check_columns(card: Card, raw: pd.DataFrame, path: str) -> None:
    survey = present(card.survey)
    wanted: dict[str, str | Worded] = {
        item.column: worded("under_survey_items", item=item.construct or worded("left_open")) for item in card.items
    }
    wanted |= {item.column: "survey.marker" for item in card.marker}
    if survey.respondent:
        wanted[survey.respondent] = "survey.respondent"
    if survey.duration:
        wanted[survey.duration.column] = "survey.duration"
    wanted |= {group.column: f"survey.groups.{name}" for name, group in survey.groups.items() if group.column}
    wanted |= {control.column: f"survey.controls.{name}" for name, control in survey.controls.items()}
    wanted |= dict.fromkeys(survey.where, "survey.where")
    wanted |= dict.fromkeys(survey.exclude.where_missing, "survey.exclude.where_missing")
    require_columns(path, raw, wanted)


def _answers(card: Card, raw: pd.DataFrame, path: str) -> tuple[pd.DataFrame, int, int]:
    """Answers as they stand on the sheet; how many cells are codes for no answer, and how many are labels."""
    codes = present(card.survey).missing_codes
    problems: list[Problem] = []
    columns, recoded, translated = {}, 0, 0
    for item in (*card.items, *card.marker):
        column = raw[item.column]
        own = [*codes, *item.missing_codes]
        is_code = column.isin(own) | column.astype(str).str.strip().isin([str(code) for code in own])
        recoded += int(is_code.sum())
        column = column.mask(is_code)
        if item.values:
            meaning = {text_of(word): value for word, value in item.values.items()}
            said = row_conditions.written(column).map(meaning)
            translated += int(said.notna().sum())
            column = column.astype(object).where(said.isna(), said)
        answers, wrong = numbers.of(column)
        outside = (answers < item.low) | (answers > item.high)
        problems += _refused(item, raw[item.column], pd.Series(wrong, index=raw.index), outside, path)
        columns[item.name] = answers
    if problems:
        raise InputError(problems)
    return pd.DataFrame(columns, index=raw.index), recoded, translated


def _refused(item: Item, column: pd.Series, wrong: pd.Series, outside: pd.Series, path: str) -> Iterator[Problem]:
    """The first three answers that the codebook does not know; what many people gave is no missing code."""
    bad = wrong | outside
    for position in np.flatnonzero(bad.to_numpy())[:3]:
        value = column.iloc[position]
        times = int((column[bad] == value).sum())
        if wrong.iloc[position]:
            fix = numbers.remedy(value) or (
                worded(
                    "say_what_labels_stand_for",
                    value=shown(value),
                    high=item.high,
                )
            )
        elif times >= MANY * len(column):
            fix = worded(
                "widen_range_of_item",
                value=shown(value),
            )
        else:
            fix = worded(
                "correct_answer_or_range",
                value=shown(value),
            )
        found = worded("value_in_so_many_rows", value=shown(value), times=times, n=len(column))
        expected = worded("answer_from_to", low=item.low, high=item.high)
        yield Problem(path, found, expected, fix, int(position) + 1, item.column)


def _control(control: Control, name: str, raw: pd.DataFrame, path: str, codes: Iterable[float | str]) -> pd.Series:
    """A covariate as numbers or as text, missing codes and blanks as missing."""
    column = raw[control.column]
    written = column.astype("str").str.strip()
    column = column.mask(written.isin([str(code) for code in codes]) | (written == ""))
    if control.kind == "category":
        return column.astype("str").where(column.notna())
    fix = worded("correct_or_code_or_category", name=name)
    return numbers.read(column, path, worded("a_number"), fix)
