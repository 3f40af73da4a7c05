"""Model text → words, and the errors that point at them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.sem.errors import ModelSyntaxError, pointer
from models.sem.language.spelling import of_character

_TOKEN = re.compile(
    r"""(?P<space>[ \t\f\v\u00a0\u2000-\u200a\u202f\u205f\u3000\ufeff])
      | (?P<comment>[#!][^\n]*)
      | (?P<end>[;\n])
      | (?P<operator>=~|~\*~|~~|~=|:=|==|<->|->|<=|>=|=<|=>|<~|~|=|\||<|>)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d][\w.]*(?::[^\W\d][\w.]*)*|\.[^\W\d][\w.]*)
      | (?P<string>"[^"\n]*"|'[^'\n]*')
      | (?P<symbol>\*\*|[-+*/^(),?])""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A word of the model text and where it stands (line and column from 1)."""

    kind: str
    text: str
    line: int
    column: int


def locate(text: str, name: str, line: int = 1) -> Token:
    """Return the first place of a name in the text, from a line on."""
    found = (t for t in tokens(text) if t.text == name and t.line >= line)
    return next(found, Token("name", name, 1, 1))


def fail(text: str, token: Token, message: str) -> ModelSyntaxError:
    """Build the error that points at a token."""
    where = f"line {token.line}, column {token.column}"
    width = len(token.text) if token.kind != "end" else 1
    return ModelSyntaxError(f"{message} ({where})\n{pointer(text, token.line, token.column, width)}")


def lines_unified(text: str) -> str:
    r"""Return the text with line breaks of every system as ``\n``."""
    return re.sub("\r\n?|[\u2028\u2029\x85]", "\n", text)


def tokens(text: str) -> list[Token]:
    """Split a text into words, without blanks and remarks.

    Raises
    ------
    ModelSyntaxError
        At a character that means nothing, or a name that begins with a digit.
    """
    found: list[Token] = []
    position, line, start = 0, 1, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        column = position - start + 1
        if match is None:
            character = text[position]
            unclosed = f"The quotation mark {character} is never closed in its line."
            message = unclosed if character in "'\"" else of_character(character)
            raise fail(text, Token("symbol", character, line, column), message)
        token = Token(str(match.lastgroup), match.group(), line, column)
        if token.kind == "name" and found:
            _check_separate(text, found[-1], token)
        if token.kind not in ("space", "comment"):
            found.append(token)
        position = match.end()
        if token.text == "\n":
            line, start = line + 1, position
    return found


def _check_separate(text: str, number: Token, name: Token) -> None:
    touching = (number.line, number.column + len(number.text)) == (name.line, name.column)
    if number.kind == "number" and touching:
        word = Token("name", number.text + name.text, number.line, number.column)
        product = f"{number.text}*{name.text}"
        message = f"'{word.text}' is no name: names begin with a letter. Rename it, or write {product} for a product."
        raise fail(text, word, message)


def statements(words: list[Token]) -> list[list[Token]]:
    """Split at ``;`` and at line breaks, unless the formula visibly goes on."""
    found: list[list[Token]] = []
    current: list[Token] = []
    depth = 0
    after = _next_in_text(words)
    for index, token in enumerate(words):
        if token.kind != "end":
            depth += (token.text == "(") - (token.text == ")")
            current.append(token)
            continue
        if not current:
            continue
        if token.text == "\n":
            following = after[index]
            open_end = current[-1].kind == "operator" or current[-1].text in ("+", "-", "*", "/", "^", "**", ",", "?")
            goes_on = following is not None and (
                following.kind == "operator" or following.text in ("+", "*", "/", "^", "**", ",", "?", ")")
            )
            if depth > 0 or open_end or goes_on:
                continue
        found.append(current)
        current, depth = [], 0
    if current:
        found.append(current)
    return found


def _next_in_text(words: list[Token]) -> list[Token | None]:
    """Return for each word the next one that is no line break."""
    result: list[Token | None] = []
    following = None
    for word in reversed(words):
        result.append(following)
        following = following if word.text == "\n" else word
    return result[::-1]
