"""A draft as the text of a card, with the rule beside each guess."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from models import theory
from pipeline.drafting.log import Log
from pipeline.drafting.survey import Survey
from pipeline.wording.texts import Worded, as_is, worded
from pipeline.wording.words import said, translated

_PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff./-]*\Z")
DRAFT = (
    worded("draft_of_card"),
    worded("texts_as_found"),
)
USUAL = worded("usual_choice")
SPANS, OF_GAPS = worded("how_long_entities_are_watched"), worded("gaps_tell_the_last_event")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def scalar(value: Any) -> str:
    """A value in YAML; texts in quotes where they could mean something else."""
    if isinstance(value, str):
        return value if _PLAIN.match(value) and value.lower() not in _WORDS else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return scalar(value)


def both(text: str, zh: str = "") -> dict[str, str] | str:
    """A text in both languages; one that is known in one language only stands alone."""
    return {"en": text, "zh": zh} if zh and zh != text else text


def comment(text: Worded, indent: int = 0) -> str:
    return " " * indent + "# " + " ".join(translated(text).split())


def beside(*rules: Worded) -> str:
    """What stands beside a line: the rules by which it was guessed."""
    return "  # " + said("clauses").join(map(translated, rules)) if rules else ""


def head(
    name: str,
    row: dict[str, str] | str,
    files: dict[str, dict[str, Any]],
    told: Iterable[Worded],
    cautions: Iterable[dict[str, str]] = (),
) -> list[str]:
    """Lines down to the sources."""
    lines = [
        "# yaml-language-server: $schema=../card.schema.json",
        *map(comment, DRAFT),
        *(comment(text) for text in told),
        f"id: {name}",
        f"title: {flow(both(name))}",
        f"row: {flow(row)}",
        "simulated: false",
    ]
    cautions = list(cautions)
    if cautions:
        lines += ["caution:", *(f"  - {flow(each)}" for each in cautions)]
    lines += [
        "source:",
        "  kind: file",
        f"  official: {flow(both('own data', '自有数据'))}",
        f"  licence: {flow(both('not stated', '未注明'))}",
        "  redistributable: false",
        f"  citation: {scalar(f'{name}, own data')}",
        "  files:",
    ]
    for table, entry in files.items():
        lines += [f"    {table}:"]
        for key, value in entry.items():
            lines.append(comment(value, 6) if key.startswith("#") else f"      {key}: {flow(value)}")
    return lines


def survey(found: Survey, table: str) -> list[str]:
    """The lines of `survey`."""
    lines = ["survey:", f"  table: {table}"]
    if "respondent" in found.roles:
        column, rule = found.roles["respondent"]
        lines.append(f"  respondent: {scalar(column)}{beside(rule)}")
    if found.codes:
        lines.append("  missing_codes:")
        lines += [f"    - {_code(code)}{beside(rule)}" for code, rule in found.codes.items()]
    if "duration" in found.roles:
        from pipeline.drafting import roles

        column, rule = found.roles["duration"]
        unit = roles.unit(column, found.sheet.frame[column])
        lines.append(f"  duration: {flow({'column': column, 'unit': unit})}{beside(rule, worded('check_unit'))}")
    lines.append("  items:")
    for block, guess, turned in zip(found.blocks, found.guesses, found.reversed, strict=True):
        lines.append(
            comment(
                worded(
                    "questions_because_of",
                    name=block.name,
                    n=len(block.questions),
                    rule=block.rule,
                ),
                4,
            )
        )
        lines.append(
            comment(
                worded("range_by_rule", low=block.low, high=block.high, rule=block.range_rule),
                4,
            )
        )
        thought = (
            worded("thought_of_constructs", names=", ".join(guess.candidates))
            if guess.candidates and not guess.construct
            else ""
        )
        state = (
            worded("guessed_construct", construct=guess.construct, reason=guess.reason)
            if guess.construct
            else worded("construct_left_open", reason=guess.reason, thought=thought)
        )
        lines.append(comment(state, 4))
        for question in block.questions:
            entry: dict[str, Any] = {"column": question.column}
            if guess.construct:
                entry["construct"] = guess.construct
            entry["range"] = [block.low, block.high]
            remark = turned.get(question.column)
            if remark is not None and remark.key != "not_reversed":
                entry["reversed"] = True
            own = found.of_item.get(question.column, {})
            if own:
                entry["missing_codes"] = [_value(code) for code in own]
            entry["label"] = both(question.wording or question.column, found.sheet.translated.get(question.column, ""))
            rules = [worded("code_is_no_answer", code=code, rule=rule) for code, rule in own.items()] + (
                [worded("remark_to_confirm", remark=remark)] if remark else []
            )
            lines.append(f"    - {flow(entry)}" + beside(*rules))
    if found.alone:
        lines.append(comment(worded("questions_that_stand_alone"), 4))
        lines += [comment(as_is(f"{q.column}: {q.wording}" if q.wording else q.column), 4) for q in found.alone]
    return [*lines, *_groups(found), *_exclude(found)]


def _groups(found: Survey) -> list[str]:
    from pipeline.drafting.groups import ZH

    types = ", ".join(theory.platform_types())
    constant = flow({"constant": found.platform or next(iter(theory.platform_types()))})
    lines = ["  groups:"] if found.groups or found.platform else []
    lines.append(
        f"    {'' if found.platform else '# '}platform_type: {constant}{beside(worded('one_of', names=types))}"
    )
    for group in found.groups:
        names = {level: both(level, ZH.get(level, "")) for level in dict.fromkeys(group.levels.values()) if level}
        lines += [
            f"    {group.name}:{beside(group.rule)}",
            f"      label: {flow(both(group.label))}",
            f"      column: {scalar(group.column)}",
            f"      levels: {_levels(group.levels)}",
            f"      names: {flow(names)}",
        ]
    if found.controls:
        lines.append("  controls:")
        for control in found.controls:
            entry = {"column": control.column, "kind": control.kind, "label": both(control.label)}
            lines.append(f"    {control.name}: {flow(entry)}")
    return lines


def _levels(levels: dict[str, str | None]) -> str:
    """Raw values in quotes, as they compare as text."""
    pairs = (f"{json.dumps(value, ensure_ascii=False)}: {scalar(group)}" for value, group in levels.items())
    return "{" + ", ".join(pairs) + "}"


def _exclude(found: Survey) -> list[str]:
    rules = {"max_missing_share": 0.5}
    return [f"  exclude: {flow(rules)}{beside(USUAL)}"]


def panel(found: Log, table: str) -> list[str]:
    """The lines of `panel`."""
    time: dict[str, Any] = {"gap": found.time, "order": found.order} if found.order else {"column": found.time}
    if found.form:
        time["format"] = found.form
    lines = [comment(text) for text in found.said]
    lines += [
        "panel:",
        f"  table: {table}",
        "  rows_are: events",
        f"  entity: {scalar(found.entity)}{beside(found.entity_rule)}",
        f"  time: {flow(time)}{beside(found.form_rule)}",
        f"  period: {found.period}{beside(found.period_rule)}",
        f"  span: {found.span}{beside(OF_GAPS if found.order else SPANS)}",
        "  rules: {drop_duplicates: true, min_periods: 3}" + beside(USUAL),
        *(f"  columns: {flow(found.made)}" for _ in range(bool(found.made))),
        "  measures:",
    ]
    for construct, (entry, rule) in found.measures.items():
        fields = {key: value for key, value in entry.items() if key not in ("label", "zh")}
        lines += [
            comment(worded("guess_to_confirm", rule=rule), 4),
            f"    {construct}:",
            f"      label: {flow(both(entry['label'], entry['zh']))}",
            *(f"      {key}: {flow(value)}" for key, value in fields.items()),
        ]
    if found.open:
        lines.append(comment(worded("columns_for_nothing_yet", names=", ".join(found.open)), 4))
    return lines


def _value(code: str) -> int | float | str:
    if re.fullmatch(r"-?[0-9]+", code):
        return int(code)
    return float(code) if re.fullmatch(r"-?[0-9]*\.[0-9]+", code) else code


def _code(code: str) -> str:
    return scalar(_value(code))
