"""Slopes of groups in units in which they can be compared: deviations of everybody, or each group's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from models import sem
from models.analysis.slopes import Slopes
from models.sem.language.syntax import Syntax
from models.sem.model.matrices import implied


def of_everybody(
    fit: sem.Fit, paths: Mapping[str, np.ndarray], groups: Sequence[str], units: Mapping[str, float]
) -> Slopes:
    """Slopes in deviations that all groups share.

    Parameters
    ----------
    fit
        The model of all groups.
    paths
        Path → place of its parameter in each group.
    units
        Path → standardised over raw path of the pooled model.
    """
    at = np.concatenate([paths[term] for term in units])
    scale = np.repeat([*units.values()], len(groups))
    cov = fit.vcov()[np.ix_(at, at)] * np.outer(scale, scale)
    return Slopes(tuple(units), tuple(groups), fit.theta[at] * scale, cov)


def of_each(fit: sem.Fit, paths: Mapping[str, np.ndarray], groups: Sequence[str], terms: Sequence[str]) -> Slopes:
    """Slopes in each group's own deviations of cause and outcome; errors by the delta method."""
    task = fit.task
    names = list(task.structure.names)
    cells = dict(zip(map(str, fit.table.options.groups), task.structure.groups, strict=True))
    ends = [[names.index(end) for end in term.split(" ~ ")] for term in terms]

    def standardised(theta: np.ndarray) -> np.ndarray:
        spread = [np.sqrt(np.diag(implied(cells[str(group)], theta).C)) for group in groups]
        slopes = [
            theta[paths[term][g]] * s[x] / s[y]
            for term, (y, x) in zip(terms, ends, strict=True)
            for g, s in enumerate(spread)
        ]
        return np.array(slopes)

    J = fit.numerical_jacobian(standardised)
    return Slopes(tuple(terms), tuple(groups), standardised(fit.theta), J @ fit.vcov() @ J.T)


def anchored(syntax: Syntax, freed: Sequence[str]) -> Syntax:
    """The model in which no factor has the unit of an item that loads differently in the groups (`factor=~item`)."""
    terms = list(syntax.terms)
    for factor in dict.fromkeys(term.lhs for term in terms if term.op == "=~"):
        at = [k for k, term in enumerate(terms) if term.op == "=~" and term.lhs == factor]
        parts = sorted((terms[k] for k in at), key=lambda term: f"{term.lhs}=~{term.rhs}" in freed)
        for k, term in zip(at, parts, strict=True):
            terms[k] = term
    return replace(syntax, terms=tuple(terms))
