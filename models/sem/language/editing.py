"""Model text changed by its parser: read, changed statement by statement, and written again.

Nothing outside of this folder cuts or extends model text by its letters: `read` gives what a text says, the functions
here return it changed, and `write` gives a text that says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from models.sem.language.expression import RESERVED, Expression
from models.sem.language.syntax import Relation, Syntax, Term, parse

_PLAIN = re.compile(r"[^\W\d][\w.]*")


def read(text: str) -> Syntax:
    """Parse model text; an empty one says nothing.

    Raises
    ------
    ModelSyntaxError
        With line, column and a caret under the offending text.
    """
    return parse(text) if text.strip() else Syntax(text, (), ())


def write(syntax: Syntax) -> str:
    """Write the model as text: terms in their order, those of one left side in a line; then relations.

    ``read(write(syntax)) == syntax``.
    """
    lines: list[tuple[str, dict[str, str]]] = []
    for term in syntax.terms:
        left = f"{term.lhs} {term.op.removesuffix('1')}"
        if not lines or lines[-1][0] != left or term.rhs in lines[-1][1]:
            lines.append((left, {}))
        lines[-1][1][term.rhs] = _written(term)
    relations = [f"{relation.left} {relation.op} {relation.right}" for relation in syntax.relations]
    return "\n".join([*(f"{left} {' + '.join(right.values())}" for left, right in lines), *relations])


def _written(term: Term) -> str:
    """Write the right side of an elementary relation, its modifiers first."""
    parts = [term.rhs if term.op != "~1" else "1"]
    if term.equal:
        parts.insert(0, f"equal({_quoted(term.equal)})")
    if term.label is not None:
        name = term.label[0]
        one = len(term.label) == 1 and name
        parts.insert(0, _name(name) if one else f"label({', '.join(map(_name, term.label))})")
    if term.start is not None:
        parts.insert(0, f"start({', '.join(map(_number, term.start))})")
    if term.fixed is not None:
        numbers = ", ".join(map(_number, term.fixed))
        parts.insert(0, numbers if len(term.fixed) == 1 else f"c({numbers})")
    return "*".join(parts)


def _number(value: float | None) -> str:
    return "NA" if value is None else repr(float(value)).removesuffix(".0")


def _name(label: str) -> str:
    return label if _PLAIN.fullmatch(label) and label not in RESERVED else _quoted(label)


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def formulas(syntax: Syntax, *operators: str) -> Syntax:
    """Return the terms with one of the operators, or all, without definitions and constraints."""
    return replace(syntax, terms=tuple(t for t in syntax.terms if t.op in operators or not operators), relations=())


def without_definitions(syntax: Syntax, prefix: str) -> Syntax:
    """Return the model without the defined parameters whose names begin with a prefix."""

    def stays(relation: Relation) -> bool:
        return relation.op != ":=" or not relation.left.name.startswith(prefix)

    return replace(syntax, relations=tuple(filter(stays, syntax.relations)))


def change(syntax: Syntax, changed: Callable[[Term], Term]) -> Syntax:
    """Return the model with each term changed."""
    return replace(syntax, terms=tuple(changed(term) for term in syntax.terms))


def add(syntax: Syntax, text: str) -> Syntax:
    """Return the model and what a further text says."""
    more = read(text)
    return replace(syntax, terms=syntax.terms + more.terms, relations=syntax.relations + more.relations)


def by_group(syntax: Syntax, n_groups: int) -> Syntax:
    """Return the model with labels and defined parameters of each group's own: ``h1a`` is ``h1a__2`` in the second.

    A label that groups share would make their parameters equal.
    """
    numbers = range(1, n_groups + 1)

    def own(term: Term) -> Term:
        return term if term.label is None else replace(term, label=tuple(f"{term.label[0]}__{g}" for g in numbers))

    relations = tuple(
        replace(relation, left=_renamed(relation.left, g), right=_renamed(relation.right, g))
        for relation in syntax.relations
        for g in numbers
    )
    return replace(change(syntax, own), relations=relations)


def _renamed(node: Expression, group: int) -> Expression:
    name = f"{node.name}__{group}" if node.op == "name" else node.name
    return replace(node, name=name, args=tuple(_renamed(arg, group) for arg in node.args))


def related(syntax: Syntax, *operators: str) -> list[tuple[str, str]]:
    """List what stands on both sides of elementary relations with one of the operators."""
    return [(term.lhs, term.rhs) for term in syntax.terms if term.op in operators]


def factors(syntax: Syntax) -> dict[str, list[str]]:
    """Latent variable → what measures it, both in the order of the text."""
    found: dict[str, list[str]] = {}
    for latent, indicator in related(syntax, "=~"):
        found.setdefault(latent, []).append(indicator)
    return found


def factor_line(factor: str, indicators: Iterable[str], weight: str = "") -> str:
    """Write the line ``factor =~ weight*a + weight*b``; the weight is a number or a label."""
    before = f"{weight}*" if weight else ""
    return f"{factor} =~ {' + '.join(before + name for name in indicators)}"
