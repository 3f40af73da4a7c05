"""Wald test of restrictions that the fitted model did not impose (Wald 1943, doi:10.1090/S0002-9947-1943-0012401-3)."""

from __future__ import annotations

import numpy as np

from models.remarks import remark
from models.sem.errors import ConstraintError, nearest
from models.sem.inference.estimated import Estimated
from models.sem.language.definitions import differentiate
from models.sem.language.expression import Expression
from models.sem.language.syntax import parse
from models.statistics.wald import WaldTest, wald_test


def wald(fit: Estimated, restrictions: str) -> WaldTest:
    r"""Test restrictions such as ``"a == b; a*c == 0"`` on labels and defined parameters.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    restrictions : str
        Equalities of labels and defined parameters, separated by ``;``.

    Returns
    -------
    WaldTest
        Statistic, degrees of freedom and p-value.

    Raises
    ------
    ConstraintError
        If a restriction is no equality, names an unknown label, has no value at the estimates, or follows from others.

    Notes
    -----
    With r the restrictions at the estimates and R their Jacobian, :math:`W = r'(R V R')^{-1} r`, V that of the fit.

    Examples
    --------
    >>> from models import sem
    >>> cov = [[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]]
    >>> found = sem.fit("y ~ p*x + q*z", sem.Moments(cov, 200, names=["y", "x", "z"]))
    >>> test = sem.wald(found, "p == q")
    >>> round(test.statistic, 2), test.df, test.pvalue < 0.001
    (17.21, 1, True)
    """
    relations = parse(restrictions).relations
    if not relations or any(relation.op != "==" for relation in relations):
        raise ConstraintError("A Wald test needs equalities such as 'a == b', separated by ';'.")
    value, slope = fit.labelled()
    for relation in relations:
        for name in (*relation.left.names(), *relation.right.names()):
            if name not in value:
                raise ConstraintError(f"The label '{name}' is not in the model. {nearest(name, value)}".strip())
    differences = [Expression("-", (relation.left, relation.right)) for relation in relations]
    r, R = differentiate(differences, value, slope, len(fit.theta))
    if not np.isfinite(r).all():
        reasons = [reason for difference in differences if (reason := difference.fails_at(value))]
        raise ConstraintError(remark("undefined_restrictions", reasons=reasons))
    test = wald_test(r, R @ fit.vcov() @ R.T)
    if test is None:
        raise ConstraintError(remark("redundant_restrictions"), "Leave some out.")
    return test
