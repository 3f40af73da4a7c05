"""Residuals of the moments of ordinal answers: thresholds and correlations, means and covariances of other items."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.sem.inference.estimated import Estimated
from models.sem.inference.ordinal_robust import ordinal_spaces
from models.sem.inference.robust import bread
from models.sem.model.matrices import implied
from models.sem.objective.ordinal_objective import OrdinalGroup


def ordinal_residuals(fit: Estimated, kind: str) -> pd.DataFrame:
    r"""Return one row a moment and group.

    Parameters
    ----------
    kind
        ``"raw"``; ``"cor"``, the same in the metric of correlations; ``"normalized"``, divided by the standard error
        of the sample moment; ``"standardized"``, divided by that of the residual.

    Notes
    -----
    The asymptotic covariance of the residuals of a group with share s is
    :math:`\Gamma - sP\Gamma - s\Gamma P' + s\Delta V\Delta'` with :math:`P = \Delta B \Delta'W`, B the bread and V the
    robust covariance matrix of the parameters.
    """
    spaces = list(ordinal_spaces(fit.task, fit.theta))
    inverse = bread(fit.information, fit.basis)
    middle = np.zeros_like(inverse)
    for space in spaces:
        weighted = space.weights[:, None] * space.delta
        middle += space.share * weighted.T @ space.gamma @ weighted
    frames = []
    parts = zip(fit.task.structure.groups, fit.task.sample.groups, fit.task.objective.groups, spaces, strict=True)
    for cells, group, function, space in parts:
        assert isinstance(function, OrdinalGroup)
        keys = function.sample.keys(fit.task.sample.names)
        values = function.sample.observed - function.moments(implied(cells, fit.theta))
        if kind == "cor":
            spread = dict(zip(fit.task.sample.names, np.sqrt(np.diag(group.cov)), strict=True))
            values = values / [spread[lhs] * (spread[rhs] if op == "~~" else 1.0) for lhs, op, rhs in keys]
        elif kind != "raw":
            variance = np.diag(space.gamma)
            if kind == "standardized":
                effect = space.delta @ inverse @ (space.delta * space.weights[:, None]).T
                own = space.share * space.delta @ inverse @ middle @ inverse @ space.delta.T
                variance = variance - 2 * space.share * np.sum(effect * space.gamma, axis=1) + np.diag(own)
            known = variance > 1e-10 * np.diag(space.gamma)
            errors = np.sqrt(np.where(known, variance, np.nan) / group.n)
            values = np.where(np.abs(values) < 1e-9, 0.0, values / errors)
        frame = pd.DataFrame(keys, columns=["lhs", "op", "rhs"])
        frame["group"], frame["residual"] = group.label, values
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
