"""`stickiness completion`: verbs, options, data sets, hypotheses and exhibits at the press of a key."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pipeline.verbs import named
from pipeline.wording.words import said

SHELLS = {
    "bash": """\
_stickiness() {
    local IFS=$'\\n'
    COMPREPLY=($(compgen -W "$(stickiness completion words "${COMP_WORDS[@]:1:COMP_CWORD-1}")" -- "$2"))
}
complete -o default -F _stickiness stickiness
""",
    "zsh": """\
_stickiness() {
    local -a found
    found=("${(@f)$(stickiness completion words "${(@)words[2,CURRENT-1]}")}")
    compadd -a found || _files
}
compdef _stickiness stickiness
""",
    "fish": """\
complete -c stickiness -a '(stickiness completion words (commandline -opc)[2..])'
""",
}


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    raw = argparse.RawDescriptionHelpFormatter
    about = said("completion_about")
    verb = verbs.add_parser("completion", help=said("completion_help"), description=about, formatter_class=raw)
    verb.add_argument("shell", choices=[*SHELLS, "words"], metavar="|".join(SHELLS), help=said("shell_help"))
    verb.add_argument("typed", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    print(SHELLS[options.shell] if options.shell in SHELLS else "\n".join(offered(options.typed)))
    return 0


def offered(typed: Sequence[str]) -> list[str]:
    """What may follow the words that stand after `stickiness`."""
    from pipeline.cli import parser

    verbs = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices
    if not typed:
        return list(verbs)
    if typed[0] not in verbs:
        return []
    options = [name for action in verbs[typed[0]]._actions for name in action.option_strings if name.startswith("--")]
    return [*_values(typed[0], [word for word in typed[1:] if not word.startswith("-")]), *options]


def _values(verb: str, before: Sequence[str]) -> list[str]:
    if verb in ("show", "explain") and len(before) == 1:
        if verb == "show":
            from reports.named import EXHIBITS

            return list(EXHIBITS)
        from models import theory

        return list(theory.hypotheses())
    takes = ("run", "check", "show", "explain", "open", "publish", "verify", "compare")
    return [name for name in named.present() if name not in before] if verb in takes else []
