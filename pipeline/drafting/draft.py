"""From files to a card that runs: read, guess, write what the project's reader can read, say what was assumed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.core.errors import InputError, Problem, worded
from pipeline.drafting import card_text, constructs, log, personal, refused, survey
from pipeline.drafting.formats import files
from pipeline.drafting.sheet import Sheet, texts
from pipeline.drafting.survey import Survey
from pipeline.reading import sources

FEWEST_ITEMS = 2
# In a log so many rows are of somebody who had one before.
OCCUR_AGAIN = 0.2
# Names of data sets as data/card.schema.json has them; folders of results/ that are none.
_LETTERS = "a-z\u00df-\u00f6\u00f8-\u024f\u0370-\u1fff\u3040-\ud7ff"
NAME = f"[{_LETTERS}][{_LETTERS}0-9_]*( [{_LETTERS}0-9_]+)*"
TAKEN = ("costs", "pages", "plots", "quick", "report", "verification")
Ask = Callable[[Survey], Survey]


@dataclass(frozen=True)
class Written:
    """Where the card lies, and what was assumed, a sentence each."""

    card: Path
    said: list[str]


def write(name: str, paths: list[Path], folder: Path, ask: Ask = lambda found: found, wanted: str = "") -> Written:
    """Draft `folder`/card.yaml and put the data beside it.

    Parameters
    ----------
    name : of the data set.
    paths : the exported files, the answers first.
    folder : of the card.
    ask : what somebody knows better than the draft.
    wanted : the sheet of a workbook; the fullest if not named.

    Raises
    ------
    InputError
        For files that cannot be read, tables that are neither a survey nor a log, and a card that is there already.
    """
    if not re.fullmatch(NAME, name) or name in TAKEN:
        made = re.sub(r"\W+", "_", name.lower()).strip("_")
        better = made if re.fullmatch(NAME, made) and made not in TAKEN else "my_study"
        expected = worded(
            "small letters, digits and _, a letter first, single blanks between words; not {taken}",
            taken=", ".join(TAKEN),
        )
        raise InputError(Problem("stickiness new", repr(name), expected, worded("such as {better}", better=better)))
    card = folder / "card.yaml"
    if card.exists():
        raise InputError(Problem(str(card), "a card of this name", "a new name", "take another, or remove the card"))
    sheet = files.read(paths, wanted)
    events = log.found(sheet)
    if events is not None and sheet.frame[events.entity].duplicated().mean() > OCCUR_AGAIN:
        return _log(name, sheet, events, paths, card)
    found = survey.found(sheet)
    items = sum(len(block.questions) for block in found.blocks)
    if items < FEWEST_ITEMS:
        raise InputError(refused.problem(str(paths[0]), sheet))
    found = ask(found)
    return _survey(name, found, paths, card)


def _survey(name: str, found: Survey, paths: list[Path], card: Path) -> Written:
    said = [*found.sheet.said]
    said += [
        worded("{column}: worded answers became numbers by {rule}", column=column, rule=rule)
        for column, rule in found.worded.items()
    ]
    said += [worded("left out {column}: {why}", column=column, why=why) for column, why in found.dropped.items()]
    card.parent.mkdir(parents=True, exist_ok=True)
    entry, converted = _beside(found.sheet, paths[0], card.parent, "answers", ".csv")
    said += converted
    row = card_text.both("one respondent", "一名受访者")
    lines = card_text.head(name, row, {"answers": entry}, said, found.sheet.cautions)
    lines += card_text.survey(found, "answers")
    card.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Written(card, [*said, *_assumed(found)])


def _assumed(found: Survey) -> list[str]:
    said = [
        worded("{role}: {column} ({rule})", role=role, column=column, rule=rule)
        for role, (column, rule) in found.roles.items()
    ]
    for block, guess in zip(found.blocks, found.guesses, strict=True):
        construct = (
            worded("{construct}? ({reason})", construct=guess.construct, reason=guess.reason)
            if guess.construct
            else worded("open ({reason})", reason=guess.reason)
        )
        said.append(
            worded(
                "{name}: {n} items, {low} to {high}, construct {construct}",
                name=block.name,
                n=len(block.questions),
                low=block.low,
                high=block.high,
                construct=construct,
            )
        )
    said += [
        worded("{column}: {why}", column=column, why=why) for turned in found.reversed for column, why in turned.items()
    ]
    said += [worded("{code} means no answer: {rule}", code=code, rule=rule) for code, rule in found.codes.items()]
    said += [
        worded("group {name}: {column} ({rule})", name=group.name, column=group.column, rule=group.rule)
        for group in found.groups
    ]
    return said


def _log(name: str, sheet: Sheet, events: log.Log, paths: list[Path], card: Path) -> Written:
    dropped = {c: why for c, why in personal.found(sheet).items() if c not in (events.entity, events.time)}
    dropped |= {c: w for c, w in personal.free_text(sheet).items() if c not in (events.entity, events.time)}
    used = {str(entry.get("column")) for entry, _ in events.measures.values()}
    dropped = {column: why for column, why in dropped.items() if column not in used}
    left = sheet.with_frame(sheet.frame.drop(columns=list(dropped))) if dropped else sheet
    said = [
        *sheet.said,
        *(worded("left out {column}: {why}", column=column, why=why) for column, why in dropped.items()),
    ]
    card.parent.mkdir(parents=True, exist_ok=True)
    entry, converted = _beside(left, paths[0], card.parent, "events", ".parquet")
    said += converted
    events = replace(events, open=[column for column in events.open if column not in dropped])
    row = card_text.both("one event", "一个事件")
    lines = card_text.head(name, row, {"events": entry}, said)
    lines += card_text.panel(events, "events")
    card.write_text("\n".join(lines) + "\n", encoding="utf-8")
    said += [
        *events.said,
        worded("entity {column} ({rule})", column=events.entity, rule=events.entity_rule),
        worded("time {column} ({rule})", column=events.time, rule=events.form_rule),
    ]
    said += [
        worded("{construct}: {label}? ({rule})", construct=construct, label=entry["label"], rule=rule)
        for construct, (entry, rule) in events.measures.items()
    ]
    return Written(card, said)


def _beside(sheet: Sheet, original: Path, folder: Path, table: str, ending: str) -> tuple[dict[str, Any], list[str]]:
    """Put the data beside the card: the file itself where the project's reader reads it, else a table made from it."""
    digest = sources.sha256(original)
    if sheet.entry is not None:
        target = folder / original.name
        if not target.exists():
            shutil.copyfile(original, target)
        elif sources.sha256(target) != digest:
            raise InputError(
                Problem(str(target), "another file of this name", "none, or the same", "rename one of them")
            )
        return {"path": original.name, "sha256": digest, **sheet.entry}, []
    target = folder / f"{table}{ending}"
    frame = sheet.frame
    if ending == ".csv":
        frame = pd.DataFrame({name: texts(frame[name]) for name in frame.columns})
        frame.to_csv(target, index=False, lineterminator="\n")
    else:
        frame.to_parquet(target, index=False)
    note = worded(
        "{name} was made from {original} (sha256 {digest})", name=target.name, original=original.name, digest=digest
    )
    return {"# from": note, "path": target.name, "sha256": sources.sha256(target)}, [note]


def construct_of(found: Survey, block: int, construct: str | None) -> Survey:
    """The draft with the construct that somebody names for a block."""
    guesses = list(found.guesses)
    guesses[block] = constructs.Guess(construct, "named by you")
    return replace(found, guesses=guesses)
