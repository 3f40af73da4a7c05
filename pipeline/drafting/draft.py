"""From files to a card that runs: read, guess, write what the project's reader can read, say what was assumed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.core.errors import InputError, Problem
from pipeline.drafting import card_text, constructs, log, personal, refused, survey
from pipeline.drafting.formats import files
from pipeline.drafting.sheet import Sheet, texts
from pipeline.drafting.survey import Survey
from pipeline.reading import sources
from pipeline.wording.texts import Worded, as_is, worded

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
    said: list[Worded]


def write(name: str, paths: list[Path], folder: Path, ask: Ask = lambda found: found, wanted: str = "") -> Written:
    """Draft `folder`/card.yaml and put the data beside it.

    Parameters
    ----------
    name
        Of the data set.
    paths
        The exported files, the answers first.
    folder
        Of the card.
    ask
        What somebody knows better than the draft.
    wanted
        The sheet of a workbook; the fullest if not named.

    Raises
    ------
    InputError
        For files that cannot be read, tables that are neither a survey nor a log, and a card that is there already.
    """
    if not re.fullmatch(NAME, name) or name in TAKEN:
        made = re.sub(r"\W+", "_", name.lower()).strip("_")
        better = made if re.fullmatch(NAME, made) and made not in TAKEN else "my_study"
        expected = worded(
            "form_of_card_name",
            taken=", ".join(TAKEN),
        )
        raise InputError(Problem("stickiness new", as_is(repr(name)), expected, worded("such_as", better=better)))
    card = folder / "card.yaml"
    if card.exists():
        raise InputError(
            Problem(str(card), worded("card_of_this_name"), worded("new_name"), worded("take_another_or_remove_card"))
        )
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
    said += [worded("worded_answers_by_rule", column=column, rule=rule) for column, rule in found.worded.items()]
    said += [worded("left_out_column", column=column, why=why) for column, why in found.dropped.items()]
    card.parent.mkdir(parents=True, exist_ok=True)
    entry, converted = _beside(found.sheet, paths[0], card.parent, "answers", ".csv")
    said += converted
    row = card_text.both("one respondent", "一名受访者")
    lines = card_text.head(name, row, {"answers": entry}, said, found.sheet.cautions)
    lines += card_text.survey(found, "answers")
    card.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Written(card, [*said, *_assumed(found)])


def _assumed(found: Survey) -> list[Worded]:
    said = [
        worded("role_of_column", role=worded(f"part_{role}"), column=column, rule=rule)
        for role, (column, rule) in found.roles.items()
    ]
    for block, guess in zip(found.blocks, found.guesses, strict=True):
        construct = (
            worded("construct_because", construct=guess.construct, reason=guess.reason)
            if guess.construct
            else worded("construct_open", reason=guess.reason)
        )
        said.append(
            worded(
                "items_of_block",
                name=block.name,
                n=len(block.questions),
                low=block.low,
                high=block.high,
                construct=construct,
            )
        )
    said += [
        worded("column_because", column=column, why=why) for turned in found.reversed for column, why in turned.items()
    ]
    said += [worded("code_means_no_answer", code=code, rule=rule) for code, rule in found.codes.items()]
    said += [worded("group_of_column", name=group.name, column=group.column, rule=group.rule) for group in found.groups]
    return said


def _log(name: str, sheet: Sheet, events: log.Log, paths: list[Path], card: Path) -> Written:
    own = (events.entity, events.time, events.order)
    dropped = {c: why for c, why in (personal.found(sheet) | personal.free_text(sheet)).items() if c not in own}
    used = {str(entry.get("column")) for entry, _ in events.measures.values()}
    dropped = {column: why for column, why in dropped.items() if column not in used}
    left = sheet.with_frame(sheet.frame.drop(columns=list(dropped))) if dropped else sheet
    said = [
        *sheet.said,
        *(worded("left_out_column", column=column, why=why) for column, why in dropped.items()),
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
        worded("entity_column", column=events.entity, rule=events.entity_rule),
        worded("time_column", column=events.time, rule=events.form_rule),
    ]
    said += [
        worded("construct_of_column", construct=construct, label={"en": entry["label"], "zh": entry["zh"]}, rule=rule)
        for construct, (entry, rule) in events.measures.items()
    ]
    return Written(card, said)


def _beside(sheet: Sheet, original: Path, folder: Path, table: str, ending: str) -> tuple[dict[str, Any], list[Worded]]:
    """Put the data beside the card: the file itself where the project's reader reads it, else a table made from it."""
    digest = sources.sha256(original)
    if sheet.entry is not None:
        target = folder / original.name
        if not target.exists():
            shutil.copyfile(original, target)
        elif sources.sha256(target) != digest:
            raise InputError(
                Problem(
                    str(target),
                    worded("another_file_of_this_name"),
                    worded("none_or_same"),
                    worded("rename_one_of_them"),
                )
            )
        return {"path": original.name, "sha256": digest, **sheet.entry}, []
    target = folder / f"{table}{ending}"
    frame = sheet.frame
    if ending == ".csv":
        frame = pd.DataFrame({name: texts(frame[name]) for name in frame.columns})
        frame.to_csv(target, index=False, lineterminator="\n")
    else:
        frame.to_parquet(target, index=False)
    note = worded("file_was_made_from", name=target.name, original=original.name, digest=digest)
    return {"# from": note, "path": target.name, "sha256": sources.sha256(target)}, [note]


def construct_of(found: Survey, block: int, construct: str | None) -> Survey:
    """The draft with the construct that somebody names for a block."""
    guesses = list(found.guesses)
    guesses[block] = constructs.Guess(construct, worded("named_by_you"))
    return replace(found, guesses=guesses)
