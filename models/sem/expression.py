"""Arithmetic on labelled parameters: defined parameters (``:=``) and constraints (``== < >``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

_COMPLEX_STEP = 1e-30


class Word(Protocol):
    """What the parser needs to know of a token."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...


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

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
}


@dataclass(frozen=True)
class Expression:
    """A node of the syntax tree: number, name, binary operation, negation ("neg") or function."""

    op: str
    args: tuple[Expression, ...] = ()
    value: float = 0.0
    name: str = ""

    def names(self) -> tuple[str, ...]:
        """Return the labels that occur, in order of appearance."""
        if self.op == "name":
            return (self.name,)
        return tuple(dict.fromkeys(n for arg in self.args for n in arg.names()))

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Evaluate at scalars or at arrays of one shape (one entry a replicate)."""
        if self.op == "number":
            return self.value
        if self.op == "name":
            return values[self.name]
        args = [arg.evaluate(values) for arg in self.args]
        if self.op == "neg":
            return -args[0]
        if self.op in _BINARY:
            return _BINARY[self.op](*args)
        return FUNCTIONS[self.op](*args)

    def gradient(self, values: Mapping[str, Any]) -> dict[str, float]:
        """Return exact first derivatives by the complex step (Squire & Trapp 1998, doi:10.1137/S003614459631241X)."""
        result = {}
        for name in self.names():
            shifted: dict[str, Any] = dict(values)
            shifted[name] = values[name] + 1j * _COMPLEX_STEP
            result[name] = float(np.imag(self.evaluate(shifted)) / _COMPLEX_STEP)
        return result

    def affine(self) -> tuple[dict[str, float], float] | None:
        """Return (coefficients, constant) if the expression is linear in the labels, else None."""
        if self.op == "number":
            return {}, self.value
        if self.op == "name":
            return {self.name: 1.0}, 0.0
        parts = [arg.affine() for arg in self.args]
        if any(part is None for part in parts):
            return None
        (left, a), (right, b) = parts[0], parts[-1]  # type: ignore[misc]
        if self.op == "neg":
            return {k: -v for k, v in left.items()}, -a
        if self.op in "+-":
            sign = 1.0 if self.op == "+" else -1.0
            return {k: left.get(k, 0.0) + sign * right.get(k, 0.0) for k in {**left, **right}}, a + sign * b
        if self.op == "*" and (not left or not right):
            return {k: v * (b if left else a) for k, v in {**left, **right}.items()}, a * b
        if self.op == "/" and not right:
            return {k: v / b for k, v in left.items()}, a / b
        if not left and not right:
            return {}, float(np.real(self.evaluate({})))
        return None

    def __str__(self) -> str:
        if self.op == "number":
            return f"{self.value:g}"
        if self.op == "name":
            return self.name
        if self.op == "neg":
            return f"-{_bracket(self.args[0])}"
        if self.op in _BINARY:
            return self.op.join(_bracket(arg, self.op, right) for right, arg in enumerate(self.args))
        return f"{self.op}({self.args[0]})"


_RANK = {"+": 1, "-": 1, "neg": 2, "*": 3, "/": 3, "^": 4}


def _bracket(node: Expression, op: str = "neg", right: int = 0) -> str:
    rank = _RANK.get(node.op, 9)
    needs = rank < _RANK[op] or (right == 1 and rank == _RANK[op] and op in "-/^")
    return f"({node})" if needs else str(node)


def parse_expression(tokens: list, error: Callable[[Any, str], Exception]) -> Expression:
    """Parse tokens by precedence climbing; `error` builds an exception that points at a token."""
    parser = _Parser(tokens, error)
    node = parser.sum()
    if parser.position < len(tokens):
        raise error(tokens[parser.position], f"An operator is expected before '{tokens[parser.position].text}'.")
    return node


class _Parser:
    def __init__(self, tokens: list, error: Callable[[Any, str], Exception]) -> None:
        self.tokens, self.error, self.position = tokens, error, 0

    def peek(self) -> str:
        return self.tokens[self.position].text if self.position < len(self.tokens) else ""

    def take(self) -> Any:
        if self.position >= len(self.tokens):
            raise self.error(self.tokens[-1], "The expression ends too early.")
        self.position += 1
        return self.tokens[self.position - 1]

    def sum(self) -> Expression:
        node = self.product()
        while self.peek() in ("+", "-"):
            op = self.take().text
            node = Expression(op, (node, self.product()))
        return node

    def product(self) -> Expression:
        node = self.unary()
        while self.peek() in ("*", "/"):
            op = self.take().text
            node = Expression(op, (node, self.unary()))
        return node

    def unary(self) -> Expression:
        if self.peek() in ("-", "+"):
            op = self.take().text
            node = self.unary()
            return Expression("neg", (node,)) if op == "-" else node
        return self.power()

    def power(self) -> Expression:
        node = self.atom()
        if self.peek() in ("^", "**"):
            self.take()
            node = Expression("^", (node, self.unary()))
        return node

    def atom(self) -> Expression:
        token = self.take()
        if token.kind == "number":
            return Expression("number", value=float(token.text))
        if token.text == "(":
            node = self.sum()
            if self.peek() != ")":
                raise self.error(token, "This bracket is never closed.")
            self.take()
            return node
        if token.kind == "name":
            if self.peek() != "(":
                return Expression("name", name=token.text)
            if token.text not in FUNCTIONS:
                raise self.error(token, f"Unknown function '{token.text}'; known are {', '.join(FUNCTIONS)}.")
            self.take()
            node = self.sum()
            if self.peek() != ")":
                raise self.error(token, f"The bracket of {token.text}() is never closed.")
            self.take()
            return Expression(token.text, (node,))
        raise self.error(token, f"A label, number or bracket is expected, found '{token.text}'.")
