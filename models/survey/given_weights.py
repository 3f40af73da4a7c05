"""A mechanism of two levels with its weights as numbers, in the units of items."""

from __future__ import annotations

from dataclasses import replace

from models import sem
from models.sem.language.syntax import Syntax, Term


def with_given_weights(syntax: Syntax, fit: sem.Fit) -> Syntax:
    """The model in which each level has the unit of its first item, and its weight as the fitted model has it.

    Equal weights in standard deviations are equal in those of the people at hand. Groups need weights and a unit that
    they share, and other programs know no such restriction; both are given the weights of everybody as known numbers,
    and variances of their own.

    Parameters
    ----------
    syntax
        A built model, in any order of its items.
    fit
        Of the model as it was built.
    """
    levels = {term.lhs for term in syntax.terms if term.op == "=~" and term.fixed == (None,)}
    if not levels:
        return syntax
    first = {term.lhs: term.rhs for term in reversed(syntax.terms) if term.op == "=~"}
    tidy = fit.tidy()
    loadings = tidy[tidy["op"] == "=~"].set_index(["lhs", "rhs"])["est"]
    unit = {level: float(loadings[level, first[level]]) for level in levels}

    def given(term: Term) -> Term:
        if term.op == "=~" and term.lhs in levels:
            return replace(term, fixed=None)
        if term.op == "=~" and term.rhs in levels:
            return replace(term, fixed=(unit[term.rhs] / unit[first[term.lhs]],))
        return term

    owners = {term.lhs for term in syntax.terms if term.op == "=~" and term.rhs in levels}
    variances = [term for term in syntax.terms if term.op == "~~" and term.lhs == term.rhs]
    gone = [term for term in variances if term.lhs in levels | owners]
    terms = tuple(given(term) for term in syntax.terms if term not in gone)
    return replace(syntax, terms=terms, relations=tuple(one for one in syntax.relations if one.op == ":="))
