r"""T-size: how bad the fit may be at most, by an equivalence test.

A test that does not reject the model supports it no more than a small sample does. Turned round, the misfit that the
data reject is bounded: the T-size RMSEA is the least that a one-sided test at level α can exclude, the T-size CFI the
same for both of its parts at α / 2. Both come from noncentralities δ of the two statistics with
:math:`P(\chi^2_{df}(\delta) \le T) = \alpha` (Yuan, Chan, Marcoulides & Bentler 2016,
https://doi.org/10.1080/10705511.2015.1065414; Marcoulides & Yuan 2017, https://doi.org/10.1080/10705511.2016.1225260),
solved exactly here. The T-size RMSEA is the upper end of its interval of confidence 1 − 2α.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.choices import choices
from models.sem.inference.estimated import Estimated
from models.sem.inference.fit_indices import corrections
from models.statistics.distributions import noncentrality


@dataclass(frozen=True)
class TSize:
    """The worst fit that the data do not exclude: with confidence 1 − α RMSEA is at most, CFI at least, this."""

    rmsea: float
    cfi: float


def t_size(fit: Estimated, alpha: float = choices.alpha) -> TSize:
    """Return the T-size RMSEA and CFI of a fit, of the robust indices where it has them.

    Parameters
    ----------
    fit : Fit
        Of any estimator; with several groups RMSEA is that of Steiger (1998).
    alpha : float
        Level of the test.

    Returns
    -------
    TSize
        NaN without degrees of freedom.

    Examples
    --------
    >>> from models import sem
    >>> text = "F =~ 0.8*a + 0.7*b + 0.6*c + 0.7*d"
    >>> fit = sem.fit("F =~ a + b + c + d", sem.simulate(text, 300, seed=1))
    >>> found = sem.t_size(fit)
    >>> found.rmsea == fit.fit_indices()["rmsea_ci_upper"], found.cfi < fit.fit_indices()["cfi"]
    (True, True)
    """
    if fit.df == 0:
        return TSize(np.nan, np.nan)
    model, baseline = corrections(fit)
    likelihood, groups = fit.task.discrepancy == "ML", len(fit.task.sample.groups)
    n = fit.n if likelihood else fit.n - groups
    at_most = model.interval_scaling * noncentrality(model.scaled, model.df, alpha)
    misfit = model.interval_scaling * noncentrality(model.scaled, model.df, alpha / 2)
    least = baseline.interval_scaling * noncentrality(baseline.scaled, baseline.df, 1 - alpha / 2)
    cfi = 1.0 if misfit == 0 else 1 - misfit / max(misfit, least)
    return TSize(float(np.sqrt(at_most * groups / (n * fit.df))), float(cfi))
