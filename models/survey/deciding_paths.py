"""The paths of the main model that decide a hypothesis: where they stand in a fit, and what measures their ends."""

from __future__ import annotations

from dataclasses import dataclass

from models.sem.language.editing import factors
from models.survey.equations import MAIN, Structural, hypothesis_of


@dataclass(frozen=True)
class Path:
    """A path that decides.

    Attributes
    ----------
    term
        Its name in the results.
    row
        Its place among the rows of the fit's parameter table.
    items
        The items of both ends, of mechanisms those of their levels.
    """

    term: str
    row: int
    items: tuple[str, ...]


def deciding_paths(model: Structural) -> list[Path]:
    """Paths of a fitted main model whose labels decide hypotheses, in the order of the model."""
    labels, found = hypothesis_of(MAIN), factors(model.built.parsed)

    def items(factor: str) -> list[str]:
        return [item for part in found[factor] for item in (items(part) if part in found else [part])]

    return [
        Path(f"{row.lhs} ~ {row.rhs}", place, tuple(dict.fromkeys([*items(row.rhs), *items(row.lhs)])))
        for place, row in enumerate(model.fit.table.rows)
        if row.op == "~" and row.label in labels and {row.lhs, row.rhs} <= set(found)
    ]
