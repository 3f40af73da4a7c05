r"""What each respondent moves, to first order: the jackknife of large samples without its refits.

One step from the solution without respondent i is :math:`\hat\theta - H^{-1} s_i / N`, with the casewise score
:math:`s_i` and the Hessian H of one respondent; what a further step would add is of order 1 / N² (Efron 1987, section
6, https://doi.org/10.1080/01621459.1987.10478410, takes the acceleration from these influences).
"""

from __future__ import annotations

from typing import get_args

import numpy as np

from models.remarks import remark
from models.sem.arguments import choice
from models.sem.errors import ArgumentError, LikelihoodError
from models.sem.inference.estimated import Estimated
from models.sem.inference.scores import casewise_scores
from models.sem.options import Drawn
from models.sem.resampling.resample import Pools, pools


def serves(fit: Estimated) -> bool:
    """Return whether respondents move a fit through its scores alone: maximum likelihood, no fixed covariates."""
    task = fit.task
    return task.discrepancy == "ML" and not task.constraints.nonlinear and not task.fixed_covariates


def without_each(fit: Estimated, drawn: Pools, quantity: Drawn) -> list[np.ndarray]:
    """Return the values of all rows and defined parameters without each unit, an array a pool (units, rows)."""
    task = fit.task
    K = task.constraints.K
    inverse = K @ np.linalg.pinv(K.T @ task.objective.hessian(fit.theta, exact=True) @ K, hermitian=True) @ K.T
    moved = [np.zeros((size, len(fit.theta))) for size in drawn.sizes]
    scores = casewise_scores(task, fit.theta)
    for pool, unit, cells, block in zip(drawn.pool, drawn.unit, task.structure.groups, scores, strict=True):
        np.add.at(moved[pool], unit, block @ inverse[cells.theta] / task.n)
    slopes = fit.slopes(quantity)[1].T
    return [-change @ slopes for change in moved]


def influences(fit: Estimated, quantity: Drawn = "est") -> np.ndarray:
    """Return how all rows and defined parameters change without each respondent, to first order.

    Parameters
    ----------
    fit : Fit
        By maximum likelihood, from answers.
    quantity : {"est", "std_lv", "std_all"}
        Raw estimates or standardised ones.

    Returns
    -------
    ndarray
        Estimate without the respondent less estimate with him or her (n, rows).

    Raises
    ------
    LikelihoodError
        For a fit by another estimator.
    ArgumentError
        An unknown quantity, or a fit of another kind: ordered answers, fixed covariates, nonlinear constraints, moments
        without answers.

    Notes
    -----
    One Newton step from the solution (Cook & Weisberg 1982, Residuals and Influence in Regression). Changes of several
    respondents add up, as long as they are few.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import sem
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame({"x": rng.normal(size=100)})
    >>> answers["y"] = 0.5 * answers["x"] + rng.normal(size=100)
    >>> found = sem.fit("y ~ x", answers, fixed_x=False)
    >>> sem.influences(found)[:2, 0].round(4).tolist()
    [0.0033, -0.0119]
    """
    choice("quantity", quantity, get_args(Drawn))
    sample = fit.task.sample
    if fit.task.discrepancy != "ML" and not sample.is_ordinal:
        raise LikelihoodError(
            remark("influences_of_likelihood", estimator=fit.settings.estimator), "Fit the model with 'ML' or 'MLR'."
        )
    if not serves(fit) or sample.is_ordinal or any(group.data is None for group in sample.groups):
        raise ArgumentError("First-order influences need continuous answers, without fixed covariates or constraints.")
    return np.vstack(without_each(fit, pools(sample, "stratified"), quantity))
