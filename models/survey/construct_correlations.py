"""Correlations of the theory's constructs in the main model with their errors and how these errors go together."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from models import results, specs
from models.sem.model.matrices import implied
from models.survey.equations import Structural, improper


def construct_correlations(model: Structural) -> pd.DataFrame:
    r"""Model-implied correlations of the constructs that a synthesis puts together.

    Returns
    -------
    Rows `construct_correlations` (term and group = the pair, quantity = `correlation`) and `correlation_errors` (term
    and group = two pairs `a ~~ b`, quantity = `covariance`, of each two once); none where the solution is improper.

    Notes
    -----
    With :math:`\rho(\theta)` the correlations of the constructs and J their derivatives, the covariance of the
    estimates is :math:`J\,\mathrm{cov}(\hat\theta)\,J'` (delta method), so that measurement error widens it as it
    should; that of observed correlations would be too small (Cheung 2015, ch. 7,
    https://doi.org/10.1002/9781118957813).
    """
    fit = model.fit
    if improper(fit):
        return pd.DataFrame()
    cells, everything = fit.task.structure.groups[0], fit.task.structure.names
    names = [name for name in specs.synthesis().constructs if name in everything]
    pairs = list(combinations(names, 2))
    if not pairs:
        return pd.DataFrame()
    at = [everything.index(name) for name in names]
    upper = np.triu_indices(len(names), 1)

    def correlations(theta: np.ndarray) -> np.ndarray:
        C = implied(cells, theta).C[np.ix_(at, at)]
        s = np.sqrt(np.diag(C))
        return (C / np.outer(s, s))[upper]

    r, J = correlations(fit.theta), fit.numerical_jacobian(correlations)
    V = J @ fit.vcov() @ J.T
    rows = [
        {"table": "construct_correlations", "term": a, "group": b, "quantity": "correlation", "estimate": r[i]}
        | {"se": np.sqrt(V[i, i])}
        for i, (a, b) in enumerate(pairs)
    ]
    rows += [
        {"table": "correlation_errors", "term": _named(pairs[i]), "group": _named(pairs[j]), "quantity": "covariance"}
        | {"estimate": V[i, j]}
        for i in range(len(pairs))
        for j in range(i, len(pairs))
    ]
    return results.rows(rows, model=model.spec, n=fit.n)


def _named(pair: tuple[str, str]) -> str:
    return " ~~ ".join(pair)
