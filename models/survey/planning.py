"""A study that is still to be made: what it supposes, as a population, and what will be fitted to its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from models import specs, theory
from models.measurement.errors import perhaps
from models.measurement.planning.power import PowerError
from models.remarks import remark
from models.sem.language.editing import change, factor_line, factors, read, related, without_definitions, write
from models.sem.language.syntax import Syntax, Term
from models.survey.equations import MAIN

MECHANISMS = ("value", "trust", "participation")
LABELS = {f"h1{letter}": ("identification", cause) for letter, cause in zip("abc", MECHANISMS, strict=True)}
LABELS |= {"h2": ("stickiness", "identification")}
LABELS |= {f"direct_{cause}": ("stickiness", cause) for cause in MECHANISMS}


@dataclass(frozen=True)
class Plan:
    """Model text with all values (the population), model text to be fitted, and the terms of interest."""

    population: str
    analysis: str
    terms: tuple[str, ...]


def written(text: str) -> Plan:
    """A plan from a model in lavaan syntax whose numbers are the supposed values.

    `0.3*x` and `start(0.3)*x` both suppose .3 and leave the parameter to be estimated; a parameter without a number is
    1 if it is a loading or a variance, else 0. Terms of interest are the regressions and the defined parameters.

    Raises
    ------
    PowerError
        For thresholds and values by group, which planning does not cover, and where there is nothing to test.
    """
    syntax = read(text)
    for term in syntax.terms:
        if term.op == "|":
            raise PowerError(remark("planned_threshold", left=term.lhs, right=term.rhs))
        if any(len(values or ()) > 1 for values in (term.fixed, term.start, term.label)):
            raise PowerError(remark("planned_by_group", term=write(Syntax("", (term,), ()))))
    regressions = [f"{outcome} ~ {cause}" for outcome, cause in related(syntax, "~")]
    terms = [*dict.fromkeys(regressions), *(r.left.name for r in syntax.relations if r.op == ":=")]
    if not terms:
        raise PowerError(remark("planned_nothing"))
    return Plan(text, write(change(syntax, _freed)), tuple(terms))


def _freed(term: Term) -> Term:
    """A parameter without its value; what `NA*` frees stays free."""
    return replace(term, start=None, fixed=term.fixed if term.fixed == (None,) else None)


def planned(
    effects: Mapping[str, float], correlation: float = 0.3, items: int = 3, loading: float = 0.7, levels: int = 1
) -> Plan:
    """The theory's main model with supposed standardised effects.

    Parameters
    ----------
    effects
        Label of `models/specs/structural/mechanisms.lav` (h1a, h1b, h1c, h2, direct_value, …) → standardised path.
        Constructs that no effect names are not part of the study; a path that is not named is zero, yet estimated.
    correlation
        Between the mechanisms.
    items, loading
        Items a construct and their standardised loading.
    levels
        1, a mechanism is measured by items of its own; 3, by three levels with `items` each, on which it loads as
        the items do on a level.

    Raises
    ------
    PowerError
        For unknown labels, and for effects that together would explain more than everything.
    """
    _check(effects, correlation, items, loading, levels)
    paths = {LABELS[label]: float(value) for label, value in effects.items()}
    named = {name for pair in paths for name in pair}
    mechanisms = [name for name in MECHANISMS if name in named]
    order = [*mechanisms, *(name for name in ("identification", "stickiness") if name in named)]
    scales: dict[str, list[str]] = {}
    for name in order:
        parts = theory.levels(name)[:levels] if name in mechanisms else [name]
        scales |= {part: [f"{part}_{k}" for k in range(1, items + 1)] for part in parts}
    built = specs.structural(specs.structural_specs()[MAIN], scales)
    analysis = without_definitions(built.parsed, "total_")
    terms = [f"{outcome} ~ {cause}" for outcome, cause in paths]
    terms += [said.left.name for said in analysis.relations if set(said.right.names()) <= set(effects)]
    return Plan(_population(built, order, mechanisms, paths, correlation, loading), write(analysis), tuple(terms))


def _check(effects: Mapping[str, float], correlation: float, items: int, loading: float, levels: int) -> None:
    for label in effects:
        if label not in LABELS:
            known = list(LABELS)
            raise PowerError(remark("unknown_effect", label=label, perhaps=perhaps(label, known), known=known))
    if not effects:
        raise PowerError(remark("no_effect_given", known=list(LABELS)))
    if not 0 < loading < 1:
        raise PowerError(remark("loading_beyond", loading=loading))
    if items < 2 or levels not in (1, 3):
        raise PowerError(remark("items_and_levels", items=items, levels=levels))
    if not -0.5 < correlation < 1:
        raise PowerError(remark("correlation_beyond", correlation=correlation))


def _population(
    built: specs.Built,
    order: list[str],
    mechanisms: list[str],
    paths: dict[tuple[str, str], float],
    correlation: float,
    loading: float,
) -> str:
    """Model text in which every construct and item has variance 1."""
    lines, rest = [], 1 - loading**2
    for factor, indicators in factors(built.parsed).items():
        lines.append(factor_line(factor, indicators, repr(loading)))
        lines += [f"{name} ~~ {rest!r}*{name}" for name in indicators]
    lines += [f"{a} ~~ {correlation!r}*{b}" for a, b in combinations(mechanisms, 2)]
    covariance = np.eye(len(order))
    k = len(mechanisms)
    covariance[:k, :k] += correlation * (1 - np.eye(k))
    for j, name in enumerate(order):
        slopes = np.array([paths.get((name, cause), 0.0) for cause in order[:j]])
        explained = float(slopes @ covariance[:j, :j] @ slopes)
        if name not in mechanisms:
            if explained >= 1:
                raise PowerError(remark("nothing_unexplained", construct=name, share=f"{explained:.0%}"))
            covariance[j, :j] = covariance[:j, j] = covariance[:j, :j] @ slopes
            causes = " + ".join(f"{slope!r}*{cause}" for slope, cause in zip(slopes.tolist(), order, strict=False))
            if j:
                lines.append(f"{name} ~ {causes}")
        lines.append(f"{name} ~~ {1 - explained!r}*{name}")
    return "\n".join(lines)
