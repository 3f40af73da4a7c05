r"""Factor scores by regression and by Bartlett's method.

Thurstone (1935); Bartlett (1937), https://doi.org/10.1111/j.2044-8295.1937.tb00863.x.

With C the implied covariance of factors and answers, the regression scores are :math:`\eta + C \Sigma^{-1}(x - \mu)`.
Bartlett's are :math:`(\Lambda'\Sigma^{-1}\Lambda)^{-1}\Lambda'\Sigma^{-1}(x - \nu)`, where Σ may stand for Θ. Missing
answers drop out of Σ.
"""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from models.sem.arguments import choice
from models.sem.errors import NotAvailableError
from models.sem.inference.estimated import Estimated
from models.sem.model.matrices import Implied, implied
from models.sem.options import Scores


def factor_scores(fit: Estimated, method: Scores = "regression") -> pd.DataFrame:
    """Return one row a respondent, with its position in the data, and one column a factor.

    Bartlett's score of a factor is missing (NaN) for a respondent who answered none of its items.
    """
    choice("method", method, get_args(Scores))
    latent = fit.table.variables.latent
    if not latent:
        raise NotAvailableError("The model has no factor, so there are no factor scores.")
    if fit.task.sample.is_ordinal:
        raise NotAvailableError(
            "Factor scores of ordered items are not available: these formulas need continuous answers. Fit the items "
            "as continuous (ordered=()) with estimator='MLR' for scores."
        )
    frames = []
    for cells, group in zip(fit.task.structure.groups, fit.task.sample.groups, strict=True):
        if group.data is None:
            raise NotAvailableError("Factor scores need answers; the model was fitted to moments.")
        state = implied(cells, fit.theta)
        sample = group.patterns
        scores = np.empty((len(group.data), len(latent)))
        for k, answered in enumerate(sample.observed):
            rows = slice(sample.slices[k], sample.slices[k + 1])
            weights, centre = _weights(state, answered, method, latent)
            center_x = state.mu if fit.task.structure.meanstructure else group.mean
            scores[sample.order[rows]] = centre + (sample.x[rows] - center_x)[:, answered] @ weights.T
        frame = pd.DataFrame(scores, columns=list(latent))
        frame.insert(0, "group", group.label)
        frame.insert(0, "row", group.rows)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True).sort_values("row", ignore_index=True)


def _weights(
    state: Implied, answered: np.ndarray, method: str, latent: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (m, answered) on x − μ, and the scores' centre (m,)."""
    p = len(state.mu)
    eta = state.eta[p:]
    if method == "regression":
        covariance = state.C[p:, :p][:, answered]
        return np.linalg.solve(state.sigma[np.ix_(answered, answered)], covariance.T).T, eta
    reduced = np.linalg.inv(np.eye(p) - state.A[:p, :p])
    loadings = reduced @ state.A[:p, p:]
    empty = [name for name, column in zip(latent, loadings.T, strict=True) if not column.any()]
    if empty:
        raise NotAvailableError(
            f"Bartlett scores do not exist for {', '.join(empty)}: no item measures it directly. Use "
            f"method='regression'."
        )
    measured = answered & loadings.any(axis=1)
    known = loadings[measured].any(axis=0)
    Lambda = loadings[np.ix_(measured, known)]
    precision = np.linalg.solve(state.sigma[np.ix_(measured, measured)], Lambda)
    weights = np.full((len(latent), int(answered.sum())), np.nan)
    weights[known] = 0.0
    weights[np.ix_(known, measured[answered])] = np.linalg.solve(Lambda.T @ precision, precision.T)
    return weights, eta
