"""The signs that a formula is written in, and what to write for those that mean something elsewhere."""

from __future__ import annotations

import re
import unicodedata

from models.panel.errors import FormulaError

LONGEST, DEEPEST = 100_000, 30

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w.]*)|`(?P<quoted>[^`]+)`"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w.])|(?P<sign>\*\*|[-+*/:(),~])|(?P<end>$))"
)
_SIGNS = {
    "|": "effects are given as effects='twoway' (or 'entity', 'time'), clusters as cluster=, instruments to panel.iv",
    "^": "powers are written with ** inside I(), such as I(x**2)",
    "%": "products of regressors are written a:b",
    "[": "instruments are given as panel.iv(…, endogenous=[…], instruments=[…])",
    "{": "arithmetic is written inside I(), such as I(a + b)",
    "=": "write '~' after the outcome, and arguments by their place, such as lag(x, 2)",
    ".": "name each regressor",
    "`": "a name in backticks ends with a backtick",
} | dict.fromkeys("'\"", "there is no text in a formula; the categories of C(x) are those of the data")
_SIGNS |= dict.fromkeys("<>!&", "compare before, in a column of 0 and 1") | {"]": _SIGNS["["], "}": _SIGNS["{"]}


class Signs:
    """The signs of a formula, one after the other."""

    def __init__(self, text: object) -> None:
        if not isinstance(text, str):
            raise FormulaError(f"a formula is text such as 'outcome ~ regressor', not {type(text).__name__}")
        self.text, self.place, self.depth = text, 0, 0
        if len(text) > LONGEST:
            raise FormulaError(f"the formula has {len(text)} characters; expected {LONGEST} or fewer")
        self.tokens = self._tokens()

    def error(self, why: str) -> FormulaError:
        """Make the error that says what cannot be read."""
        return FormulaError(f"the formula {shortened(self.text)!r} cannot be read: {why}")

    def _tokens(self) -> list[tuple[str, str]]:
        found, at = [], 0
        while True:
            match = _TOKEN.match(self.text, at)
            if match is None:
                raise self.error(self._unknown(at))
            kind = str(match.lastgroup)
            found.append((kind, match[kind]))
            if kind == "end":
                return found
            at = match.end()

    def _unknown(self, at: int) -> str:
        at += len(self.text[at:]) - len(self.text[at:].lstrip())
        if number := re.match(r"[0-9.]+\w[\w.]*", self.text[at:]):
            return (
                f"{number[0][:40]!r} is neither a number nor a name; put a name that begins with a digit in backticks"
            )
        sign = self.text[at]
        plain = unicodedata.normalize("NFKC", sign)
        if plain != sign and plain in "~+-*/:(),":
            return f"{sign!r} is a wide character; write {plain!r}"
        remedy = f"; {_SIGNS[sign]}" if sign in _SIGNS else ""
        return f"{sign!r} is no sign of formulas{remedy}"

    @property
    def next(self) -> str:
        """The sign at hand; empty at a name, a number or the end."""
        kind, text = self.tokens[self.place]
        return text if kind == "sign" else ""

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.tokens[self.place][0] == "end"

    def found(self) -> str:
        """Say what stands at hand, in words."""
        return "the end" if self.ended else repr(self.tokens[self.place][1])

    def take(self, sign: str) -> bool:
        """Pass over a sign if it is at hand."""
        if self.next != sign:
            return False
        self.place += 1
        return True

    def need(self, sign: str, where: str) -> None:
        """Pass over a sign that has to be at hand."""
        if not self.take(sign):
            raise self.error(f"expected {sign!r} {where}, found {self.found()}")

    def deeper(self) -> None:
        """Count one more level of nesting."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"more than {DEEPEST} parentheses or signs inside each other")


def shortened(text: str) -> str:
    """Shorten a text so that it fits into a message."""
    return text if len(text) <= 200 else f"{text[:200]}…"
