"""Defined parameters (``:=``): checked, put in order, evaluated and differentiated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from models.sem.errors import ConstraintError
from models.sem.language.expression import Affine, Expression
from models.sem.language.syntax import Relation, Syntax
from models.sem.language.tokens import fail


def check_definitions(syntax: Syntax, labels: Collection[str]) -> None:
    """Raise if a name is defined twice, is a label of a parameter too, or is defined by itself.

    Raises
    ------
    ConstraintError
        With line, column and a caret under the name.
    """
    seen: dict[str, Relation] = {}
    for definition in (r for r in syntax.relations if r.op == ":="):
        name = definition.left.name
        if name in seen:
            first = seen[name].left.token.line
            message = f"'{name}' is defined twice, first in line {first}; give one of the definitions another name."
            raise _error(syntax, definition, message)
        if name in labels:
            message = f"'{name}' is the label of a parameter already; give the definition another name."
            raise _error(syntax, definition, message)
        seen[name] = definition
    try:
        in_order(tuple(seen.values()))
    except CycleError as circle:
        names = circle.args[1][::-1]
        message = f"'{names[0]}' is defined by itself: {' → '.join(names)}. Remove one of these definitions."
        raise _error(syntax, seen[names[0]], message) from None


def _error(syntax: Syntax, definition: Relation, message: str) -> ConstraintError:
    return ConstraintError(str(fail(syntax.text, definition.left.token, message)))


def in_order(definitions: Sequence[Relation]) -> tuple[Relation, ...]:
    """Return the definitions so that each stands after those that it uses, wherever they stand in the text."""
    named = {definition.left.name: definition for definition in definitions}
    uses = {name: [n for n in definition.right.names() if n in named] for name, definition in named.items()}
    return tuple(named[name] for name in TopologicalSorter(uses).static_order())


def with_definitions(ordered: Sequence[Relation], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of labels and definitions; NaN where a definition has none (division by zero, log of −1)."""
    result = dict(values)
    for definition in ordered:
        value = np.real(definition.right.evaluate(result))
        result[definition.left.name] = np.where(np.isfinite(value), value, np.nan)[()]
    return result


def linear_forms(ordered: Sequence[Relation], known: Mapping[str, Affine | None]) -> dict[str, Affine | None]:
    """Return what is linear in `known` names (coefficients, constant) of labels and definitions, None for the rest."""
    result = dict(known)
    for definition in ordered:
        result[definition.left.name] = definition.right.affine(result)
    return result


def differentiate(
    expressions: Sequence[Expression], value: Mapping[str, float], slope: Mapping[str, np.ndarray], q: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return expressions of labels (n,) and their derivatives (n, q) by the chain rule; NaN where one has no value."""
    results = np.array([float(np.real(expression.evaluate(value))) for expression in expressions])
    results[~np.isfinite(results)] = np.nan
    J = np.zeros((len(expressions), q))
    for k, expression in enumerate(expressions):
        for name, weight in expression.gradient(value).items():
            J[k] += weight * slope[name]
    J[np.isnan(results)] = np.nan
    return results, J


def labelled(
    ordered: Sequence[Relation], value: dict[str, float], slope: dict[str, np.ndarray], q: int
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Return the values and the derivatives (q,) of labels and definitions from those of the labels."""
    value, slope = dict(value), dict(slope)
    for definition in ordered:
        result, derivative = differentiate([definition.right], value, slope, q)
        value[definition.left.name], slope[definition.left.name] = float(result[0]), derivative[0]
    return value, slope
