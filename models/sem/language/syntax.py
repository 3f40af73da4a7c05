"""Model text → statements: the grammar of lavaan (Rosseel 2012, https://doi.org/10.18637/jss.v048.i02)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Any

from models.sem.errors import ModelSyntaxError, nearest
from models.sem.language.expression import RESERVED, Expression, parse_expression
from models.sem.language.spelling import OPERATORS as FOREIGN
from models.sem.language.spelling import of_word
from models.sem.language.tokens import Token, fail, lines_unified, statements, tokens

OPERATORS = ("=~", "~~", "~*~", ":=", "==", "~", "|", "<", ">")
CONSTRAINTS = (":=", "==", "<", ">")

_MOST_NESTED, _MOST_GROUPS = 20, 1000


@dataclass(frozen=True)
class Term:
    """One elementary relation such as ``f =~ a*x``; every modifier holds one value a group, or one for all.

    Terms that say the same are equal wherever they stand in a text (`token`); so are relations and whole models.
    """

    lhs: str
    op: str
    rhs: str
    fixed: tuple[float | None, ...] | None = None
    start: tuple[float | None, ...] | None = None
    label: tuple[str, ...] | None = None
    equal: str | None = None
    token: Token | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Relation:
    """A definition ``name := expression`` or a constraint ``left (== | < | >) right``."""

    op: str
    left: Expression
    right: Expression
    token: Token = field(compare=False)


@dataclass(frozen=True)
class Syntax:
    """The parsed model text; `tables` are those built from it, for the next model of the same text and options."""

    text: str = field(compare=False)
    terms: tuple[Term, ...]
    relations: tuple[Relation, ...]
    tables: dict[tuple, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


def parse(text: str) -> Syntax:
    """Parse a model in lavaan syntax.

    Raises
    ------
    ModelSyntaxError
        With line, column and a caret under the offending text.
    """
    if not isinstance(text, str):
        raise ModelSyntaxError(f"The model must be text in lavaan syntax, found {type(text).__name__}.")
    return _parse(lines_unified(text))


@lru_cache(maxsize=64)
def _parse(text: str) -> Syntax:
    found = statements(tokens(text))
    if not found:
        raise ModelSyntaxError("The model is empty: write at least one formula, for example 'f =~ x1 + x2 + x3'.")
    terms: list[Term] = []
    relations: list[Relation] = []
    for statement in found:
        position, operator = _operator(text, statement)
        left, right = statement[:position], statement[position + 1 :]
        if operator.text in CONSTRAINTS:
            relations.append(_relation(text, left, operator, right))
        else:
            terms.extend(_Formula(text, left, operator, right).terms())
    return Syntax(text, tuple(terms), tuple(relations))


def _operator(text: str, statement: list[Token]) -> tuple[int, Token]:
    found = [(i, t) for i, t in enumerate(statement) if t.kind == "operator"]
    if not found:
        foreign = next(filter(None, (of_word(t.text) for t in statement[1:])), "")
        raise fail(text, statement[0], f"A formula needs an operator, one of {' '.join(OPERATORS)}.{foreign}")
    position, operator = found[0]
    for _, other in found:
        if other.text not in OPERATORS:
            raise fail(text, other, f"The operator '{other.text}' is unknown: {FOREIGN[other.text]}.")
    if len(found) > 1:
        at, second = found[1]
        if sum((t.text == "(") - (t.text == ")") for t in statement[position:at]) > 0:
            message = (
                f"'{second.text}' stands in brackets: conditions and formulas in a formula are not part of the syntax."
            )
            raise fail(text, second, message)
        raise fail(text, second, "A second operator in one formula; is a line break or ';' missing before it?")
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
    if operator.text == ":=" and ":" in left[0].text:
        raise fail(text, left[0], f"The new name '{left[0].text}' must be without ':'.")
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
                names.append(self._name(token))
        if len(self.left) % 2 == 0:
            raise fail(self.text, self.left[-1], "A variable name is missing after '+'.")
        return names

    def _name(self, token: Token) -> str:
        if token.text in RESERVED:
            raise fail(
                self.text,
                token,
                f"'{token.text}' is a word of R and cannot be a name here; rename the variable or label.",
            )
        return token.text

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
        if token.text == "-":
            message = "'-' stands only before a number: terms are joined by '+', and ranges such as x1-x3 written out."
            raise fail(self.text, token, message)
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
                    if kind != "fixed":
                        raise fail(self.text, following, "A starting value before '?' is a number, such as 0.5?x1.")
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
            self._name(token)
            before = " A modifier stands before its variable: 0.5*x1." if self._after_star() else ""
            raise fail(self.text, token, f"A variable name is expected here, found '{token.text}'.{before}")

    def _after_star(self) -> bool:
        return self.position > 1 and self.tokens[self.position - 2].text == "*"

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
            return ("fixed", (None,)) if token.text == "NA" else ("label", (self._name(token),))
        self.position += 1
        return self._call(token)

    def _number(self, token: Token) -> float:
        if token.text in ("-", "+"):
            following = self._next()
            if following.kind != "number":
                raise fail(self.text, following, f"A number is expected after '{token.text}'.")
            return self._number(following) * (-1.0 if token.text == "-" else 1.0)
        if not isfinite(float(token.text)):
            raise fail(self.text, token, f"The number {token.text} is too large.")
        return float(token.text)

    def _call(self, function: Token, depth: int = 1) -> tuple:
        if depth > _MOST_NESTED:
            raise fail(self.text, function, f"More than {_MOST_NESTED} modifiers stand within each other.")
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
                    values.extend(self._call(token, depth + 1)[1])
                else:
                    values.append(self._name(token))
            else:
                raise fail(self.text, token, f"A value is expected inside {function.text}(), found '{token.text}'.")
            closing = self._next()
            if closing.text == ")":
                break
            if closing.text != ",":
                raise fail(self.text, closing, f"',' or ')' is expected inside {function.text}().")
        if function.text == "rep":
            count = values[1] if len(values) == 2 else None
            if not isinstance(count, float) or count != int(count) or not 1 <= count <= _MOST_GROUPS:
                raise fail(self.text, function, f"rep() takes a value and a whole number from 1 to {_MOST_GROUPS}.")
            values = [values[0]] * int(count)
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
