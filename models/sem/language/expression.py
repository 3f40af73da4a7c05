"""Arithmetic on labelled parameters: defined parameters (``:=``) and constraints (``== < >``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.remarks import Remark, remark

_COMPLEX_STEP = 1e-30
_MOST_OPERATIONS, _DEEPEST = 200, 40

Affine = tuple[dict[str, float], float]


def _abs(value: Any) -> Any:
    return np.where(np.real(value) < 0, -value, value)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "log": lambda x: np.log(x + 0j) if np.iscomplexobj(x) else np.log(x),
    "sqrt": lambda x: np.sqrt(x + 0j) if np.iscomplexobj(x) else np.sqrt(x),
    "abs": _abs,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
}

RESERVED = ("NA", "NaN", "Inf", "NULL", "TRUE", "FALSE")
_INSTEAD = {
    "ln": "Write log().",
    "log10": "Write log(a)/log(10).",
    "log2": "Write log(a)/log(2).",
    "pow": "Write a^2.",
    "mean": "Write (a + b)/2.",
    "sum": "Write a + b.",
    **dict.fromkeys(("if", "ifelse", "min", "max"), "Conditions are not possible: they have no delta method."),
}

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
}


@dataclass(frozen=True)
class Expression:
    """A node of the syntax tree: number, name, binary operation, negation ("neg") or function.

    `token` is where it stands in the text, for messages.
    """

    op: str
    args: tuple[Expression, ...] = ()
    value: float = 0.0
    name: str = ""
    token: Any = field(default=None, compare=False, repr=False)

    def nodes(self) -> Iterator[Expression]:
        """Yield all nodes, each after its parts."""
        for arg in self.args:
            yield from arg.nodes()
        yield self

    def names(self) -> tuple[str, ...]:
        """Return the labels that occur, in order of appearance."""
        if self.op == "name":
            return (self.name,)
        return tuple(dict.fromkeys(n for arg in self.args for n in arg.names()))

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Evaluate at scalars or at arrays of one shape (one entry a replicate); NaN or ±∞ where it has no value."""
        with np.errstate(all="ignore"):
            return self._evaluate(values)

    def _evaluate(self, values: Mapping[str, Any]) -> Any:
        if self.op == "number":
            return np.float64(self.value)
        if self.op == "name":
            return values[self.name]
        args = [arg._evaluate(values) for arg in self.args]
        if self.op == "neg":
            return -args[0]
        return (_BINARY.get(self.op) or FUNCTIONS[self.op])(*args)

    def gradient(self, values: Mapping[str, Any]) -> dict[str, float]:
        """Return exact first derivatives by the complex step (Squire & Trapp 1998, doi:10.1137/S003614459631241X)."""
        linear = self.affine()
        if linear is not None:
            return linear[0]
        if not np.isfinite(self.evaluate(values)):
            return dict.fromkeys(self.names(), np.nan)
        result = {}
        for name in self.names():
            shifted: dict[str, Any] = dict(values)
            shifted[name] = values[name] + 1j * _COMPLEX_STEP
            result[name] = float(np.imag(self.evaluate(shifted)) / _COMPLEX_STEP)
        return result

    def affine(self, known: Mapping[str, Affine | None] | None = None) -> Affine | None:
        """Return (coefficients, constant) if the expression is linear in the labels, else None.

        Parameters
        ----------
        known
            The same of names that stand for something else: definitions, or labels that constraints tie.
        """
        if self.op == "number":
            return {}, self.value
        if self.op == "name":
            return known[self.name] if known is not None and self.name in known else ({self.name: 1.0}, 0.0)
        parts = [arg.affine(known) for arg in self.args]
        (left, a), (right, b) = parts[0] or ({}, np.nan), parts[-1] or ({}, np.nan)
        if any(part is None for part in parts):
            return None
        if self.op == "neg":
            return {k: -v for k, v in left.items()}, -a
        if not left and not right:
            numbers = [Expression("number", value=part[1]) for part in parts if part is not None]
            return _finite({}, float(np.real(Expression(self.op, tuple(numbers)).evaluate({}))))
        if self.op in "+-":
            sign = 1.0 if self.op == "+" else -1.0
            return _finite({k: left.get(k, 0.0) + sign * right.get(k, 0.0) for k in {**left, **right}}, a + sign * b)
        if self.op == "*" and (not left or not right):
            return _finite({k: v * (b if left else a) for k, v in {**left, **right}.items()}, a * b)
        if self.op == "/" and not right and b:
            return _finite({k: v / b for k, v in left.items()}, a / b)
        return None

    def undefined(self, known: Mapping[str, Affine | None] | None = None) -> Expression | None:
        """Return the first part that has no value whatever the labels are: a division by zero, a root of −1."""
        for node in self.nodes():
            parts = [arg.affine(known) for arg in node.args]
            if node.op == "/" and parts[1] is not None and not parts[1][0] and parts[1][1] == 0:
                return node
            constant = [part[1] for part in parts if part is not None and not part[0]]
            if node.args and len(constant) == len(parts):
                numbers = tuple(Expression("number", value=value) for value in constant)
                if not np.isfinite(Expression(node.op, numbers).evaluate({})):
                    return node
        return None

    def fails_at(self, values: Mapping[str, float]) -> Remark | None:
        """Say which part has no value at these values of the labels; None if all have one."""
        for node in self.nodes():
            if not np.isfinite(node.evaluate(values)):
                at = [remark("label_value", label=name, value=values[name]) for name in node.names()]
                return remark("no_value_at", expression=str(node), values=at)
        return None

    def __str__(self) -> str:
        """Write the expression so that it reads back."""
        if self.op == "number":
            return repr(float(self.value)).removesuffix(".0")
        if self.op == "name":
            return self.name
        if self.op == "neg":
            return f"-{_bracket(self.args[0])}"
        if self.op in _BINARY:
            return self.op.join(_bracket(arg, self.op, right) for right, arg in enumerate(self.args))
        return f"{self.op}({self.args[0]})"


def _finite(coefficients: dict[str, float], constant: float) -> Affine | None:
    """Return the form without what cancels, or None where it overflows."""
    if not np.isfinite([constant, *coefficients.values()]).all():
        return None
    return {name: weight for name, weight in coefficients.items() if weight}, constant


_RANK = {"+": 1, "-": 1, "neg": 2, "*": 3, "/": 3, "^": 4}


def _bracket(node: Expression, op: str = "neg", right: int = 0) -> str:
    """Write a part of an operation, in brackets where the parser would take it apart otherwise."""
    rank = _RANK.get(node.op, 9)
    if op == "neg":
        return f"({node})" if node.op in "+-*/" else str(node)
    needs = rank < _RANK[op] or (rank == _RANK[op] and (right == 1 or op == "^"))
    return f"({node})" if needs else str(node)


def parse_expression(tokens: list, error: Callable[[Any, str], Exception]) -> Expression:
    """Parse tokens by precedence climbing; `error` builds an exception that points at a token."""
    parser = _Parser(tokens, error)
    node = parser.sum()
    if parser.position < len(tokens):
        raise error(tokens[parser.position], f"An operator is expected before '{tokens[parser.position].text}'.")
    empty = node.undefined()
    if empty is not None:
        what = "divides by zero" if empty.op == "/" else "has no value"
        raise error(empty.token, f"'{empty}' {what}.")
    return node


class _Parser:
    def __init__(self, tokens: list, error: Callable[[Any, str], Exception]) -> None:
        self.tokens, self.error, self.position = tokens, error, 0
        self.operations = self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.position].text if self.position < len(self.tokens) else ""

    def take(self) -> Any:
        if self.position >= len(self.tokens):
            raise self.error(self.tokens[-1], "The expression ends too early.")
        self.position += 1
        return self.tokens[self.position - 1]

    def node(self, op: str, token: Any, *args: Expression) -> Expression:
        self.operations += 1
        if self.operations > _MOST_OPERATIONS:
            message = f"The expression has more than {_MOST_OPERATIONS} operations; split it into definitions (':=')."
            raise self.error(token, message)
        return Expression(op, args, token=token)

    def sum(self) -> Expression:
        node = self.product()
        while self.peek() in ("+", "-"):
            token = self.take()
            node = self.node(token.text, token, node, self.product())
        return node

    def product(self) -> Expression:
        node = self.unary()
        while self.peek() in ("*", "/"):
            token = self.take()
            node = self.node(token.text, token, node, self.unary())
        return node

    def unary(self) -> Expression:
        if self.depth > _DEEPEST:
            raise self.error(
                self.tokens[min(self.position, len(self.tokens) - 1)],
                f"More than {_DEEPEST} brackets or signs stand within each other; split the expression into "
                f"definitions (':=').",
            )
        self.depth += 1
        if self.peek() in ("-", "+"):
            token = self.take()
            node = self.unary()
            node = self.node("neg", token, node) if token.text == "-" else node
        else:
            node = self.power()
        self.depth -= 1
        return node

    def power(self) -> Expression:
        node = self.atom()
        if self.peek() in ("^", "**"):
            token = self.take()
            node = self.node("^", token, node, self.unary())
        return node

    def atom(self) -> Expression:
        token = self.take()
        if token.kind == "number":
            value = float(token.text)
            if not np.isfinite(value):
                raise self.error(token, f"The number {token.text} is too large.")
            return Expression("number", value=value, token=token)
        if token.text == "(":
            return self.bracket(token, "This bracket is never closed.")
        if token.kind == "name":
            if self.peek() != "(":
                if token.text in RESERVED:
                    raise self.error(token, f"'{token.text}' is a word of R, not a label; choose another name.")
                return Expression("name", name=token.text, token=token)
            if token.text not in FUNCTIONS:
                instead = f" {_INSTEAD[token.text]}" if token.text in _INSTEAD else ""
                raise self.error(token, f"Unknown function '{token.text}'; known are {', '.join(FUNCTIONS)}.{instead}")
            self.take()
            return self.node(token.text, token, self.bracket(token, f"The bracket of {token.text}() is never closed."))
        raise self.error(token, f"A label, number or bracket is expected, found '{token.text}'.")

    def bracket(self, opening: Any, unclosed: str) -> Expression:
        node = self.sum()
        if self.peek() == ",":
            raise self.error(self.tokens[self.position], "A function takes one argument here, found ','.")
        if self.peek() != ")":
            raise self.error(opening, unclosed)
        self.take()
        return node
