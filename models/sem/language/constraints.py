r"""Equal labels and linear equalities as θ = K φ + k; nonlinear ones and inequalities as functions of θ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.errors import ConstraintError
from models.sem.language.definitions import differentiate, labelled, linear_forms
from models.sem.language.expression import Affine, Expression
from models.sem.language.syntax import Relation
from models.sem.language.table import ParameterTable
from models.sem.language.tokens import fail


@dataclass(frozen=True)
class Nonlinear:
    """A constraint ``expression = 0`` (equality) or ``expression > 0``, in the labels of the table."""

    expression: Expression
    equality: bool
    text: str
    linear: bool = False


@dataclass(frozen=True, eq=False)
class Linear:
    """An equality ``coefficients · θ = rhs`` and what it says."""

    coefficients: np.ndarray
    rhs: float
    text: str


@dataclass(frozen=True, eq=False)
class Constraints:
    """All constraints on the free parameters.

    Attributes
    ----------
    K, k
        θ = K φ + k (q, r) and (q,): every θ of this form meets the linear equalities.
    nonlinear
        The constraints that K cannot express.
    linear
        The equalities that K expresses.
    """

    K: np.ndarray
    k: np.ndarray
    nonlinear: tuple[Nonlinear, ...]
    table: ParameterTable
    linear: tuple[Linear, ...] = ()

    def evaluate(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the values (c,) of the nonlinear constraints and their Jacobian (c, q)."""
        where, slopes = self.table.labels, np.eye(len(theta))
        position = {row: i for i, row in enumerate(self.table.free)}
        nothing = np.zeros(len(theta))
        slope = {label: slopes[position[row]] if row in position else nothing for label, row in where.items()}
        value = {label: float(own) for label, own in named_values(self.table, theta).items()}
        value, slope = labelled(self.table.ordered_definitions, value, slope, len(theta))
        return differentiate([c.expression for c in self.nonlinear], value, slope, len(theta))

    def broken(self, theta: np.ndarray) -> list[str]:
        """Return the nonlinear constraints that θ violates."""
        if not self.nonlinear:
            return []
        values, _ = self.evaluate(theta)
        violation = np.where(self.equalities, np.abs(values), -values)
        return [c.text for c, v in zip(self.nonlinear, violation, strict=True) if not v <= 1e-6]

    @property
    def equalities(self) -> np.ndarray:
        """Mask of the nonlinear constraints that are equalities."""
        return np.array([c.equality for c in self.nonlinear], dtype=bool)


def named_values(table: ParameterTable, theta: np.ndarray) -> dict[str, float | np.ndarray]:
    """Return the value of every label (the last axis of `theta` are the parameters)."""
    values = table.values(theta)
    return {label: values[..., row] for label, row in table.labels.items()}


def constraints(table: ParameterTable) -> Constraints:
    """Collect the constraints of a table.

    Raises
    ------
    ConstraintError
        If linear equalities contradict each other or a fixed value.
    """
    free = table.free
    position = {row: i for i, row in enumerate(free)}
    where = table.labels
    groups = table.options.groups
    equations: list[Linear] = []
    for i, row in enumerate(table.rows):
        first = where.get(row.label, i) if row.label else i
        if first == i:
            continue
        head = table.rows[first]
        coefficients = np.zeros(len(free))
        rhs = 0.0
        for r, sign in ((first, 1.0), (i, -1.0)):
            if r in position:
                coefficients[position[r]] += sign
            else:
                rhs -= sign * table.rows[r].fixed
        if coefficients.any() or rhs:
            places = [r.name + (f" in {groups[r.group - 1]}" if len(groups) > 1 else "") for r in (head, row)]
            equations.append(Linear(coefficients, rhs, f"{' == '.join(places)} (label '{row.label}')"))
    nonlinear: list[Nonlinear] = []
    defined = linear_forms(table.ordered_definitions, {})
    for relation in table.constraints:
        difference = _difference(relation)
        linear = difference.affine(defined)
        text = f"{relation.left} {relation.op} {relation.right}"
        if relation.op != "==" or linear is None:
            nonlinear.append(Nonlinear(difference, relation.op == "==", text, linear is not None))
            continue
        coefficients, rhs = np.zeros(len(free)), -linear[1]
        for name, weight in linear[0].items():
            if where[name] in position:
                coefficients[position[where[name]]] += weight
            else:
                rhs -= weight * table.rows[where[name]].fixed
        equations.append(Linear(coefficients, rhs, text))
    K, k = _reduce(equations, len(free))
    _check_values(table, K, k)
    return Constraints(K, k, tuple(nonlinear), table, tuple(equations))


def _difference(relation: Relation) -> Expression:
    left, right = relation.left, relation.right
    return Expression("-", (right, left) if relation.op == "<" else (left, right))


def _check_values(table: ParameterTable, K: np.ndarray, k: np.ndarray) -> None:
    """Raise if a definition or constraint has no value at any parameters that meet the linear equalities."""
    if not table.relations:
        return
    position = {row: i for i, row in enumerate(table.free)}
    known: dict[str, Affine | None] = {}
    for label, row in table.labels.items():
        if row in position:
            weights = K[position[row]]
            used = np.flatnonzero(np.abs(weights) > 1e-12)
            known[label] = {str(j): float(weights[j]) for j in used}, float(k[position[row]])
        elif np.isfinite(table.rows[row].fixed):
            known[label] = {}, table.rows[row].fixed
    known = linear_forms(table.ordered_definitions, known)
    for relation in table.relations:
        for side in (relation.left, relation.right):
            empty = side.undefined(known)
            if empty is not None:
                what = "divides by zero" if empty.op == "/" else "has no value"
                message = f"'{empty}' {what} at every value that the model allows its labels."
                raise ConstraintError(str(fail(table.syntax.text, empty.token, message)))


def _reduce(equations: list[Linear], q: int) -> tuple[np.ndarray, np.ndarray]:
    """Solve R θ = r by elimination, each equation for its last parameter that is still free."""
    K, k = np.eye(q), np.zeros(q)
    solved: set[int] = set()
    for equation in equations:
        coefficients, rhs = equation.coefficients, equation.rhs
        used = np.flatnonzero(coefficients)
        row, value = coefficients[used] @ K[used], rhs - coefficients @ k
        scale = np.abs(coefficients).max(initial=0.0)
        row[np.abs(row) < 1e-12 * max(scale, 1.0)] = 0.0
        if not row.any():
            if abs(value) > 1e-10 * max(1.0, abs(rhs)):
                raise ConstraintError(
                    f"The constraint {equation.text} contradicts the other constraints or fixed values: it would need "
                    f"{rhs:g} = {rhs - value:g}. Remove one of them."
                )
            continue
        pivot = int(np.flatnonzero(row)[-1])
        substitute = -row / row[pivot]
        substitute[pivot] = 0.0
        constant = value / row[pivot]
        touched = np.flatnonzero(K[:, pivot])
        weight = K[touched, pivot]
        K[touched, pivot] = 0.0
        K[touched] += np.outer(weight, substitute)
        k[touched] += weight * constant
        solved.add(pivot)
    keep = [i for i in range(q) if i not in solved]
    return K[:, keep], k
