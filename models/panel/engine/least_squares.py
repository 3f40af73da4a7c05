"""Least squares on transformed rows with the covariance estimators of linearmodels.

Its models arrive at the same numbers by way of labelled frames and of measures of fit that nobody asks them for; these
take four fifths of their time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from linearmodels.panel.covariance import (
    ClusteredCovariance,
    DriscollKraay,
    HeteroskedasticCovariance,
    HomoskedasticCovariance,
)

from models.panel.engine.conventions import CONVENTIONS
from models.panel.engine.design import FloatArray
from models.panel.engine.keys import IntArray

# Conventions that count no effects: what is taken out of the rows before does not matter to them.
UNCOUNTED = ("stata", "hc0", "hc1", "driscoll-kraay")


def least_squares(
    y: FloatArray, x: FloatArray, clusters: IntArray, period: IntArray, se_type: str, bandwidth: int
) -> tuple[FloatArray, FloatArray]:
    """Return slopes (k,) and their covariance (k, k).

    Parameters
    ----------
    y, x : ndarray (M,), ndarray (M, k)
        Rows from which the effects are taken out.
    clusters : ndarray (M, 0…2)
        Codes; without a column errors are robust to heteroskedasticity alone.
    period : ndarray (M,)
        Number of the period of each row, for Driscoll–Kraay errors.
    se_type : str
        One of `UNCOUNTED`.
    bandwidth : int
        Lags of the Driscoll–Kraay kernel.

    Raises
    ------
    ValueError
        No residual degrees of freedom, or a bandwidth beyond the periods.
    """
    params = np.linalg.lstsq(x, y[:, None], rcond=None)[0].astype(float)
    options: dict[str, Any] = dict(CONVENTIONS[se_type].options)
    rows = y[:, None], x, params, np.arange(len(y))[:, None], period[:, None]
    found: HomoskedasticCovariance
    if se_type == "driscoll-kraay":
        found = DriscollKraay(*rows, kernel="bartlett", bandwidth=bandwidth, **options)
    elif clusters.shape[1] == 0:
        found = HeteroskedasticCovariance(*rows, debiased=options["debiased"])
    else:
        found = ClusteredCovariance(*rows, clusters=clusters, **options)
    return params[:, 0], np.asarray(found.cov, dtype=float)
