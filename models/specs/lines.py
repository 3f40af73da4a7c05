"""The lines of a structural specification: paths, covariances, defined effects."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAME = re.compile(r"[A-Za-z_]\w*")
_TERM = re.compile(r"(?:(?P<label>[A-Za-z_]\w*|\d+(?:\.\d+)?)\*)?(?P<name>[A-Za-z_]\w*)$")


@dataclass(frozen=True)
class Term:
    """`name` or `label*name`, as it is written."""

    text: str
    name: str
    label: str


@dataclass(frozen=True)
class Line:
    """A line without its comment: `lhs operator terms`, or `lhs := expression` with the labels that it `uses`."""

    text: str
    lhs: str
    operator: str
    terms: tuple[Term, ...] = ()
    uses: tuple[str, ...] = ()


def statements(spec: str) -> Iterator[tuple[int, str]]:
    """Number of a line, counted from 1, and what it says without its comment; lines that say nothing are left out."""
    for row, written in enumerate(spec.splitlines(), 1):
        if said := written.split("#")[0].strip():
            yield row, said


def line(text: str) -> Line:
    """Read a statement.

    Raises
    ------
    ValueError
        For what is neither `construct ~ label*construct + …`, nor the same with `~~`, nor `name := expression`.
    """
    operator = next((sign for sign in (":=", "~~", "~") if sign in text), "")
    lhs, _, rhs = (part.strip() for part in text.partition(operator or "\n"))
    if not operator or not NAME.fullmatch(lhs):
        raise ValueError(f"cannot read {text!r}: expected `construct ~ construct + …`, `~~` or `name := expression`")
    if operator == ":=":
        try:
            ast.parse(rhs, mode="eval")
        except (SyntaxError, ValueError):
            raise ValueError(f"cannot read {rhs!r} in {text!r}: expected an expression such as `a*b`") from None
        return Line(text, lhs, operator, uses=tuple(NAME.findall(rhs)))
    terms = []
    for written in (term.strip() for term in rhs.split("+")):
        match = _TERM.match(written)
        if match is None:
            raise ValueError(f"cannot read {written!r} in {text!r}: expected `construct` or `label*construct`")
        terms.append(Term(written, match["name"], match["label"] or ""))
    return Line(text, lhs, operator, tuple(terms))
