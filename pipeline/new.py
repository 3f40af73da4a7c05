"""`stickiness new`: from the file that somebody has to a card that runs, with the rule beside each guess."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import near
from pipeline.wording.words import listed, said, translated, typed

if TYPE_CHECKING:
    from pipeline.drafting.survey import Survey


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser(
        "new",
        help=said("new_help"),
        description=said("new_about"),
        epilog=said("new_examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("name", help=said("new_name_help"))
    verb.add_argument("files", nargs="+", type=Path, metavar="FILE", help=said("new_files_help"))
    verb.add_argument("--sheet", default="", metavar="NAME", help=said("sheet_help"))
    verb.add_argument("--yes", action="store_true", help=said("yes_help"))


def run(options: argparse.Namespace) -> int:
    """Write the draft, say what was assumed, and try it as far as the clean answers."""
    from pipeline.cards import card as cards
    from pipeline.core import paths
    from pipeline.drafting import draft, trial

    silent = options.yes or not sys.stdin.isatty()
    folder = paths.card_path(options.name).parent
    ask = (lambda found: found) if silent else _asked
    written = draft.write(options.name, options.files, folder, ask, options.sheet)
    print(said("drafted", path=written.card.as_posix()) + "\n")
    for text in written.said:
        print(f"  - {translated(text)}")
    card = cards.load(written.card)
    print("\n" + trial.told(card) + "\n")
    print(said("new_next", path=written.card.as_posix(), name=typed(options.name)))
    return 0


def _asked(found: Survey) -> Survey:
    """Ask for what wordings leave open; Enter leaves a question open, the end of the input (Ctrl-D) all that follow."""
    from models import theory

    open_ = [i for i, guess in enumerate(found.guesses) if guess.construct is None]
    if open_:
        print(said("what_measured", constructs=listed(theory.constructs())) + "\n")
    try:
        for i in open_:
            found = _named(found, i)
        return _on_platform(found)
    except EOFError:
        print()
        return found


def _named(found: Survey, i: int) -> Survey:
    """The draft with what a block of questions measures, as somebody says."""
    from models import theory
    from pipeline.drafting import draft

    block, known = found.blocks[i], theory.constructs()
    asked = "; ".join(question.wording or question.column for question in block.questions[:3])
    candidates = found.guesses[i].candidates
    thought = f" [{', '.join(candidates)}?]" if candidates else ""
    while answer := input(said("block_asked", name=block.name, asked=asked, thought=thought)).strip():
        if answer in known:
            return draft.construct_of(found, i, answer)
        print(said("no_construct", name=answer, near=near(answer, known)))
    return found


def _on_platform(found: Survey) -> Survey:
    """The draft with the type of the platform, as somebody says."""
    from models import theory

    types = theory.platform_types()
    while answer := input(said("type_asked", types=listed(types))).strip():
        if answer in types:
            return replace(found, platform=answer)
        print(said("no_type", name=answer, near=near(answer, types)))
    return found
