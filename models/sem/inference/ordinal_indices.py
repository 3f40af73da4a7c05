r"""Robust fit indices for ordinal answers (Savalei 2021, https://doi.org/10.1080/00273171.2020.1717922).

The indices that continuous answers would have are estimated by the normal-theory discrepancy between polychoric and
implied correlations, :math:`T = n F_{ML}(R, P(\hat\theta))`. To second order it is :math:`n\,e'Ae` in the residuals e,
so its mean in a true model is :math:`c\,df = \mathrm{tr}(A Q \Gamma Q')` with
:math:`Q = I - \Delta(\Delta'W\Delta)^{-1}\Delta'W`.
"""

from __future__ import annotations

import numpy as np

from models.sem.inference.estimated import Estimated
from models.sem.inference.ordinal_robust import ordinal_spaces
from models.sem.inference.robust import bread
from models.sem.inference.robust_indices import Corrected
from models.sem.model.linear_algebra import cholesky, inverse
from models.sem.model.matrices import implied


def categorical(fit: Estimated) -> Corrected | None:
    """Return T and c of a fit, or None where they are not defined: several groups, continuous items, no df."""
    groups = fit.task.sample.groups
    moments = groups[0].ordinal
    if moments is None or len(groups) > 1 or not moments.ordinal.all() or fit.df == 0:
        return None
    state = implied(fit.task.structure.groups[0], fit.theta)
    if cholesky(state.sigma) is None or cholesky(moments.cov) is None:
        return None
    inverse_p = inverse(state.sigma)
    logdet = np.linalg.slogdet(state.sigma)[1] - np.linalg.slogdet(moments.cov)[1]
    statistic = groups[0].n * float(logdet + np.sum(inverse_p * moments.cov) - len(inverse_p))
    i, j = moments.pairs
    A = inverse_p[np.ix_(i, i)] * inverse_p[np.ix_(j, j)] + inverse_p[np.ix_(i, j)] * inverse_p[np.ix_(j, i)]
    space = next(ordinal_spaces(fit.task, fit.theta))
    weighted = space.weights[:, None] * space.delta
    solve = bread(space.delta.T @ weighted, fit.basis) @ weighted.T
    pairs = slice(len(moments.owner), None)
    delta, spread = space.delta[pairs], solve @ space.gamma
    lost = 2 * np.sum((A @ delta) * spread[:, pairs].T) - np.sum((delta.T @ A @ delta) * (spread @ solve.T))
    scaling = float(np.sum(A * space.gamma[pairs, pairs]) - lost) / fit.df
    return Corrected(statistic, fit.df, scaling, statistic / scaling, scaling)
