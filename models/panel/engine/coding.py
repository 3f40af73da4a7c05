"""Regressors of the rows that remain: a column a term of numbers, a column a category but the reference."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np
import pandas as pd
from formulaic.formula import SimpleFormula
from formulaic.parser.types import Factor, Term

from models.panel.engine.cells import FloatArray
from models.panel.engine.columns import Columns
from models.panel.engine.keys import IntArray
from models.panel.errors import FormulaError, NotEstimableError
from models.panel.language.formula import Formula, name_of
from models.panel.language.grammar import Expression
from models.remarks import remark

MOST_CELLS = 200_000_000
References = Mapping[Expression, object]


def coded(
    formula: Formula, columns: Columns, rows: IntArray, references: References | None = None
) -> tuple[FloatArray, tuple[str, ...]]:
    """Regressors (n, k) at ``rows`` (n,), which are complete, and their names.

    Categories that none of the rows has make no column. The reference is the first that is left, unless
    ``references`` names it; terms keep all categories where nothing before them spans their sum (full rank, as in R).
    """
    frame = {factor.name: _values(factor, columns, rows, (references or {}).get(factor)) for factor in formula.factors}
    _check_size(formula, frame, len(rows))
    terms = [Term([Factor("1", eval_method="literal")])] if formula.intercept else []
    terms += [Term([Factor(factor.name, eval_method="lookup") for factor in term]) for term in formula.terms]
    if not terms:
        return np.empty((len(rows), 0)), ()
    # nothing is left to evaluate: every factor is a column of the frame
    table = pd.DataFrame(frame, index=pd.RangeIndex(len(rows)))
    matrix = SimpleFormula(terms).get_model_matrix(table, na_action="raise")
    names = tuple(map(str, matrix.columns))
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise FormulaError(f"two columns of the model would be called {twice!r}: rename the column or its categories")
    return np.asarray(matrix, dtype=np.float64), names


def _values(factor: Expression, columns: Columns, rows: IntArray, reference: object) -> pd.Series | pd.Categorical:
    column = columns[factor]
    if column.levels is None:
        return column.values[rows]
    codes, seen = pd.factorize(column.values[rows], sort=True)
    levels = column.levels[seen]
    if reference is not None:
        place = list(levels).index(reference)
        order = [place, *(j for j in range(len(levels)) if j != place)]
        codes, levels = np.argsort(order)[codes], levels[order]
    return pd.Categorical.from_codes(codes, categories=levels)


def _check_size(formula: Formula, frame: Mapping[str, object], n: int) -> None:
    """Raise before a table is made that no memory holds."""
    for term in formula.terms:
        kinds = [values for values in (frame[f.name] for f in term) if isinstance(values, pd.Categorical)]
        width = prod(len(values.categories) for values in kinds)
        if kinds and (width >= n or width * n > MOST_CELLS):
            raise NotEstimableError(
                remark("categories_for_slopes", term=name_of(term), width=width, n=n),
                "if it is a number leave out C(), if it is the entity or the period choose effects",
            )


def common_references(formula: Formula, groups: Mapping[str, tuple[Columns, IntArray]]) -> dict[Expression, object]:
    """For each factor of categories the first that all groups have, so that their slopes are against the same one.

    Where groups share no category at all, as with brands within platforms, each keeps its own reference.

    Raises
    ------
    NotEstimableError
        Where some groups share categories but not all of them one.
    """
    found: dict[Expression, object] = {}
    for factor in formula.factors:
        present = []
        for columns, rows in groups.values():
            column = columns[factor]
            if column.levels is not None:
                present.append(list(column.levels[np.unique(column.values[rows])]))
        if not present:
            continue
        shared = [level for level in present[0] if all(level in others for others in present[1:])]
        if shared:
            found[factor] = shared[0]
        elif len({level for levels in present for level in levels}) < sum(map(len, present)):
            raise NotEstimableError(
                remark("no_common_category", factor=factor.name), "merge categories or fit the groups apart"
            )
    return found
