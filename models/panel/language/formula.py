"""Formulas ``outcome ~ terms``: the one reading of them that every panel model shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from models.panel.errors import FormulaError
from models.panel.language.grammar import Expression, Reader
from models.panel.language.signs import shortened

MOST_TERMS, MOST_FACTORS = 2_000, 20
_REMEDIES = {
    "**": "powers stand inside I(), such as I(x**2); products of regressors are written a*b",
    "/": "a quotient is written I(a/b), the effects of b within a are a + a:b",
    "~": "a formula has one '~'; instruments are given as panel.iv(…, endogenous=[…], instruments=[…])",
    ",": "arguments stand inside a function, such as lag(x, 2)",
}

Term = tuple[Expression, ...]


@dataclass(frozen=True)
class Formula:
    """An outcome and the terms that explain it, products of factors; ``intercept`` unless taken out by 0 or −1.

    Formulas that say the same are equal, whatever their `text`.
    """

    text: str = field(compare=False)
    outcome: Expression
    terms: tuple[Term, ...]
    intercept: bool

    @property
    def factors(self) -> tuple[Expression, ...]:
        """What the terms are products of, in the order of the formula."""
        return tuple(dict.fromkeys(factor for term in self.terms for factor in term))

    def plus(self, factors: Iterable[Expression]) -> Formula:
        """Return the formula with further terms."""
        return checked(replace(self, terms=(*self.terms, *((factor,) for factor in factors))))


def name_of(term: Term) -> str:
    """How results call a term of numbers."""
    return ":".join(factor.name for factor in term)


def read(text: object) -> Formula:
    """Read a formula, without data.

    ``outcome ~ a + b*c + a:b - c + 0`` has columns (names with blanks or signs in backticks), ``lag(x, n)`` and
    ``lead(x, n)``, elementwise functions such as ``log(x)`` or ``np.log10(x)``, categories ``C(x)`` and arithmetic
    ``I(x**2)`` for factors.

    Raises
    ------
    FormulaError
        For everything else, with the spelling that is understood here.
    """
    reader = Reader(text)
    if not any(token == ("sign", "~") for token in reader.tokens):
        raise FormulaError(
            f"the formula {shortened(reader.text)!r} has no '~': write 'outcome ~ regressor + regressor'"
        )
    if reader.next == "~":
        raise reader.error("nothing stands before the '~': write 'outcome ~ regressor'")
    outcome = reader.factor()
    if reader.next != "~":
        sums = "; sums and products of columns are written inside I(), such as I(a + b)"
        raise reader.error(f"the outcome is one column or function, then '~'; found {reader.found()}{sums}")
    reader.take("~")
    terms, numbers = _Terms(reader).all()
    return checked(Formula(str(text), outcome, tuple(terms), "0" not in numbers))


def no_regressors(formula: Formula) -> FormulaError:
    """Make the error of a formula that explains its outcome by nothing."""
    return FormulaError(f"the formula {shortened(formula.text)!r} has no regressors: write 'outcome ~ regressor'")


def checked(formula: Formula) -> Formula:
    """Raise FormulaError where the outcome explains itself, or two terms would have one name."""
    names: dict[str, object] = {"Intercept": None}
    named = [(factor.name, factor) for factor in formula.factors] + [(name_of(t), t) for t in formula.terms if t[1:]]
    for name, named_so in named:
        if names.setdefault(name, named_so) != named_so:
            raise FormulaError(f"two different terms would be called {name!r}: rename the column")
    own = formula.outcome.uses()
    for term in formula.terms:
        if formula.outcome in term or (len(own) == 1 and any(own.keys() & factor.uses().keys() for factor in term)):
            outcome = formula.outcome.name
            raise FormulaError(
                f"the outcome {outcome!r} is also among the regressors, in {name_of(term)!r}; leave it out, or write "
                f"lag({formula.outcome.text}) for its past"
            )
    return formula


class _Terms:
    """Terms of a sum, each sign applied to what stands before it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def all(self) -> tuple[list[Term], set[str]]:
        """Return the terms and which of 0 and 1 are written (−1 counts as 0, −0 as 1)."""
        terms, numbers = self._sum(outermost=True)
        if not self.reader.ended:
            sign = self.reader.next
            raise self.reader.error(_REMEDIES.get(sign, f"expected + or the end, found {self.reader.found()}"))
        if len(numbers) > 1:
            raise self.reader.error("0 takes the intercept out and 1 puts it in; write one of them")
        return terms, numbers

    def _sum(self, outermost: bool = False) -> tuple[list[Term], set[str]]:
        terms: dict[frozenset[Expression], Term] = {}
        written: set[frozenset[Expression]] = set()
        numbers: set[str] = set()
        sign = self.reader.next if self.reader.next in ("+", "-") else ""
        self.reader.place += bool(sign)
        while True:
            if number := self._number(sign, outermost):
                numbers.add(number)
            else:
                plain, found = self._product()
                if sign == "-":
                    self._without(terms, found)
                else:
                    self._with(terms, found, written if plain else None)
            sign = self.reader.next
            if sign not in ("+", "-"):
                return list(terms.values()), numbers
            self.reader.place += 1

    def _number(self, sign: str, outermost: bool) -> str:
        kind, text = self.reader.tokens[self.reader.place]
        if kind != "number":
            return ""
        self.reader.place += 1
        if text not in ("0", "1") or not outermost or self.reader.next not in ("+", "-", ""):
            raise self.reader.error(
                f"the number {text} is no term; 0 or 1 alone, outside of parentheses, take out or put in the "
                f"intercept, and arithmetic is written inside I(), such as I({text}*x)"
            )
        return {"0": "1", "1": "0"}[text] if sign == "-" else text

    def _without(self, terms: dict[frozenset[Expression], Term], found: list[Term]) -> None:
        for term in found:
            if terms.pop(frozenset(term), None) is None:
                raise self.reader.error(f"- takes out {name_of(term)!r}, which is not among the terms before it")

    def _with(
        self, terms: dict[frozenset[Expression], Term], found: list[Term], written: set[frozenset[Expression]] | None
    ) -> None:
        for term in found:
            if written is not None:
                if frozenset(term) in written:
                    raise self.reader.error(f"the term {name_of(term)!r} stands in it twice; write it once")
                written.add(frozenset(term))
            terms.setdefault(frozenset(term), term)
        self._few(len(terms))

    def _product(self) -> tuple[bool, list[Term]]:
        """Whether it is written without ``*`` or parentheses, and its terms."""
        plain, terms = self._interaction()
        while self.reader.take("*"):
            plain, (_, more) = False, self._interaction()
            self._few(len(terms) * len(more))
            terms = [*terms, *more, *self._crossed(terms, more)]
        return plain, terms

    def _interaction(self) -> tuple[bool, list[Term]]:
        plain, terms = self._atom()
        while self.reader.take(":"):
            also, more = self._atom()
            self._few(len(terms) * len(more))
            plain, terms = plain and also, self._crossed(terms, more)
        if self.reader.next in ("**", "/"):
            raise self.reader.error(_REMEDIES[self.reader.next])
        return plain, terms

    def _crossed(self, terms: list[Term], more: list[Term]) -> list[Term]:
        products = [(*one, *other) for one in terms for other in more]
        for product in products:
            if len(product) > MOST_FACTORS:
                raise self.reader.error(f"a product of more than {MOST_FACTORS} factors")
            twice = next((factor for factor in product if product.count(factor) > 1), None)
            if twice is not None:
                square = f"I({twice.text}**2)"
                raise self.reader.error(f"{twice.name} is multiplied by itself; write {square} for its square")
        return products

    def _atom(self) -> tuple[bool, list[Term]]:
        if not self.reader.take("("):
            return True, [(self.reader.factor(),)]
        self.reader.deeper()
        terms, _ = self._sum()
        self.reader.need(")", "to close a parenthesis")
        self.reader.depth -= 1
        return False, terms

    def _few(self, count: int) -> None:
        if count > MOST_TERMS:
            raise self.reader.error(f"it has {count} terms or more; expected {MOST_TERMS} or fewer")
