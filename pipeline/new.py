"""`stickiness new`: from the file that somebody has to a card that runs, with the rule beside each guess."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.drafting.survey import Survey

DESCRIPTION = """\
Drafts data/NAME/card.yaml from the files of a survey or an event log, puts the data beside it and says
what was assumed. Names, e-mail addresses, phone numbers, IP addresses and coordinates are left out.
"""

EPILOG = """\
  stickiness new my_study answers.csv                    CSV and TSV in any usual encoding and notation
  stickiness new my_study export.csv survey.qsf          Qualtrics, with the wordings and choices of the survey
  stickiness new my_study by_number.xlsx by_text.xlsx    both exports of 问卷星: one has the labels of the other
  stickiness new my_study answers.csv codebook.csv       a table of column names and wordings
also: .xlsx .xls .ods, SPSS (.sav .zsav .por), Stata (.dta), SAS (.sas7bdat .xpt), R (.rds .rda), Parquet;
exports of LimeSurvey, REDCap, Google Forms and Kobo are recognised by their columns.
"""


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser(
        "new",
        help="draft the card of a data set from its files",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("name", help="of the data set: small English letters, digits and _")
    verb.add_argument("files", nargs="+", type=Path, metavar="FILE", help="the table first")
    verb.add_argument("--yes", action="store_true", help="ask nothing; what is not known stays open")


def run(options: argparse.Namespace) -> int:
    """Write the draft, say what was assumed, and try it as far as the clean answers."""
    from pipeline.cards import card as cards
    from pipeline.core import paths
    from pipeline.drafting import draft, trial

    silent = options.yes or not sys.stdin.isatty()
    folder = paths.card_path(options.name).parent
    written = draft.write(options.name, options.files, folder, (lambda found: found) if silent else _asked)
    print(f"{written.card} is drafted.\n")
    for text in written.said:
        print(f"  - {text}")
    card = cards.load(written.card)
    print("\n" + trial.told(card))
    print(
        f"\nNext: read {written.card} (a comment stands beside each guess), add {options.name} to data_sets in "
        "params.yaml,\nthen: stickiness check, stickiness run"
    )
    return 0


def _asked(found: Survey) -> Survey:
    """Ask for the constructs that wordings leave open, and for the type of the platform; Enter leaves them open."""
    from models import theory
    from pipeline.core.errors import near
    from pipeline.drafting import draft

    known = theory.constructs()
    open_ = [i for i, guess in enumerate(found.guesses) if guess.construct is None]
    if open_:
        print(f"What do these questions measure? A construct of: {', '.join(known)}.\nEnter leaves it open.\n")
    for i in open_:
        block, guess = found.blocks[i], found.guesses[i]
        asked = "; ".join(question.wording or question.column for question in block.questions[:3])
        thought = f" [{', '.join(guess.candidates)}?]" if guess.candidates else ""
        while answer := input(f"{block.name} ({asked} …){thought}: ").strip():
            if answer in known:
                found = draft.construct_of(found, i, answer)
                break
            print(f"  no construct {answer!r}; {near(answer, known)}")
    types = theory.platform_types()
    while answer := input(f"Type of the platform ({', '.join(types)}; Enter if it is none or several): ").strip():
        if answer in types:
            return replace(found, platform=answer)
        print(f"  no type {answer!r}; {near(answer, types)}")
    return found
