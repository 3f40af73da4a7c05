"""Answers of ordered items → moments of latent responses, group by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.sem.errors import ArgumentError, ModelError
from models.sem.ordinal_statistics import ordinal_moments
from models.sem.sample import Sample
from models.sem.syntax import Syntax, fail
from models.sem.table import Options, Variables
from models.sem.thresholds import encode, levels


def with_ordinal_moments(sample: Sample, ordered: Sequence[str]) -> Sample:
    """Replace the moments of each group by those of the latent responses; categories are those of all groups together.

    Raises
    ------
    CategoryError
        If an item has one category, a category that nobody in a group chose, or a correlation of ±1.
    """
    ordinal = np.array([name in ordered for name in sample.names])
    names = [name for name in sample.names if name in ordered]
    answers = [group.data for group in sample.groups]
    categories = levels(np.vstack([x[:, ordinal] for x in answers]), names)  # type: ignore[index]
    groups = []
    for group in sample.groups:
        where = f" in group '{group.label}'" if len(sample.groups) > 1 else ""
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


def check_ordered(syntax: Syntax, variables: Variables, options: Options) -> None:
    """Raise if the formulas ask of an ordered item what its parameterization derives."""
    unknown = [name for name in options.ordered if name not in variables.observed]
    if unknown:
        raise ArgumentError(
            f"ordered= names {', '.join(repr(name) for name in unknown)}, which the model does not contain; its observed "
            f"variables are {', '.join(variables.observed)}."
        )
    covariates = variables.covariates if options.fixed_x else ()
    if covariates:
        raise ArgumentError(
            f"With ordered items the covariates {', '.join(covariates)} cannot stay fixed: pass fixed_x=False, so that they "
            f"are modelled as normal variables beside the latent responses."
        )
    derived, other = ("~~", "theta") if options.parameterization == "delta" else ("~*~", "delta")
    for term in syntax.terms:
        if term.op == derived and term.lhs == term.rhs and term.lhs in variables.ordered:
            assert term.token is not None
            message = (
                f"Under parameterization='{options.parameterization}' '{term.lhs} {term.op} {term.rhs}' follows from the "
                f"other parameters; remove it, or pass parameterization='{other}'."
            )
            raise ModelError(str(fail(syntax.text, term.token, message)))
