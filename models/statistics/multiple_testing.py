"""Corrections of p-values for the number of tests."""

from __future__ import annotations

import numpy as np


def holm(pvalues: np.ndarray) -> np.ndarray:
    """Return step-down adjusted p-values.

    Parameters
    ----------
    pvalues : ndarray (m,)
        P-values of one family of tests.

    Returns
    -------
    ndarray (m,)
        Adjusted p-values, in the given order.

    Notes
    -----
    Holm (1979), https://doi.org/10.2307/4615733.

    Examples
    --------
    >>> import numpy as np
    >>> from models import panel
    >>> panel.holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(pvalues)
    steps = pvalues[order] * np.arange(len(pvalues), 0, -1)
    adjusted = np.empty_like(pvalues)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
