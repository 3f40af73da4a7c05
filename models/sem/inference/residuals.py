"""Residuals: what the sample moments have and the implied ones do not."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from models.sem.arguments import choice
from models.sem.errors import NotAvailableError
from models.sem.inference.estimated import Estimated
from models.sem.inference.ordinal_residuals import ordinal_residuals
from models.sem.inference.robust import bread
from models.sem.inference.unrestricted import moment_spaces
from models.sem.model.matrices import implied
from models.sem.options import Residual


def residuals(fit: Estimated, kind: Residual = "raw") -> pd.DataFrame:
    r"""Return one row a moment and group.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    kind : {"raw", "cor", "normalized", "standardized"}
        ``"raw"``; ``"cor"``, divided by the sample standard deviations (Bentler 1995); ``"normalized"``, divided by
        the standard error of the sample moment; ``"standardized"``, divided by that of the residual: about standard
        normal in a true model (Jöreskog & Sörbom 1981; Maydeu-Olivares 2017,
        https://doi.org/10.1080/10705511.2016.1269606).

    Returns
    -------
    DataFrame
        ``lhs op rhs group residual``.

    Raises
    ------
    ArgumentError
        An unknown kind.
    NotAvailableError
        A kind that the estimator does not give.

    Notes
    -----
    With :math:`\Gamma` the asymptotic covariance of the sample moments, :math:`A` the expected information at the
    implied ones and :math:`Q = I - \Delta (\Delta'A\Delta)^{-1} \Delta'A`, that of the residuals is
    :math:`Q \Gamma Q'`.
    """
    choice("kind", kind, get_args(Residual))
    if fit.task.sample.is_ordinal:
        return ordinal_residuals(fit, kind)
    if kind in ("normalized", "standardized") and fit.task.discrepancy != "ML":
        raise NotAvailableError(f"{kind.capitalize()} residuals need maximum likelihood; use kind='cor'.")
    frames = []
    matrices, sample = fit.task.structure, fit.task.sample
    errors = _errors(fit, kind) if kind in ("normalized", "standardized") else None
    for g, (cells, group) in enumerate(zip(matrices.groups, sample.groups, strict=True)):
        state = implied(cells, fit.theta)
        i, j = np.tril_indices(len(group.cov))
        values = (group.cov - state.sigma)[i, j]
        means = group.mean - state.mu
        spread = np.sqrt(np.diag(group.cov))
        if kind == "cor":
            values, means = values / (spread[i] * spread[j]), means / spread
        names = [(sample.names[b], "~~", sample.names[a]) for a, b in zip(i, j, strict=True)]
        if matrices.meanstructure:
            names += [(name, "~1", "") for name in sample.names]
            values = np.concatenate([values, means])
        if errors is not None:
            tiny = np.abs(values) < 1e-9 * np.concatenate([spread[i] * spread[j], spread])[: len(values)]
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(tiny, 0.0, values / errors[g][: len(values)])
        frame = pd.DataFrame(names, columns=["lhs", "op", "rhs"])
        frame["group"], frame["residual"] = group.label, values
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _errors(fit: Estimated, kind: str) -> list[np.ndarray]:
    """Return standard errors of (vech Σ, μ) residuals a group; NaN for moments that are fixed or not modelled."""
    spaces = list(moment_spaces(fit.task, fit.theta))
    weights = []
    for cells, space in zip(fit.task.structure.groups, spaces, strict=True):
        at = implied(cells, fit.theta)
        mean = at.mu if fit.table.options.meanstructure else space.group.mean
        weights.append(space.information(mean, at.sigma, exact=fit.settings.information == "observed"))
    parts = zip(spaces, weights, strict=True)
    inverse = bread(sum(s.weight * s.delta.T @ A @ s.delta for s, A in parts), fit.basis)  # type: ignore[arg-type]
    result = []
    for space, weight in zip(spaces, weights, strict=True):
        gamma = np.linalg.inv(space.information(space.group.mean, space.group.cov, exact=True))
        if fit.settings.se != "standard":
            scores = space.scores()
            gamma = gamma @ (scores.T @ scores / space.group.n) @ gamma
        if kind == "standardized":
            projection = np.eye(len(gamma)) - space.weight * space.delta @ inverse @ space.delta.T @ weight
            gamma = projection @ gamma @ projection.T
        p = len(space.group.mean)
        variance = np.full(len(space.keep), np.nan)
        variance[space.keep] = np.where(np.diag(gamma) > 0, np.diag(gamma), np.nan) / space.group.n
        result.append(np.sqrt(np.concatenate([variance[p:], variance[:p]])))
    return result


def r_squared(fit: Estimated) -> pd.DataFrame:
    """Return the explained share of variance of every endogenous variable: 1 − residual / implied variance."""
    rows = []
    table, matrices = fit.table, fit.task.structure
    targets = {row.rhs for row in table.rows if row.op == "=~"} | {row.lhs for row in table.rows if row.op == "~"}
    for group, cells in zip(fit.task.sample.groups, matrices.groups, strict=True):
        state = implied(cells, fit.theta)
        for i, name in enumerate(matrices.names):
            if name in targets:
                rows.append((name, group.label, 1 - state.S[i, i] / state.C[i, i]))
    return pd.DataFrame(rows, columns=["variable", "group", "r_squared"])
