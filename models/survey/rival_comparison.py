"""A rival beside the theory's model on the same answers: do both fit alike, and do the answers reject what it adds?"""

from __future__ import annotations

from models import sem
from models.sem.errors import NotNestedError

# Far above the rounding with which a minimum is found, far below a difference that any test would see.
_ALIKE = 1e-3
TURNED = ("participation", "identification")


def beside(fit: sem.Fit, theory: sem.Fit) -> list[dict]:
    """What sets a rival apart from the theory's model.

    Models of the same degrees of freedom that fit alike whatever the answers are equivalent: no fit tells them apart
    (Stelzl 1986, doi:10.1207/s15327906mbr2103_3; Lee & Hershberger 1990, doi:10.1207/s15327906mbr2503_4).

    Parameters
    ----------
    fit, theory
        The rival and the theory's model, of the same items.

    Returns
    -------
    Quantities of table `rivals`: `equivalent`, 1 where both have the same df and χ²; `difference`, the test of the
    restrictions, of a rival that the theory's model contains; `turned`, the standardised path from identification to
    participation, of a rival that has it.
    """
    found: list[dict] = [{"quantity": "equivalent", "estimate": float(equivalent(fit, theory)), "n": fit.n}]
    return found + _difference(fit, theory) + _turned(fit)


def equivalent(fit: sem.Fit, theory: sem.Fit) -> bool:
    """Whether two models of the same answers fit alike, by their uncorrected χ²."""
    return fit.df == theory.df and abs(fit.test.statistic - theory.test.statistic) < _ALIKE


def _difference(fit: sem.Fit, theory: sem.Fit) -> list[dict]:
    """The scaled test of what a rival restricts; nothing where it is no restriction of the theory's model.

    An outcome of the theory that a rival leaves without causes covaries freely there: such a rival is none. The scaling
    is that of the restrictions (Satorra 2000); one from the scalings of both models is unstable where a single
    restriction fits badly.
    """
    if fit.df <= theory.df or not _outcomes(theory) <= _outcomes(fit):
        return []
    try:
        test = sem.compare(theory, fit, "standard" if theory.scaled_test is None else "satorra_2000")
    except NotNestedError:
        return []
    return [{"quantity": "difference", "statistic": test.statistic, "df": test.df, "pvalue": test.pvalue, "n": fit.n}]


def _outcomes(fit: sem.Fit) -> set[str]:
    return {row.lhs for row in fit.tidy().itertuples() if row.op == "~"}


def _turned(fit: sem.Fit) -> list[dict]:
    raw, std = fit.tidy(), fit.standardised_solution()
    outcome, cause = TURNED
    for own, path in zip(raw.itertuples(), std.itertuples(), strict=True):
        if (own.lhs, own.op, own.rhs) == (outcome, "~", cause):
            interval = {"se": path.se, "ci_lower": path.ci_lower, "ci_upper": path.ci_upper}
            place = {"quantity": "turned", "estimate": own.std_all, "n": fit.n, "definition": "std_all"}
            return [place | interval | {"pvalue": own.pvalue}]
    return []
