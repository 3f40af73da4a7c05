"""Products of causes: which of them a data set can carry, and with which indicators."""

from __future__ import annotations

from dataclasses import dataclass

from models import theory
from models.remarks import Stated, remark
from models.sem.errors import ModelSyntaxError
from models.sem.language.editing import write
from models.sem.language.syntax import Term, parse
from models.specs.lines import statements


@dataclass(frozen=True)
class Product:
    """One product in a specification: `outcome ~ label*first:second`; it always goes with both of its causes."""

    outcome: str
    first: str
    second: str
    label: str = ""

    @property
    def term(self) -> str:
        """Name of the coefficient in the results."""
        return f"{self.outcome} ~ {self.first}:{self.second}"

    def lacking(self, measured: set[str]) -> tuple[str, ...]:
        """Constructs that are not measured."""
        return tuple(sorted({self.outcome, self.first, self.second} - theory.offered(measured)))


def products(spec: str) -> list[Product]:
    """Read a specification of products.

    Parameters
    ----------
    spec
        Text with a line `outcome ~ first:second` or `outcome ~ label*first:second` a product.
    """
    return [_product(line) for _, line in statements(spec)]


def _product(line: str) -> Product:
    try:
        said = parse(line)
        (term,) = said.terms
        first, second = term.rhs.split(":")
        (label,) = term.label or ("",)
    except (ModelSyntaxError, ValueError):
        raise _unread(line) from None
    alone = Term(term.lhs, "~", term.rhs, label=(label,) if label else None)
    # Of several labels the language keeps the last: the line must say no more than was read.
    if said.relations or term != alone or write(said).split() != line.replace("~", " ~ ").split():
        raise _unread(line)
    return Product(term.lhs, first, second, label)


def _unread(line: str) -> Stated:
    return Stated(remark("cannot_read_line", line=repr(line), form=remark("form_of_products")))


def indicators(construct: str, scales: dict[str, list[str]]) -> dict[str, list[str]]:
    """Indicator → the items whose mean it is: the items of a construct, or the levels of a mechanism.

    A mechanism of which two levels or more are measured is represented by the mean of each level, one with a single
    measured level by its items, as elsewhere in `models.specs`.
    """
    if construct in scales:
        return {item: [item] for item in scales[construct]}
    measured = [level for level in theory.levels(construct) if level in scales]
    if len(measured) == 1:
        return {item: [item] for item in scales[measured[0]]}
    return {f"mean_{level}": scales[level] for level in measured}


def paired(*factors: dict[str, list[str]]) -> tuple[dict[str, list[str]], ...]:
    """Give all factors as many indicators: surplus items of the longer are averaged with its last kept one.

    The first indicator stays as it is and with it the unit of the factor.
    """
    size = min(map(len, factors))
    return tuple(_shortened(factor, size) for factor in factors)


def _shortened(given: dict[str, list[str]], size: int) -> dict[str, list[str]]:
    names = list(given)
    if len(names) == size:
        return given
    rest = names[size - 1 :]
    return {name: given[name] for name in names[: size - 1]} | {
        "_".join(["mean", *rest]): [item for name in rest for item in given[name]]
    }
