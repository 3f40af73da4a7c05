"""Ladders of invariance: which parameters are equal across groups, step by step.

First order: Meredith (1993, https://doi.org/10.1007/BF02294825). Higher order: Chen, Sousa & West (2005,
https://doi.org/10.1207/s15328007sem1203_7): equal item intercepts identify the intercepts of the first-order factors
while the second-order means stay at zero, equal factor intercepts then identify the second-order means. (Freeing all
latent means at once, as the automatic scalar step does, is not identified.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.sem.language.syntax import parse


@dataclass(frozen=True)
class Step:
    """One rung: a name and what `fit` needs; ``sem.fit(step.syntax, data, group=..., **step.arguments())``."""

    name: str
    syntax: str
    group_equal: tuple[str, ...]
    group_partial: tuple[str, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `fit` beyond model, data and group."""
        return {"group_equal": self.group_equal, "group_partial": self.group_partial, "meanstructure": True}


def invariance_ladder(syntax: str, group_partial: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Return configural, metric, scalar and strict invariance of a first-order model.

    Parameters
    ----------
    syntax : str
        Measurement model.
    group_partial : tuple of str
        Parameters released from equality in every step, for example ``("f=~x3", "x2~1")``.

    Returns
    -------
    tuple of Step
        The rungs, each with what ``sem.fit`` needs.

    Notes
    -----
    Meredith (1993), https://doi.org/10.1007/BF02294825.

    Examples
    --------
    >>> from models import sem
    >>> for step in sem.invariance_ladder("F =~ a + b + c"):
    ...     print(step.name, step.group_equal)
    configural ()
    metric ('loadings',)
    scalar ('loadings', 'intercepts')
    strict ('loadings', 'intercepts', 'residuals')
    """
    families = (
        ("configural", ()),
        ("metric", ("loadings",)),
        ("scalar", ("loadings", "intercepts")),
        ("strict", ("loadings", "intercepts", "residuals")),
    )
    return tuple(Step(name, syntax, equal, group_partial if equal else ()) for name, equal in families)


def higher_order_ladder(syntax: str, n_groups: int, group_partial: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Return the identified ladder of a model with higher-order factors.

    Parameters
    ----------
    syntax : str
        The model without latent means.
    n_groups : int
        Number of groups.
    group_partial : tuple of str
        Parameters released from equality in every step.

    Returns
    -------
    tuple of Step
        The rungs, each with what ``sem.fit`` needs.

    Notes
    -----
    Chen, Sousa & West (2005), https://doi.org/10.1207/s15328007sem1203_7.

    Examples
    --------
    >>> from models import sem
    >>> steps = sem.higher_order_ladder("F =~ a + b; H =~ c + d; G =~ F + H", n_groups=2)
    >>> [step.name for step in steps]
    ['configural', 'first-order loadings', 'second-order loadings', 'item intercepts', 'factor intercepts', 'residuals']
    """
    terms = [term for term in parse(syntax).terms if term.op == "=~"]
    latent = list(dict.fromkeys(term.lhs for term in terms))
    higher = [f for f in latent if any(t.lhs == f and t.rhs in latent for t in terms)]
    lower = [f for f in latent if any(t.lhs in higher and t.rhs == f for t in terms)]
    plain = [f for f in latent if f not in higher and f not in lower]
    second = tuple(f"{t.lhs}=~{t.rhs}" for t in terms if t.rhs in latent)
    released = "c(" + ", ".join(["0", *["NA"] * (n_groups - 1)]) + ")"

    def means(free: list[str], zero: list[str]) -> str:
        return syntax + "".join(f"\n{f} ~ {released}*1" for f in free) + "".join(f"\n{f} ~ 0*1" for f in zero) + "\n"

    with_intercepts = means(lower + plain, higher)
    with_means = means(higher + plain, lower)
    return (
        Step("configural", syntax, ()),
        Step("first-order loadings", syntax, ("loadings",), (*second, *group_partial)),
        Step("second-order loadings", syntax, ("loadings",), group_partial),
        Step("item intercepts", with_intercepts, ("loadings", "intercepts"), group_partial),
        Step("factor intercepts", with_means, ("loadings", "intercepts"), group_partial),
        Step("residuals", with_means, ("loadings", "intercepts", "residuals"), group_partial),
    )
