"""How far trends would have to part after the start, beside how far they part before it, for an effect to vanish."""

from __future__ import annotations

import numpy as np

from models.choices import choices
from models.statistics.distributions import normal_quantile


def breakdown(effect: float, steps: np.ndarray, cov: np.ndarray, reach: float) -> float:
    r"""Largest :math:`\bar M` at which an effect is still told from zero.

    Parameters
    ----------
    effect : float
        The estimated effect.
    steps : (K,) array
        Differences of neighbouring leads: how far the trends part from one period to the next before the start.
    cov : (K + 1, K + 1) array
        Covariance of the effect, first, and the steps.
    reach : float
        Periods over which the trends may part until the effect is measured; one for the first period.

    Returns
    -------
    float
        0 where the effect is not told from zero even if trends are parallel, infinite where no :math:`\bar M` is large
        enough, NaN without steps.

    Notes
    -----
    Relative magnitudes of Rambachan & Roth (2023), doi:10.1093/restud/rdad018: from one period to the next, trends part
    after the start by at most :math:`\bar M` times the largest step before it. Zero then is in the identified set where
    :math:`\beta \pm \bar M r d_k \le 0` for any step :math:`d_k` and either sign (:math:`\beta > 0`), a union of
    half-spaces; the effect is told from zero where each of them is rejected at half of `choices.alpha`, a test of that
    level whatever the steps (Berger 1982, doi:10.1080/00401706.1982.10487790). Each limit solves a quadratic.

    Examples
    --------
    >>> import numpy as np
    >>> from models.panel.estimators.breakdown import breakdown
    >>> round(breakdown(3.0, np.array([1.0]), np.diag([1e-8, 1e-8]), reach=1), 2)
    3.0
    """
    if not len(steps):
        return float("nan")
    z2 = normal_quantile(1 - choices.alpha / 2) ** 2
    beta, sign = abs(effect), np.sign(effect)
    if beta**2 <= z2 * cov[0, 0]:
        return 0.0
    found = [float("inf")]
    for k, step in enumerate(steps, 1):
        for c in (reach, -reach):
            a = c**2 * (step**2 - z2 * cov[k, k])
            b = 2 * c * (beta * step - z2 * sign * cov[0, k])
            roots = np.roots([a, b, beta**2 - z2 * cov[0, 0]])
            found += [float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > 0]
    return min(found)
