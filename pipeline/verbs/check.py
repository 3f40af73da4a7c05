"""`stickiness check`: is everything in order, and with a name, what comes of the card when it meets its data?"""

from __future__ import annotations

import argparse
import sys

from pipeline.core import problems
from pipeline.core.errors import InputError
from pipeline.verbs import named
from pipeline.wording.words import language, listed, said, typed


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    raw = argparse.RawDescriptionHelpFormatter
    verb = verbs.add_parser("check", help=said("check_help"), description=said("check_about"), formatter_class=raw)
    verb.add_argument("data_set", nargs="*", metavar=said("set"), help=said("check_set_help"))


def run(options: argparse.Namespace) -> int:
    if not options.data_set:
        names = named.checked()
        print(said("in_order", n=len(names), names=listed(names)))
        return 0
    return max([_tried(name) for name in dict.fromkeys(map(named.folder, options.data_set))])


def _tried(name: str) -> int:
    """Try the card of a data set; its problems one by one, or what it makes testable."""
    from pipeline.cards import card as cards
    from pipeline.core import declarations, paths
    from pipeline.verbs import dry_run, seen, testable

    try:
        declarations.check_with_parameters()
        card = cards.load(paths.card_path(name))
        print(said("card_at", name=name, path=card.path.as_posix()), flush=True)
        with dry_run.tried(card) as found:
            from pipeline.cards.offered import offer
            from reports.texts import Texts, group_names

            texts = Texts(language(), group_names(card))
            print("\n".join(seen.told(found, texts)))
            print("\n".join(testable.told(name, offer(card, found.folder), texts)))
    except InputError as error:
        total = len(error.problems)
        for i, problem in enumerate(error.problems, 1):
            print(f"{said('check_problem', i=i, n=total)}\n  {problems.told(problem)}", file=sys.stderr)
        print(said("check_again", name=typed(name)), file=sys.stderr)
        return 2
    print("\n" + said("check_next", name=typed(name)))
    return 0
