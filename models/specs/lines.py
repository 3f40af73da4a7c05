"""The lines of a structural specification: paths, covariances, defined effects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from models.remarks import Stated, remark
from models.sem.errors import ModelSyntaxError
from models.sem.language import syntax as parsed
from models.sem.language.editing import read, write
from models.sem.language.syntax import Syntax

NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Term:
    """A construct on the right of a line, with the label of its coefficient; empty where it has none."""

    name: str
    label: str


@dataclass(frozen=True)
class Line:
    """A line without its comment: `lhs operator terms`, or `lhs := expression` with the labels that it `uses`.

    `said` is what the parser of models read.
    """

    said: Syntax
    lhs: str
    operator: str
    terms: tuple[Term, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The line as model text."""
        return write(self.said)

    def only(self, names: set[str]) -> str:
        """The line as model text with these terms alone; empty where none is left."""
        return write(replace(self.said, terms=tuple(term for term in self.said.terms if term.rhs in names)))


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
    try:
        said = read(text)
    except ModelSyntaxError:
        raise _unread(text) from None
    if len(said.relations) == 1 and not said.terms and said.relations[0].op == ":=":
        (relation,) = said.relations
        return Line(said, relation.left.name, ":=", uses=relation.right.names())
    kinds = {(term.lhs, term.op) for term in said.terms}
    # Of several labels before a construct the language keeps the last: a line must say no more than was read.
    whole = "".join(write(said).split()) == "".join(text.split())
    if said.relations or len(kinds) != 1 or not whole or not all(map(_plain, said.terms)):
        raise _unread(text)
    ((lhs, operator),) = kinds
    return Line(said, lhs, operator, tuple(Term(term.rhs, (term.label or ("",))[0]) for term in said.terms))


def _plain(term: parsed.Term) -> bool:
    """Whether a term is a path or covariance of two constructs with at most one label or number before it."""
    lone = all(part is None or len(part) == 1 for part in (term.label, term.fixed))
    named = NAME.fullmatch(term.lhs) and NAME.fullmatch(term.rhs)
    return bool(named) and term.op in ("~", "~~") and lone and term.start is None and term.equal is None


def _unread(text: str) -> Stated:
    return Stated(remark("cannot_read_line", line=repr(text), form=remark("form_of_paths")))
