"""Answers of ordered items → moments of latent responses, group by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.sem.errors import ArgumentError, ModelError, in_group, nearest
from models.sem.language.rows import Options, Variables
from models.sem.language.syntax import Syntax
from models.sem.language.tokens import fail
from models.sem.samples.ordinal_statistics import ordinal_moments
from models.sem.samples.sample import Sample
from models.sem.samples.thresholds import encode, levels


def with_ordinal_moments(sample: Sample, ordered: Sequence[str], like: Sample | None = None) -> Sample:
    """Replace the moments of each group by those of the latent responses; categories are those of all groups together.

    Parameters
    ----------
    sample, ordered
        Answers, and which of their columns are ordered.
    like
        The sample whose categories count, by default this one; a resample has the thresholds of its source or none.

    Raises
    ------
    CategoryError
        If an item has one category, a category that nobody in a group chose, or a correlation of ±1.
    """
    ordinal = np.array([name in ordered for name in sample.names])
    names = [name for name in sample.names if name in ordered]
    answers = [group.data for group in (like or sample).groups]
    categories = levels(np.vstack([x[:, ordinal] for x in answers]), names)  # type: ignore[index]
    groups = []
    for group in sample.groups:
        where = in_group(group.label if len(sample.groups) > 1 else None)
        assert group.data is not None
        codes = encode(group.data[:, ordinal], names, categories, where)
        moments = ordinal_moments(group.data, codes, ordinal, sample.names, where)
        groups.append(replace(group, mean=moments.mean, cov=moments.cov, ordinal=moments))
    return replace(sample, groups=tuple(groups))


def threshold_counts(sample: Sample, ordered: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return the number of thresholds of each ordered item."""
    moments = sample.groups[0].ordinal
    assert moments is not None
    names = [name for name in sample.names if name in ordered]
    return tuple((name, len(tau)) for name, tau in zip(names, moments.thresholds, strict=True))


def check_ordered(syntax: Syntax, variables: Variables, options: Options, columns: Sequence[str]) -> None:
    """Raise if `ordered` names no column or no item, or if a formula asks what the parameterization derives."""
    for name in options.ordered:
        if name not in columns:
            raise ArgumentError(f"ordered= names '{name}', which is no column of the data. {nearest(name, columns)}")
    if not variables.ordered:
        raise ArgumentError(
            f"ordered= names no item of the model, whose observed variables are {', '.join(variables.observed)}."
        )
    covariates = variables.covariates if options.fixed_x else ()
    if covariates:
        raise ArgumentError(
            f"With ordered items the covariates {', '.join(covariates)} cannot stay fixed: pass fixed_x=False, so "
            f"that they are modelled as normal variables beside the latent responses."
        )
    derived, other = ("~~", "theta") if options.parameterization == "delta" else ("~*~", "delta")
    for term in syntax.terms:
        if term.op == derived and term.lhs == term.rhs and term.lhs in variables.ordered:
            assert term.token is not None
            message = (
                f"Under parameterization='{options.parameterization}' '{term.lhs} {term.op} {term.rhs}' follows from "
                f"the other parameters; remove it, or pass parameterization='{other}'."
            )
            raise ModelError(str(fail(syntax.text, term.token, message)))
