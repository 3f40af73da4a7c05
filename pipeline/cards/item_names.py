"""Names of items in models, made by rule from the raw columns: any column of any questionnaire can be an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count

from models import specs
from pipeline.cards.panel import Finding
from pipeline.cards.parts import Survey
from pipeline.wording.texts import worded

VALID = re.compile(r"[a-z][a-z0-9_]*\Z")
LONGEST = 30
# Columns of the clean survey, words of the model syntax, factors and columns that models add.
_OWN = {
    *("respondent", "response_seconds", "na", "nan", "inf", "c", "start", "label", "equal", "rep"),
    *("all", "general_method", "method_factor", "marker_factor", "exp", "log", "sqrt"),
}
_BEGUN = re.compile("(control|mean)_")
_MADE = re.compile(f"{_BEGUN.pattern}|.*__[0-9]+")


def named(survey: Survey) -> dict[tuple[str, int], str]:
    """Place on the card (`items` or `marker`, position) → name.

    A name that the card gives stays. A column that is a name stays too, in lower case: letters of the English alphabet,
    digits and _, a letter first. Of any other column such characters are kept, the first 30, with `q` before a digit
    and `q_` before `control_` and `mean_`, with which names begin that models make, or `item` where there are none.
    What is taken (by another item, a group, a control, a construct, a word of the model syntax) gets a number.
    """
    entries = {(part, i): item for part in ("items", "marker") for i, item in enumerate(getattr(survey, part))}
    given = {at: item.item for at, item in entries.items() if item.item}
    taken = {*given.values(), *survey.groups, *survey.controls}
    found = dict(given)
    # Columns that can stay as they are choose first, so that no other item takes their name away.
    for wish in (lambda column: column, str.lower, _made):
        for at in [at for at in entries if at not in found]:
            name = wish(entries[at].column)
            if wish is _made:
                name = next(n for n in _numbered(name) if n not in taken and not reserved(n))
            if VALID.match(name) and name not in taken and not reserved(name):
                found[at] = name
                taken.add(name)
    return {at: found[at] for at in entries}


def reserved(name: str) -> bool:
    """Whether a name means something else in a model."""
    return name in _OWN or name in specs.names() or bool(_MADE.match(name))


def findings(survey: Survey) -> Iterator[Finding]:
    """Columns that are two items, and names given on the card that cannot stand."""
    columns: set[str] = set()
    names = {*survey.groups, *survey.controls}
    for part in ("items", "marker"):
        for i, item in enumerate(getattr(survey, part)):
            at = ("survey", part, i)
            if item.column in columns:
                fix = worded("take_second_away")
                yield (
                    (*at, "column"),
                    worded("column_twice", column=item.column),
                    worded("each_question_once"),
                    fix,
                )
            columns.add(item.column)
            if not item.item:
                continue
            name, fix = item.item, worded("leave_item_out_or_rename")
            if name in names:
                yield (
                    (*at, "item"),
                    worded("name_twice", name=name),
                    worded("name_used_nowhere_else"),
                    fix,
                )
            elif reserved(name):
                expected = worded("name_new_to_the_models")
                yield (
                    (*at, "item"),
                    worded("name_means_something_else", name=name),
                    expected,
                    fix,
                )
            names.add(name)


def _made(column: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")[:LONGEST].strip("_")
    if _BEGUN.match(words):
        return f"q_{words}"
    return words if VALID.match(words) else f"q{words}" if words else "item"


def _numbered(name: str) -> Iterable[str]:
    """The name, then the name with 2, 3 …; an item of no name begins with 1."""
    yield from () if name == "item" else (name,)
    yield from (f"{name}_{k}" for k in count(1 if name == "item" else 2))
