"""Formulas changed by their parser: read (`formula.read`), changed term by term, and written again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from models.panel.errors import FormulaError
from models.panel.language.formula import Formula, Term, checked, name_of, read
from models.panel.language.grammar import Expression, column, read_factor


def write(formula: Formula) -> str:
    """Write the formula as text; ``read(write(formula)) == formula``."""
    terms = [":".join(factor.text for factor in term) for term in formula.terms]
    if not formula.intercept or not terms:
        terms.append("1" if formula.intercept else "0")
    return f"{formula.outcome.text} ~ {' + '.join(terms)}"


def plus(formula: str, terms: Iterable[str]) -> str:
    """Return the formula with further terms, columns, functions or products of them."""
    parsed = read(formula)
    further = [term for text in terms for term in read(f"{parsed.outcome.text} ~ {text}").terms]
    return write(checked(replace(parsed, terms=(*parsed.terms, *further))))


def explaining(outcome: str, formula: str) -> str:
    """Return the formula with another column as its outcome."""
    return write(replace(read(formula), outcome=column(outcome)))


def without(formula: str, terms: Iterable[str]) -> str:
    """Return the formula without terms, wherever they stand; products of which they are part stay."""
    parsed = read(formula)
    gone = {frozenset(term) for text in terms for term in read(f"{parsed.outcome.text} ~ {text}").terms}
    return write(replace(parsed, terms=tuple(term for term in parsed.terms if frozenset(term) not in gone)))


def lags_as_columns(formula: str) -> str:
    """Return the formula in which each lag is a column of that name, for frames that bring lags along."""

    def as_column(factor: Expression) -> Expression:
        return Expression("name", f"`{factor.text}`", value=factor.text) if factor.head == "lag" else factor

    parsed = read(formula)
    return write(checked(replace(parsed, terms=tuple(tuple(map(as_column, term)) for term in parsed.terms))))


def columns(term: Term) -> tuple[str, ...]:
    """Columns that a term is made of, in the order of the text."""
    return tuple(dict.fromkeys(column for factor in term for column, _ in factor.uses()))


def used(formula: str) -> tuple[str, ...]:
    """Columns that a formula is made of, the outcome's first."""
    parsed = read(formula)
    return columns((parsed.outcome, *parsed.factors))


def lagged(formula: str) -> tuple[str, ...]:
    """Columns whose past stands in the formula as `lag(column)`, alone or in a product."""
    found = [factor.args[0] for factor in read(formula).factors if factor.head == "lag"]
    return tuple(dict.fromkeys(inner.name for inner in found if inner.head == "name"))


def further(term: str) -> str:
    """Return the name of a term with lags one period longer: ``lag(x)`` → ``lag(x, 2)``, in products too."""
    (parsed,) = read(f"y ~ {term}").terms
    return name_of(tuple(longer(factor) for factor in parsed))


def longer(factor: Expression) -> Expression:
    """Return a lag of one period more, and every other factor as it is."""
    if factor.head != "lag":
        return factor
    return read_factor(f"lag({factor.args[0].text}, {int(factor.value) + 1})")


def shifted(term: str) -> tuple[str, str] | None:
    """``lag`` or ``lead``, and of what, where a regressor is the value one period before or after; else None."""
    try:
        factor = read_factor(term)
    except FormulaError:
        return None
    return (factor.head, factor.args[0].name) if factor.head in ("lag", "lead") and factor.value == 1 else None
