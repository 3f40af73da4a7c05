"""The parameter table: one row a parameter, the core representation that everything after it reads.

The automatic rows follow the conventions of lavaan's `sem()` (Rosseel 2012, https://doi.org/10.18637/jss.v048.i02).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from models.sem.errors import ConstraintError, ModelError, UnknownVariableError, nearest
from models.sem.language.definitions import check_definitions, in_order
from models.sem.language.equality import across_groups
from models.sem.language.rows import Options, Row, Variables
from models.sem.language.syntax import Relation, Syntax, Term
from models.sem.language.tokens import fail, locate

_MOST_TABLES = 16


@dataclass(frozen=True)
class ParameterTable:
    """Parameters, the relations between them, and the variables that they connect."""

    rows: tuple[Row, ...]
    relations: tuple[Relation, ...]
    variables: Variables
    options: Options
    syntax: Syntax

    @cached_property
    def free(self) -> tuple[int, ...]:
        """Positions of the free rows: entry k of a parameter vector belongs to row ``free[k]``."""
        return tuple(i for i, row in enumerate(self.rows) if row.free)

    @property
    def definitions(self) -> tuple[Relation, ...]:
        """The defined parameters (``:=``), as written."""
        return tuple(r for r in self.relations if r.op == ":=")

    @cached_property
    def ordered_definitions(self) -> tuple[Relation, ...]:
        """The defined parameters, each after those that it uses."""
        return in_order(self.definitions)

    @property
    def constraints(self) -> tuple[Relation, ...]:
        """The constraints (``==``, ``<``, ``>``)."""
        return tuple(r for r in self.relations if r.op != ":=")

    @cached_property
    def labels(self) -> dict[str, int]:
        """The first row that carries each label."""
        result: dict[str, int] = {}
        for i, row in enumerate(self.rows):
            if row.label:
                result.setdefault(row.label, i)
        return result

    def values(self, theta: np.ndarray) -> np.ndarray:
        """Return one value a row from the free parameters ``theta`` (shape ``(..., n_free)``)."""
        theta = np.asarray(theta)
        result = np.broadcast_to(self.fixed, (*theta.shape[:-1], len(self.rows))).copy()
        result[..., list(self.free)] = theta
        return result

    @cached_property
    def fixed(self) -> np.ndarray:
        """Fixed value of each row, NaN where none is."""
        return np.array([row.fixed for row in self.rows])

    def with_covariates(
        self, names: Sequence[str], covariances: Sequence[np.ndarray], means: Sequence[np.ndarray]
    ) -> ParameterTable:
        """Fix the moments of the covariates at those of the sample, (p, p) and (p,) a group for variables `names`."""
        index = {name: i for i, name in enumerate(names)}
        rows = list(self.rows)
        for k, row in enumerate(rows):
            if row.exo and np.isnan(row.fixed):
                g, i = row.group - 1, index[row.lhs]
                value = means[g][i] if row.op == "~1" else covariances[g][i, index[row.rhs]]
                rows[k] = replace(row, fixed=float(value), free=False)
        return replace(self, rows=tuple(rows))

    def frame(self) -> pd.DataFrame:
        """Return the table as a data frame."""
        frame = pd.DataFrame([vars(row) for row in self.rows])
        frame["free"] = np.where(frame["free"], frame["free"].cumsum(), 0)
        return frame


def build(syntax: Syntax, options: Options) -> ParameterTable:
    """Complete the user's formulas to a parameter table for all groups."""
    # Labels of groups that are equal, as 1, True and 1.0, are told apart by their types.
    key = options, tuple(type(label) for label in options.groups)
    table = syntax.tables.get(key)
    if table is None:
        table = _build(syntax, options)
        if len(syntax.tables) >= _MOST_TABLES:
            syntax.tables.clear()
        syntax.tables[key] = table
    return table


def _build(syntax: Syntax, options: Options) -> ParameterTable:
    variables = classify(syntax, options)
    rows: list[Row] = []
    for group in range(1, len(options.groups) + 1):
        rows.extend(_group_rows(syntax, variables, options, group))
    rows = across_groups(rows, variables, options)
    _check_labels(syntax, rows)
    return ParameterTable(tuple(rows), syntax.relations, variables, options, syntax)


def classify(syntax: Syntax, options: Options) -> Variables:
    """Sort the variables of the formulas by role."""
    terms = syntax.terms
    latent = _unique(t.lhs for t in terms if t.op == "=~")
    indicators = _unique(t.rhs for t in terms if t.op == "=~")
    outcomes = _unique(t.lhs for t in terms if t.op == "~")
    predictors = _unique(t.rhs for t in terms if t.op == "~")
    mentioned = _unique(
        v for t in terms if t.op in ("~~", "~1", "|", "~*~") for v in ((t.lhs, t.rhs) if t.op == "~~" else (t.lhs,))
    )
    for term in terms:
        if term.op in ("=~", "~") and term.lhs == term.rhs:
            assert term.token is not None
            raise ModelError(str(fail(syntax.text, term.token, f"'{term.lhs}' cannot explain itself.")))
    own_moments = {v for t in terms if t.op in ("~~", "~1") for v in (t.lhs, t.rhs)}
    observed = [v for v in _unique([*indicators, *outcomes, *predictors, *mentioned]) if v not in latent]
    causes = [v for v in predictors if v in observed and v not in {*outcomes, *indicators}]
    covariates = [v for v in causes if v not in own_moments]
    exogenous = [v for v in latent if v not in outcomes and v not in indicators]
    dependent = [v for v in [*latent, *observed] if v in outcomes and v not in predictors and v not in indicators]
    return Variables(
        observed=tuple([v for v in observed if v not in covariates] + covariates),
        latent=tuple(latent),
        covariates=tuple(covariates),
        exogenous_latent=tuple(exogenous),
        dependent=tuple(dependent),
        ordered=tuple(v for v in observed if v in options.ordered),
        released=tuple(v for v in causes if v in own_moments),
    )


def check_variables(syntax: Syntax, variables: Variables, columns: Sequence[str]) -> None:
    """Raise if the data lack an observed variable, pointing into the text."""
    for name in variables.observed:
        if name not in columns:
            hint = nearest(name, [*columns, *variables.latent])
            if ":" in name:
                hint = "Add the product of the two variables to the data under this name."
            message = f"'{name}' is neither a factor of the model nor a column of the data. {hint}".strip()
            raise UnknownVariableError(str(fail(syntax.text, locate(syntax.text, name), message)))
    if not variables.observed:
        raise ModelError("The model has no observed variable: write at least one formula such as 'f =~ x1 + x2 + x3'.")
    for name in variables.latent:
        if name in columns:
            message = f"The factor '{name}' has the name of a column of the data; rename one of them."
            raise ModelError(str(fail(syntax.text, locate(syntax.text, name), message)))
    for term in syntax.terms:
        if term.op in ("|", "~*~") and term.lhs not in variables.ordered:
            assert term.token is not None
            message = f"'{term.lhs} {term.op}' needs an ordered variable: name '{term.lhs}' in ordered=."
            raise ModelError(str(fail(syntax.text, term.token, message)))


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _group_rows(syntax: Syntax, variables: Variables, options: Options, group: int) -> list[Row]:
    rows: dict[tuple[str, str, str], Row] = {}
    for row in _defaults(syntax, variables, options, group):
        rows.setdefault(row.key, row)
    ordered: dict[tuple[str, str, str], Row] = {}
    for term in syntax.terms:
        base = Row(term.lhs, term.op, term.rhs, group)
        if base.key in ordered:
            assert term.token is not None
            raise ModelError(str(fail(syntax.text, term.token, f"'{base.name}' stands twice in the model.")))
        scale = options.std_lv and term.op == "~~" and term.lhs == term.rhs
        if term.op == "=~" or (scale and term.lhs in variables.latent):
            base = replace(rows.get(base.key, base), user=True)
        ordered[base.key] = _modify(syntax, term, base, options, group)
    return [*ordered.values(), *(row for key, row in rows.items() if key not in ordered)]


def _defaults(syntax: Syntax, variables: Variables, options: Options, group: int) -> list[Row]:
    """Rows of the formulas before their modifiers, then the rows that `auto` adds, in lavaan's order."""
    rows: list[Row] = []
    factors: dict[str, list[Term]] = {}
    for term in syntax.terms:
        if term.op == "=~":
            factors.setdefault(term.lhs, []).append(term)
    for factor, terms in factors.items():
        for i, term in enumerate(terms):
            marker = options.auto and i == 0 and not options.std_lv
            rows.append(Row(factor, "=~", term.rhs, group, free=not marker, fixed=1.0 if marker else np.nan))
    covariate = set(variables.covariates)
    if options.auto:
        single = {terms[0].rhs for terms in factors.values() if len(terms) == 1}
        for v in variables.endogenous:
            if v not in variables.ordered:
                fixed = 0.0 if v in single else np.nan
                rows.append(Row(v, "~~", v, group, free=v not in single, fixed=fixed, user=False))
        for v in variables.latent:
            free = not options.std_lv
            rows.append(Row(v, "~~", v, group, free=free, fixed=np.nan if free else 1.0, user=False))
        for names, free in ((variables.exogenous_latent, not options.orthogonal), (variables.dependent, True)):
            for i, a in enumerate(names):
                for b in names[i + 1 :]:
                    rows.append(Row(a, "~~", b, group, free=free, fixed=np.nan if free else 0.0, user=False))
    for i, a in enumerate(variables.covariates):
        for b in variables.covariates[i:]:
            rows.append(Row(a, "~~", b, group, free=not options.fixed_x, exo=options.fixed_x, user=False))
    if options.meanstructure:
        for v in variables.endogenous:
            if options.auto:
                free = v not in variables.ordered
                rows.append(Row(v, "~1", "", group, free=free, fixed=np.nan if free else 0.0, user=False))
        for v in variables.covariates:
            rows.append(Row(v, "~1", "", group, free=not options.fixed_x, exo=options.fixed_x, user=False))
        for v in variables.latent:
            rows.append(Row(v, "~1", "", group, free=False, fixed=0.0, user=False))
    assert all(not (row.exo and row.lhs not in covariate) for row in rows)
    return rows + ordinal_rows(options, group)


def ordinal_rows(options: Options, group: int) -> list[Row]:
    """Thresholds, residual variances and scales of ordered items; NaN stands for a value that follows from others."""
    residual, scale = (np.nan, 1.0) if options.parameterization == "delta" else (1.0, np.nan)
    rows = []
    for v, count in options.thresholds:
        rows += [Row(v, "|", f"t{k}", group, user=False) for k in range(1, count + 1)]
        rows.append(Row(v, "~~", v, group, free=False, fixed=residual, user=False))
        rows.append(Row(v, "~*~", v, group, free=False, fixed=scale, user=False))
    return rows


def _modify(syntax: Syntax, term: Term, row: Row, options: Options, group: int) -> Row:
    def pick(values: tuple | None, what: str) -> float | str | None:
        assert values is not None
        if len(values) not in (1, len(options.groups)):
            assert term.token is not None
            message = (
                f"{len(values)} {what} for {len(options.groups)} group(s) at '{row.name}': give one, or one a group."
            )
            raise ModelError(str(fail(syntax.text, term.token, message)))
        return values[0] if len(values) == 1 else values[group - 1]

    if term.fixed is not None:
        value = pick(term.fixed, "values")
        row = replace(row, free=value is None, fixed=np.nan if value is None else float(value))
    if term.start is not None:
        value = pick(term.start, "starting values")
        row = replace(row, start=np.nan if value is None else float(value))
    if term.label is not None:
        row = replace(row, label=str(pick(term.label, "labels")))
    if term.equal is not None:
        row = replace(row, label=_equal_label(syntax, term))
    elif not row.label and _is_target(syntax, row):
        row = replace(row, label=row.name)
    return row


def _equal_label(syntax: Syntax, term: Term) -> str:
    assert term.equal is not None
    assert term.token is not None
    target = _without_blanks(term.equal)
    for other in syntax.terms:
        if f"{other.lhs}{other.op}{other.rhs}" == target:
            return other.label[0] if other.label else target
    names = [f"{t.lhs}{t.op}{t.rhs}" for t in syntax.terms]
    message = f'equal("{term.equal}") names no formula of the model. {nearest(target, names)}'
    raise ModelError(str(fail(syntax.text, term.token, message)))


def _without_blanks(text: str) -> str:
    """Remove all blanks."""
    return "".join(text.split())


def _is_target(syntax: Syntax, row: Row) -> bool:
    return any(t.equal is not None and _without_blanks(t.equal) == row.name for t in syntax.terms)


def _check_labels(syntax: Syntax, rows: list[Row]) -> None:
    variables = {v for term in syntax.terms for v in (term.lhs, term.rhs)}
    for term in syntax.terms:
        for label in term.label or ():
            if label in variables and term.token is not None:
                message = (
                    f"The label '{label}' is a variable of the model too, but '{label}*{term.rhs}' is no product of "
                    f"variables. Choose another label; for an interaction add the product to the data as a column."
                )
                raise ModelError(str(fail(syntax.text, term.token, message)))
    labels = {row.label for row in rows if row.label}
    check_definitions(syntax, labels)
    known = labels | {r.left.name for r in syntax.relations if r.op == ":="}
    for relation in syntax.relations:
        sides = (relation.right,) if relation.op == ":=" else (relation.left, relation.right)
        for name in (n for side in sides for n in side.names()):
            if name not in known:
                message = f"The label '{name}' is given to no parameter. {nearest(name, known)}".strip()
                raise ConstraintError(str(fail(syntax.text, locate(syntax.text, name, relation.token.line), message)))
