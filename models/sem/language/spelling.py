"""What a character, operator or word of another program or keyboard is in model syntax."""

from __future__ import annotations

import unicodedata

_MEANT = {
    **dict.fromkeys("〜∼˜", "~"),
    **dict.fromkeys("−–—‐‑", "-"),
    **dict.fromkeys("×·∗⋅•", "*"),
    **dict.fromkeys("÷∕", "/"),
    **dict.fromkeys("“”„«»「」", '"'),
    **dict.fromkeys("‘’‚´", "'"),
    "、": ",",
    "。": ".",
    "√": "sqrt()",
    "²": "^2",
    "³": "^3",
}
_SAID = {
    "=": "A single '=' says nothing: write '=~' (is measured by), '~' (is regressed on) or '==' (is equal to).",
    ":": "Definitions are written 'name := expression'. Blocks such as 'group:' and 'level:' are not part of this "
    "engine: pass group=, and c(a, b) for values by group.",
    "@": "Mplus's 'x1@1' is written '1*x1'.",
    "[": "Mplus's '[x1]' is written 'x1 ~ 1'.",
    "$": "Mplus's 'u$1' is written 'u | t1'.",
    "`": "Names in backticks are not part of model syntax: rename the column, with letters, digits, '_' and '.'.",
    "→": "Write 'y ~ x'.",
    "←": "Write 'y ~ x'.",
    "↔": "Write 'x ~~ y'.",
    "≤": "Write '<'.",
    "≥": "Write '>'.",
    "≠": "A constraint is an equality ('==') or an inequality ('<', '>').",
    "%": "Rename the column, with letters, digits, '_' and '.'.",
}
OPERATORS = {
    "<=": "write '<'",
    ">=": "write '>'",
    "=<": "write '<'",
    "=>": "write '>' (or, for a factor, '=~')",
    "~=": "a factor is written 'f =~ x1 + x2'",
    "->": "a path is written 'y ~ x', a factor 'f =~ x1 + x2'",
    "<->": "a covariance is written 'x ~~ y'",
    "=": "a factor is written with '=~', a regression with '~', a constraint with '=='",
    "<~": "composites are not part of this engine; use the mean of the items as an observed variable",
}
_WORDS = {"by": "=~", "on": "~", "with": "~~"}


def of_character(character: str) -> str:
    """Return why a character cannot stand in a model and what to write instead."""
    shown = repr(character)
    if not character.isascii():
        shown += f" (U+{ord(character):04X} {unicodedata.name(character, 'without a name')})"
    plain = unicodedata.normalize("NFKC", character)
    meant = _MEANT.get(character, plain if plain != character and plain.isascii() else "")
    if meant in _SAID:
        instead = _SAID[meant] if meant != ":" else "Write ':'."
    elif character in _SAID:
        instead = _SAID[character]
    elif meant:
        instead = f"Write {meant}" if meant in ("'", '"') else f"Write '{meant}'."
    elif unicodedata.category(character) in ("Cf", "Cc", "Co", "Cn"):
        instead = "It cannot be seen; delete it."
    elif unicodedata.combining(character):
        instead = "Write the letter and its accent as one character (Unicode form NFC), here and in the data."
    else:
        instead = ""
    return f"The character {shown} means nothing in model syntax. {instead}".strip()


def of_word(word: str) -> str:
    """Return the operator that a word of Mplus stands for, in a sentence, or the empty string."""
    operator = _WORDS.get(word.lower())
    return f" '{word}' is Mplus; write '{operator}', and '+' between names." if operator else ""
