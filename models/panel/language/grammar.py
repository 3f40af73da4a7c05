"""The arithmetic of formulas: signs, names, numbers and functions, read into expressions that nothing can execute."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.messages import near_or_all
from models.panel.errors import FormulaError
from models.panel.language.signs import Signs

ELEMENTWISE = {
    name: getattr(np, name)
    for name in (
        *("log", "log2", "log10", "log1p", "exp", "expm1", "sqrt", "cbrt", "square", "abs", "sign", "floor", "ceil"),
        *("sin", "cos", "tan", "tanh", "arcsinh", "arctan", "maximum", "minimum"),
    )
}
PAIRS = ("maximum", "minimum")
FUNCTIONS = ("lag", "lead", "C", "I", *ELEMENTWISE, *(f"np.{name}" for name in ELEMENTWISE))

LARGEST = 200
MAX_LAG = 1_000_000

_REMEDIES = {
    **dict.fromkeys(("poly", "pow", "power", "np.power"), "write x + I(x**2)"),
    **dict.fromkeys(("factor", "as.factor", "i", "Q"), "write C(x) for categories"),
    **dict.fromkeys(("shift", "L", "l", "Lag", "LAG"), "write lag(x) or lag(x, 2)"),
    **dict.fromkeys(("F", "f", "Lead", "LEAD"), "write lead(x) or lead(x, 2)"),
    **dict.fromkeys(("diff", "D", "d", "delta"), "write I(x - lag(x))"),
    **dict.fromkeys(("scale", "center", "standardize", "bs", "cr", "cc", "ns", "cut"), "compute it as a column first"),
    **dict.fromkeys(("ln", "LOG", "Log"), "write log(x)"),
    **dict.fromkeys(("offset",), "subtract it from the outcome: I(y - z) ~ …"),
}


@dataclass(frozen=True)
class Expression:
    """A name, a number, a call of a function or an operation, with its ``text`` in one spelling.

    ``head`` is ``name``, ``number``, a sign or the name of a function; ``args`` are its parts, and for ``lag`` and
    ``lead`` ``value`` holds how many periods, for a name the column.
    """

    head: str
    text: str
    args: tuple[Expression, ...] = ()
    value: str | float | int = 0

    @property
    def name(self) -> str:
        """How results call it: a column by its bare name."""
        return str(self.value) if self.head == "name" else self.text

    def uses(self, shift: int = 0) -> dict[tuple[str, int], None]:
        """Columns that it is made of and how many periods later (earlier if negative) they are seen, in order."""
        if self.head == "name":
            return {(str(self.value), shift): None}
        if self.head in ("lag", "lead"):
            shift += int(self.value) if self.head == "lead" else -int(self.value)
        found: dict[tuple[str, int], None] = {}
        for part in self.args:
            found |= part.uses(shift)
        return found


class Reader(Signs):
    """Factors among the signs of a formula, with the arithmetic inside them."""

    last = LARGEST

    def factor(self) -> Expression:
        """Read a column or a call: what a term is made of."""
        start = self.place
        kind, text = self.tokens[self.place]
        if kind not in ("name", "quoted"):
            raise self.error(f"expected the name of a column or a function, found {self.found()}")
        self.place += 1
        called = kind == "name" and self.next == "("
        self.last = start + LARGEST
        read = self._call(text) if called else column(text)
        if not read.uses():
            raise self.error(f"{read.text} has no variable in it")
        return read

    def _call(self, function: str) -> Expression:
        plain = function.removeprefix("np.")
        if function not in FUNCTIONS:
            last = function.rsplit(".", 1)[-1]
            remedy = _REMEDIES.get(function) or _REMEDIES.get(last) or near_or_all(function, FUNCTIONS)
            raise FormulaError(f"there is no function {function!r} for formulas; {remedy}")
        self.need("(", "after a function")
        self.deeper()
        args = [self.sum()]
        count = ""
        if function in ("lag", "lead"):
            count = self._periods(function) if self.take(",") else ""
        elif plain in PAIRS:
            self.need(",", f"and a second value in {function}(a, b)")
            args.append(self.sum())
        if self.next == ",":
            raise self.error(f"{function}(…) takes one column and no options")
        self.need(")", f"to close {function}(")
        self.depth -= 1
        text = f"{function}({', '.join([a.text for a in args] + ([count] if count else []))})"
        return Expression(plain, text, tuple(args), int(count or 1) if function in ("lag", "lead") else 0)

    def _periods(self, function: str) -> str:
        sign = "-" if self.take("-") else ""
        kind, text = self.tokens[self.place]
        if kind != "number" or not text.isdigit():
            raise self.error(
                f"{function} takes a whole number of periods, such as {function}(x, 2), not {self.found()}"
            )
        if len(text) > 9 or int(text) > MAX_LAG:
            raise self.error(f"{function} takes a whole number of periods up to {MAX_LAG}")
        self.place += 1
        return f"{sign}{int(text)}"

    def sum(self) -> Expression:
        """Products that are added or subtracted."""
        left = self._product()
        while self.next in ("+", "-"):
            left = self._two(left, self._product)
        return left

    def _product(self) -> Expression:
        left = self._signed()
        while self.next in ("*", "/"):
            left = self._two(left, self._signed)
        if self.next == ":":
            raise self.error("':' stands between terms, not inside a function; a product is written *")
        return left

    def _signed(self) -> Expression:
        if self.next in ("+", "-"):
            sign = self.next
            self.place += 1
            self.deeper()
            inner = self._signed()
            self.depth -= 1
            return Expression("negative" if sign == "-" else "positive", f"{sign}{inner.text}", (inner,))
        base = self._atom()
        if self.next == "**":
            self.deeper()
            base = self._two(base, self._signed)
            self.depth -= 1
        return base

    def _two(self, left: Expression, operand: Callable[[], Expression]) -> Expression:
        sign = self.next
        self.place += 1
        if self.place > self.last:
            raise self.error(f"more than {LARGEST} signs in one function; compute it as a column first")
        right = operand()
        return Expression(sign, f"{left.text} {sign} {right.text}", (left, right))

    def _atom(self) -> Expression:
        kind, text = self.tokens[self.place]
        if self.take("("):
            self.deeper()
            inner = self.sum()
            self.need(")", "to close a parenthesis")
            self.depth -= 1
            return Expression("positive", f"({inner.text})", (inner,))
        if kind == "number":
            self.place += 1
            return Expression("number", text, value=float(text))
        if kind in ("name", "quoted"):
            self.place += 1
            return self._call(text) if kind == "name" and self.next == "(" else column(text)
        raise self.error(f"expected a column, a number or a function, found {self.found()}")


def column(name: str) -> Expression:
    """Return a column as an expression, in backticks where its name needs them."""
    bare = re.fullmatch(r"[^\W\d][\w.]*", name) is not None
    return Expression("name", name if bare else f"`{name}`", value=name)


def read_factor(text: object) -> Expression:
    """Read a single column or call, such as ``lag(x, 2)``."""
    reader = Reader(text)
    read = reader.factor()
    if not reader.ended:
        raise reader.error(f"expected one column or function and nothing after it, found {reader.found()}")
    return read
