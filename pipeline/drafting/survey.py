"""A survey: roles, questions, scales, codes, groups and constructs, each with the rule by which it was found."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.drafting import (
    blocks,
    constructs,
    demographics,
    generation,
    groups,
    missing_codes,
    personal,
    reversed_items,
    roles,
)
from pipeline.drafting.blocks import Block, Question
from pipeline.drafting.constructs import Guess
from pipeline.drafting.groups import Control, Group
from pipeline.drafting.sheet import Sheet, texts
from pipeline.wording.texts import Worded

# Beyond it a code of one question is the code of the whole questionnaire.
SEVERAL = 2


@dataclass(frozen=True)
class Survey:
    """What a table of answers was found to be.

    Attributes
    ----------
    sheet
        Without the columns that are left out.
    dropped
        Column → why it is left out.
    roles
        Role → (column, rule).
    blocks
        With a guess and remarks on reversed questions for each.
    worded
        Question → how its worded answers became numbers.
    platform
        Type of the platform, where somebody said it.
    codes, of_item
        Codes of all questions, and of single ones, each with its rule.
    """

    sheet: Sheet
    dropped: dict[str, Worded]
    roles: dict[str, tuple[str, Worded]]
    blocks: list[Block]
    guesses: list[Guess]
    reversed: list[dict[str, Worded]]
    codes: dict[str, Worded]
    of_item: dict[str, dict[str, Worded]]
    groups: list[Group]
    controls: list[Control]
    alone: list[Question]
    worded: dict[str, Worded] = field(default_factory=dict)
    platform: str = ""


def found(sheet: Sheet) -> Survey:
    """Everything that a table of answers says of itself."""
    who = roles.found(sheet)
    dropped = personal.found(sheet)
    sheet, codes, worded = blocks.coded(sheet)
    taken = {column for column, _ in who.values()} | set(dropped)
    asked, alone = blocks.found(sheet, codes, taken)
    asked = [part for block in asked for part in constructs.parted(block)]
    items = {question.column for block in asked for question in block.questions}
    free = {c: why for c, why in personal.free_text(sheet).items() if c not in taken | items}
    dropped |= free
    parts, controls = groups.found(sheet, codes, taken | items | set(free))
    parts = _with_generation(sheet, codes, parts, controls, who)
    kept = sheet.frame.drop(columns=list(dropped))
    left = sheet.with_frame(kept) if dropped else sheet
    everywhere, of_item = _shared(asked)
    everywhere |= _of_controls(sheet, codes, controls, asked)
    return Survey(
        left, dropped, who, asked, [constructs.guess(block) for block in asked],
        [reversed_items.found(block) for block in asked], everywhere, of_item, parts, controls,
        [q for q in alone if q.column not in {g.column for g in parts} | set(free)], worded,
    )  # fmt: skip


def _with_generation(
    sheet: Sheet,
    codes: dict[str, dict[str, Worded]],
    parts: list[Group],
    controls: list[Control],
    who: dict[str, tuple[str, Worded]],
) -> list[Group]:
    """The groups, and the generation where a question about birth or age gives it."""
    started = sheet.frame[who["started"][0]] if "started" in who else None
    for control in controls:
        asked = demographics.kind(control.column, sheet.wording.get(control.column, ""))
        if asked in ("birth", "age") and "generation" not in {part.name for part in parts}:
            cells = texts(sheet.frame[control.column]).dropna()
            own = set(codes[control.column])
            cells = cells[~cells.isin(own) & ~cells.map(lambda cell: bool(missing_codes.NO_ANSWER.match(cell)))]
            found = generation.group(control.column, control.label, cells, asked, generation.year(started))
            parts = [*parts, found] if found else parts
    return parts


def _of_controls(
    sheet: Sheet, codes: dict[str, dict[str, Worded]], controls: list[Control], asked: list[Block]
) -> dict[str, Worded]:
    """Codes for no answer of covariates that are no answer to any question."""
    found: dict[str, Worded] = {}
    for control in controls:
        worded = missing_codes.in_words(sheet.frame[control.column])
        for code, rule in (codes[control.column] | worded).items():
            if not any(str(value) == code for block in asked for value in range(block.low, block.high + 1)):
                found[code] = rule
    return found


def _shared(asked: list[Block]) -> tuple[dict[str, Worded], dict[str, dict[str, Worded]]]:
    """Codes of several questions that are an answer to none, and those that hold for one question only."""
    questions = [(block, question) for block in asked for question in block.questions]
    times: dict[str, int] = {}
    for _, question in questions:
        for code in question.codes:
            times[code] = times.get(code, 0) + 1
    everywhere: dict[str, Worded] = {}
    for code, count in times.items():
        number = float(code) if code.lstrip("-").replace(".", "", 1).isdigit() else None
        inside = number is not None and any(block.low <= number <= block.high for block in asked)
        if count >= SEVERAL and not inside:
            everywhere[code] = next(q.codes[code] for _, q in questions if code in q.codes)
    own = {q.column: {c: r for c, r in q.codes.items() if c not in everywhere} for _, q in questions}
    return everywhere, {column: codes for column, codes in own.items() if codes}
