"""Which columns are questions on a scale, and which of them belong together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pandas as pd

from pipeline.drafting import demographics, missing_codes, ranges, worded_scales
from pipeline.drafting.sheet import Sheet, texts
from pipeline.reading import numbers
from pipeline.wording.texts import Worded, as_is, worded

# A name of three words or five Chinese letters in a row is the question itself.
_SENTENCE = re.compile(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+|[\u4e00-\u9fff]{5}")
_NUMBERED = re.compile(r"^(.*?[^0-9])[ _.\-]*[0-9]{1,3}(?:[ _.\-]*\(?(?:r|rev|reversed?)\)?)?$", flags=re.IGNORECASE)
MOST_ANSWERS, FEWEST_ANSWERS = 11, 3
# Of two values without labels nobody can tell a scale from a choice.


@dataclass(frozen=True)
class Question:
    """A question on a scale.

    Attributes
    ----------
    answers
        Numbers, codes for no answer as missing.
    codes
        Value → by which rule it means no answer.
    """

    column: str
    wording: str
    stem: str
    answers: pd.Series
    labels: dict[str, str]
    codes: dict[str, Worded]


@dataclass(frozen=True)
class Block:
    """Questions that belong together: by a shared stem, by their names, or because they follow one another."""

    name: str
    rule: Worded
    questions: list[Question]
    low: int
    high: int
    range_rule: Worded
    by_neighbourhood: bool = field(default=False)


def coded(sheet: Sheet) -> tuple[Sheet, dict[str, dict[str, Worded]], dict[str, Worded]]:
    """Worded answers as numbers; with the codes for no answer of every column, and the columns that were coded.

    Labels are pooled over neighbours with the same stem, so that a place that one question lacks is known from another.
    """
    frame, values = sheet.frame.copy(), dict(sheet.values)
    codes: dict[str, dict[str, Worded]] = {}
    rules: dict[str, Worded] = {}
    pooled: dict[str, set[str]] = {}
    cells: dict[str, set[str]] = {}
    for name in map(str, frame.columns):
        codes[name] = missing_codes.declared(sheet.missing.get(name, []), values.get(name, {}))
        if frame[name].dtype == "str" and sheet.kinds.get(name) in (None, "item"):
            codes[name] |= missing_codes.in_words(frame[name])
            found = set(frame[name].dropna().unique()) - set(codes[name]) if frame[name].nunique() <= 15 else set()
            if found and worded_scales.places(found):
                cells[name] = found
                pooled.setdefault(sheet.stem.get(name, ""), set()).update(found)
    for name, found in cells.items():
        together = pooled[sheet.stem.get(name, "")]
        places = worded_scales.places(together) if len(together) <= 11 else None
        numbered, rule = places or worded_scales.places(found)  # type: ignore[misc]
        frame[name] = (
            frame[name].map(lambda cell, of=numbered: str(of.get(cell, cell)), na_action="ignore").astype("str")
        )
        values[name] = {str(n): label for label, n in sorted(numbered.items(), key=lambda pair: pair[1])}
        rules[name] = rule
    if not rules:
        return sheet, codes, rules
    done = sheet.with_frame(frame, worded("worded_answers_as_numbers", n=len(rules)))
    return Sheet(**{**done.__dict__, "values": values}), codes, rules


def found(sheet: Sheet, codes: dict[str, dict[str, Worded]], taken: set[str]) -> tuple[list[Block], list[Question]]:
    """Blocks of two or more questions in the order of the table, and questions that stand alone."""
    asked: dict[str, Question] = {}
    for name in map(str, sheet.frame.columns):
        if name in taken or sheet.kinds.get(name) not in (None, "item"):
            continue
        question = _question(sheet, name, codes[name])
        if question is not None:
            asked[name] = question
    grouped: dict[tuple[Worded, str], list[Question]] = {}
    for name, question in asked.items():
        grouped.setdefault(_key(name, question, asked), []).append(question)
    alone = [q for members in grouped.values() if len(members) == 1 for q in members]
    grouped = {key: members for key, members in grouped.items() if len(members) > 1}
    places = list(map(str, sheet.frame.columns))
    grouped |= _neighbours(alone, places)
    alone = [q for q in alone if not any(q in members for members in grouped.values())]
    tops = {key: max(q.answers.max() for q in members) for key, members in grouped.items()}
    blocks = []
    for (rule, name), members in grouped.items():
        low, high, said = _range(members, [top for key, top in tops.items() if key != (rule, name)])
        blocks.append(Block(name, rule, members, low, high, said, rule == worded("they_follow_one_another")))
    return sorted(blocks, key=lambda block: places.index(block.questions[0].column)), alone


def _question(sheet: Sheet, name: str, codes: dict[str, Worded]) -> Question | None:
    column = sheet.frame[name]
    if not (column.dtype == "str" or pd.api.types.is_numeric_dtype(column.dtype)) or column.dtype == bool:
        return None
    written = texts(column)
    known = written.mask(written.isin(set(codes)))
    values, wrong = numbers.of(known)
    if wrong.any() or values.notna().sum() == 0:
        return None
    wording, labels = sheet.wording.get(name, name if _SENTENCE.search(name) else ""), sheet.values.get(name, {})
    scale = bool(worded_scales.places({t for v, t in labels.items() if v not in codes}))
    asked = demographics.kind(name, wording) and not sheet.stem.get(name)
    if not scale and (asked or sheet.kinds.get(name) == "category"):
        return None
    far = missing_codes.numeric(known)
    codes = codes | far
    if far:
        values = numbers.of(written.mask(written.isin(set(codes))))[0]
    given = values.dropna()
    if given.empty or (given % 1 != 0).any() or given.min() < 0 or given.nunique() > MOST_ANSWERS:
        return None
    span = ranges.labelled(labels, codes)
    if given.max() > MOST_ANSWERS - 1 or (span is None and given.nunique() < FEWEST_ANSWERS):
        return None
    return Question(name, wording, sheet.stem.get(name, ""), values, labels, codes)


def _key(name: str, question: Question, asked: dict[str, Question]) -> tuple[Worded, str]:
    numbered = _NUMBERED.match(name)
    prefix = numbered[1].strip(" _.-") if numbered else ""
    if question.stem and sum(other.stem == question.stem for other in asked.values()) > 1:
        # Within one matrix, names that tell scales apart (TR1, LO1) say more than the stem.
        if prefix and not re.fullmatch(r"q\w?\d*", prefix, flags=re.IGNORECASE):
            return worded("names_differ_in_number"), prefix
        return worded("shared_stem"), question.stem
    if prefix and not re.fullmatch(r"(q|question|item|var|v|x|题|column|第)", prefix, flags=re.IGNORECASE):
        return worded("names_differ_in_number"), prefix
    return as_is("alone"), name


def _neighbours(alone: list[Question], places: list[str]) -> dict[tuple[Worded, str], list[Question]]:
    """Questions next to each other with the same labels, or without labels on the same scale."""
    runs: list[list[Question]] = []
    for question in alone:
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and places.index(question.column) == places.index(last.column) + 1
            and question.labels == last.labels
            and (question.labels or abs(question.answers.max() - last.answers.max()) <= 1)
        ):
            runs[-1].append(question)
        else:
            runs.append([question])
    return {(worded("they_follow_one_another"), run[0].column): run for run in runs if len(run) > 1}


def _range(members: list[Question], others: list[float]) -> tuple[int, int, Worded]:
    spans = {ranges.labelled(q.labels, q.codes) for q in members} - {None}
    low, high = min(q.answers.min() for q in members), max(q.answers.max() for q in members)
    if spans:
        start, end = min(s[0] for s in spans if s), max(s[1] for s in spans if s)
        if start <= low and high <= end:
            return start, end, worded("labels_of_values")
    return ranges.seen(low, high, others)
