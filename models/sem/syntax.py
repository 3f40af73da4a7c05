"""Model text → statements: the grammar of lavaan (Rosseel 2012, https://doi.org/10.18637/jss.v048.i02)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.sem.errors import ModelSyntaxError, nearest, pointer
from models.sem.expression import Expression, parse_expression

OPERATORS = ("=~", "~~", "~*~", ":=", "==", "~", "|", "<", ">")
CONSTRAINTS = (":=", "==", "<", ">")

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v\u3000]+)
      | (?P<comment>[#!][^\n]*)
      | (?P<end>[;\n])
      | (?P<operator>=~|~\*~|~~|:=|==|<=|>=|<~|~|\||<|>)
      | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
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


@dataclass(frozen=True)
class Term:
    """One elementary relation such as ``f =~ a*x``; every modifier holds one value a group, or one for all."""

    lhs: str
    op: str
    rhs: str
    fixed: tuple[float | None, ...] | None = None
    start: tuple[float | None, ...] | None = None
    label: tuple[str, ...] | None = None
    equal: str | None = None
    token: Token | None = None


@dataclass(frozen=True)
class Relation:
    """A definition ``name := expression`` or a constraint ``left (== | < | >) right``."""

    op: str
    left: Expression
    right: Expression
    token: Token


@dataclass(frozen=True)
class Syntax:
    """The parsed model text."""

    text: str
    terms: tuple[Term, ...]
    relations: tuple[Relation, ...]


def parse(text: str) -> Syntax:
    """Parse a model in lavaan syntax.

    Raises
    ------
    ModelSyntaxError
        With line, column and a caret under the offending text.
    """
    if not isinstance(text, str):
        raise ModelSyntaxError(f"The model must be text in lavaan syntax, found {type(text).__name__}.")
    statements = _statements(text, _tokens(text))
    if not statements:
        raise ModelSyntaxError("The model is empty: write at least one formula, for example 'f =~ x1 + x2 + x3'.")
    terms: list[Term] = []
    relations: list[Relation] = []
    for statement in statements:
        position, operator = _operator(text, statement)
        left, right = statement[:position], statement[position + 1 :]
        if operator.text in CONSTRAINTS:
            relations.append(_relation(text, left, operator, right))
        else:
            terms.extend(_Formula(text, left, operator, right).terms())
    return Syntax(text, tuple(terms), tuple(relations))


def locate(text: str, name: str, line: int = 1) -> Token:
    """Return the first place of a name in the text, from a line on."""
    tokens = [t for t in _tokens(text) if t.text == name and t.line >= line]
    return tokens[0] if tokens else Token("name", name, 1, 1)


def fail(text: str, token: Token, message: str) -> ModelSyntaxError:
    """Build the error that points at a token."""
    where = f"line {token.line}, column {token.column}"
    width = len(token.text) if token.kind != "end" else 1
    return ModelSyntaxError(f"{message} ({where})\n{pointer(text, token.line, token.column, width)}")


def _tokens(text: str) -> list[Token]:
    tokens, position, line, start = [], 0, 1, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        column = position - start + 1
        if match is None:
            token = Token("symbol", text[position], line, column)
            raise fail(text, token, f"The character {text[position]!r} means nothing in model syntax.")
        kind = str(match.lastgroup)
        if kind not in ("space", "comment"):
            tokens.append(Token(kind, match.group(), line, column))
        position = match.end()
        if match.group() == "\n":
            line, start = line + 1, position
    return tokens


def _statements(text: str, tokens: list[Token]) -> list[list[Token]]:
    """Split at ``;`` and at line breaks, unless the formula visibly goes on."""
    statements: list[list[Token]] = []
    current: list[Token] = []
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind != "end":
            depth += (token.text == "(") - (token.text == ")")
            current.append(token)
            continue
        if not current:
            continue
        if token.text == "\n":
            following = next((t for t in tokens[index + 1 :] if t.text != "\n"), None)
            open_end = current[-1].kind == "operator" or current[-1].text in ("+", "-", "*", "/", "^", "**", ",", "?")
            goes_on = following is not None and (
                following.kind == "operator" or following.text in ("+", "*", "/", "^", "**", ",", "?", ")")
            )
            if depth > 0 or open_end or goes_on:
                continue
        statements.append(current)
        current, depth = [], 0
    if current:
        statements.append(current)
    return statements


def _operator(text: str, statement: list[Token]) -> tuple[int, Token]:
    found = [(i, t) for i, t in enumerate(statement) if t.kind == "operator"]
    if not found:
        raise fail(text, statement[0], f"A formula needs an operator, one of {' '.join(OPERATORS)}.")
    if len(found) > 1:
        raise fail(text, found[1][1], "A second operator in one formula; is a line break or ';' missing before it?")
    position, operator = found[0]
    if operator.text not in OPERATORS:
        hints = {
            "<=": "write '<'",
            ">=": "write '>'",
            "<~": "composites are not part of this engine; use the mean of the items as an observed variable",
        }
        raise fail(text, operator, f"The operator '{operator.text}' is unknown: {hints[operator.text]}.")
    if position == 0:
        raise fail(text, operator, f"Nothing stands on the left of '{operator.text}'.")
    if position == len(statement) - 1:
        raise fail(text, operator, f"Nothing stands on the right of '{operator.text}'.")
    return position, operator


def _relation(text: str, left: list[Token], operator: Token, right: list[Token]) -> Relation:
    def error(token: Token, message: str) -> ModelSyntaxError:
        return fail(text, token, message)

    if operator.text == ":=" and (len(left) != 1 or left[0].kind != "name"):
        raise fail(text, left[0], "On the left of ':=' stands one new name.")
    return Relation(operator.text, parse_expression(left, error), parse_expression(right, error), operator)


class _Formula:
    """Reads ``a + b =~ modifier*c + d`` into elementary terms."""

    def __init__(self, text: str, left: list[Token], operator: Token, right: list[Token]) -> None:
        self.text, self.left, self.operator, self.tokens = text, left, operator, right
        self.position = 0

    def terms(self) -> list[Term]:
        names = self._left_names()
        merged: dict[str, Term] = {}
        while True:
            term = self._term()
            earlier = merged.get(term.rhs)
            if earlier is not None:
                if term.fixed is None and term.start is None and term.label is None and term.equal is None:
                    raise fail(self.text, term.token or self.operator, f"'{term.rhs}' stands twice in one formula.")
                term = Term(
                    "",
                    "",
                    term.rhs,
                    term.fixed if earlier.fixed is None else earlier.fixed,
                    term.start if earlier.start is None else earlier.start,
                    term.label if earlier.label is None else earlier.label,
                    term.equal or earlier.equal,
                    earlier.token,
                )
            merged[term.rhs] = term
            if self.position == len(self.tokens):
                break
            self._expect("+")
        op = self.operator.text
        result = []
        for name in names:
            for term in merged.values():
                intercept = op == "~" and term.rhs == "1"
                result.append(
                    Term(
                        name,
                        "~1" if intercept else op,
                        "" if intercept else term.rhs,
                        term.fixed,
                        term.start,
                        term.label,
                        term.equal,
                        term.token,
                    )
                )
        return result

    def _left_names(self) -> list[str]:
        names = []
        for index, token in enumerate(self.left):
            if index % 2 == 0 and token.kind != "name":
                raise fail(self.text, token, f"A variable name is expected on the left of '{self.operator.text}'.")
            if index % 2 == 1 and token.text != "+":
                raise fail(
                    self.text, token, "Names on the left are joined by '+'; is a line break or an operator missing?"
                )
            if index % 2 == 0:
                names.append(token.text)
        if len(self.left) % 2 == 0:
            raise fail(self.text, self.left[-1], "A variable name is missing after '+'.")
        return names

    def _peek(self) -> Token | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise fail(self.text, self.tokens[-1], "The formula ends too early: a variable is missing.")
        self.position += 1
        return token

    def _expect(self, text: str) -> None:
        token = self._next()
        if token.text != text:
            raise fail(
                self.text, token, f"'{text}' is expected before '{token.text}'; is an operator or line break missing?"
            )

    def _term(self) -> Term:
        fixed: tuple[float | None, ...] | None = None
        start: tuple[float | None, ...] | None = None
        label: tuple[str, ...] | None = None
        equal: str | None = None
        while True:
            token = self._peek()
            kind, value = self._factor()
            following = self._peek()
            if following is not None and following.text in ("*", "?"):
                self.position += 1
                if following.text == "?":
                    kind = "start"
                if kind == "fixed":
                    fixed = value
                elif kind == "start":
                    start = value
                elif kind == "label":
                    label = value
                else:
                    equal = value[0]
                continue
            assert token is not None
            if kind == "label" and token.kind == "name" and len(value) == 1:
                return Term("", "", value[0], fixed, start, label, equal, token)
            if kind == "fixed" and value == (1.0,) and self.operator.text == "~":
                return Term("", "", "1", fixed, start, label, equal, token)
            if kind == "fixed" and value == (0.0,) and self.operator.text == "~":
                return Term("", "", "1", (0.0,), start, label, equal, token)
            raise fail(self.text, token, f"A variable name is expected here, found '{token.text}'.")

    def _factor(self) -> tuple[str, tuple]:
        token = self._next()
        if token.text in ("-", "+") or token.kind == "number":
            return "fixed", (self._number(token),)
        if token.kind == "string":
            return "label", (token.text[1:-1],)
        if token.kind != "name":
            raise fail(self.text, token, f"A variable or modifier is expected here, found '{token.text}'.")
        following = self._peek()
        if following is None or following.text != "(":
            return ("fixed", (None,)) if token.text == "NA" else ("label", (token.text,))
        self.position += 1
        return self._call(token)

    def _number(self, token: Token) -> float:
        if token.text in ("-", "+"):
            following = self._next()
            if following.kind != "number":
                raise fail(self.text, following, f"A number is expected after '{token.text}'.")
            return float(following.text) * (-1.0 if token.text == "-" else 1.0)
        return float(token.text)

    def _call(self, function: Token) -> tuple:
        known = ("c", "start", "label", "equal", "rep")
        if function.text not in known:
            hint = nearest(function.text, known)
            raise fail(
                self.text, function, f"Unknown modifier '{function.text}()'; known are start, c, label, equal. {hint}"
            )
        values: list[float | str | None] = []
        while True:
            token = self._next()
            if token.text in ("-", "+") or token.kind == "number":
                values.append(self._number(token))
            elif token.kind == "string":
                values.append(token.text[1:-1])
            elif token.text == "NA":
                values.append(None)
            elif token.kind == "name":
                following = self._peek()
                if following is not None and following.text == "(":
                    self.position += 1
                    values.extend(self._call(token)[1])
                else:
                    values.append(token.text)
            else:
                raise fail(self.text, token, f"A value is expected inside {function.text}(), found '{token.text}'.")
            closing = self._next()
            if closing.text == ")":
                break
            if closing.text != ",":
                raise fail(self.text, closing, f"',' or ')' is expected inside {function.text}().")
        if function.text == "rep":
            if len(values) != 2 or not isinstance(values[1], float):
                raise fail(self.text, function, "rep() takes a value and a count.")
            values = [values[0]] * int(values[1])
        texts = [v for v in values if isinstance(v, str)]
        numbers = [v for v in values if isinstance(v, float)]
        if function.text == "equal":
            if len(texts) != 1 or numbers:
                raise fail(self.text, function, 'equal() takes one quoted parameter such as equal("f=~x1").')
            return "equal", (texts[0],)
        if texts and numbers:
            raise fail(self.text, function, "Labels and numbers cannot be mixed in one modifier.")
        if function.text == "start" or (function.text in ("c", "rep") and not texts):
            if texts:
                raise fail(self.text, function, "start() takes numbers.")
            return ("start" if function.text == "start" else "fixed"), tuple(values)
        return "label", tuple("" if v is None else str(v) for v in values)
