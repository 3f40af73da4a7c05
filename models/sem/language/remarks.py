"""What a model says beyond its formulas: conventions of lavaan that surprise, each with the way to say otherwise."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from models.sem.language.table import ParameterTable


def remarks(table: ParameterTable, columns: Collection[str] = ()) -> tuple[str, ...]:
    """Return in words what follows from the text without being written there.

    Parameters
    ----------
    columns
        Columns of the data: a label of such a name may be meant as a variable.
    """
    return (*_equal_over_groups(table), *_random_covariates(table), *_labels_like_columns(table, columns))


def _equal_over_groups(table: ParameterTable) -> list[str]:
    """Name labels that stand once for all groups and so tie the parameter across them."""
    groups = len(table.options.groups)
    if groups == 1:
        return []
    free = {row.name for row in table.rows if row.free}
    once = [
        term
        for term in table.syntax.terms
        if f"{term.lhs}{term.op}{term.rhs}" in free
        and (term.equal is not None or (term.label is not None and len(term.label) == 1 and term.label[0]))
    ]
    if not once:
        return []
    tied = ", ".join(f"{t.lhs} {t.op} {t.rhs}" if t.rhs else f"{t.lhs} ~ 1" for t in once)
    label = next((t.label[0] for t in once if t.label), "a")
    own, same = (", ".join(f"{label}{g}" if each else label for g in range(1, groups + 1)) for each in (True, False))
    return [
        f"One label stands for all {groups} groups and makes equal across them: {tied}. Give each group its own, "
        f"c({own}), or write c({same}) where equality is meant."
    ]


def _random_covariates(table: ParameterTable) -> list[str]:
    """Name exogenous observed variables that are no longer taken as fixed because a formula has their moments."""
    released = table.variables.released
    if not released:
        return []
    together = {frozenset((row.lhs, row.rhs)) for row in table.rows if row.op == "~~"}
    causes = [*released, *table.variables.covariates]
    apart = [f"{a} with {b}" for a, b in combinations(causes, 2) if frozenset((a, b)) not in together]
    texts = []
    if table.options.fixed_x:
        texts.append(
            f"A formula has the variance, covariance or intercept of {', '.join(released)}: no longer fixed at the "
            f"sample's moments but modelled as normal, with parameters of their own. Remove the formula to keep them "
            f"fixed, or pass fixed_x=False."
        )
    if apart:
        texts.append(f"Covariances of causes that no formula names are zero: {', '.join(apart)}. Write them out.")
    return texts


def _labels_like_columns(table: ParameterTable, columns: Collection[str]) -> list[str]:
    labels = [label for term in table.syntax.terms for label in term.label or () if label in columns]
    if not labels:
        return []
    names = ", ".join(dict.fromkeys(labels))
    return [
        f"The label {names} has the name of a column of the data, but names a parameter only: '{labels[0]}*x' is no "
        f"product of variables. For an interaction add the product to the data as a column."
    ]
