r"""Draws in which a restricted model is true, for a test of the restriction in a wider model.

Answers are transformed so that the restricted model holds in them exactly (`as_if_true`), the wider model is fitted to
them, and refitted to resamples of their respondents (Bollen & Stine 1992,
https://doi.org/10.1177/0049124192021002004; incomplete answers: Savalei & Yuan 2009,
https://doi.org/10.1080/00273170903333590).
"""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from models.sem.arguments import choice
from models.sem.errors import ArgumentError
from models.sem.inference.estimated import Estimated
from models.sem.options import Drawn
from models.sem.resampling.refit import refit_all, replicate_values
from models.sem.resampling.resample import as_if_true


def true_answers(fit: Estimated) -> pd.DataFrame:
    """Return the answers that a model was fitted to, transformed so that it holds in them exactly.

    Parameters
    ----------
    fit : Estimated
        A model of one group, fitted to continuous answers.

    Returns
    -------
    DataFrame
        A column a variable, a row a respondent, gaps where they were; the index holds the positions of the respondents
        in the data of the fit.

    Raises
    ------
    ArgumentError
        For ordered categories, several groups, or a model that was fitted to moments.

    Examples
    --------
    >>> from models import sem
    >>> answers = sem.simulate("y ~ 0.5*x; x ~~ 1*x; y ~~ 1*y", 100, seed=1)
    >>> zero = sem.true_answers(sem.fit("y ~ 0*x", answers, fixed_x=False))
    >>> abs(float(zero.corr().loc["x", "y"])) < 1e-10
    True
    """
    sample = fit.task.sample
    if sample.kind == "ordinal" or len(sample.groups) > 1 or sample.groups[0].data is None:
        raise ArgumentError(
            "Answers are transformed of one group, continuous, and not of moments: fit one to a data frame."
        )
    changed = as_if_true(fit.task, fit.theta).groups[0]
    return pd.DataFrame(changed.data, index=changed.rows, columns=list(sample.names))


def resampled(fit: Estimated, counts: np.ndarray, quantity: Drawn = "est", threads: int = 1) -> np.ndarray:
    """Values of all rows and defined parameters in resamples of the respondents of a fit of one group.

    Parameters
    ----------
    fit : Estimated
        The model as fitted.
    counts : ndarray
        How often each respondent is in each resample (B, n), in the order of the fitted sample.
    quantity : {"est", "std_lv", "std_all"}
        Raw estimates or standardised ones.
    threads : int
        Of the refits.

    Returns
    -------
    ndarray
        (B, rows); NaN where no minimum was found.

    Raises
    ------
    ArgumentError
        An unknown quantity, or counts that are not of the respondents of the fit.

    Examples
    --------
    >>> import numpy as np
    >>> from models import sem
    >>> fitted = sem.fit("y ~ x", sem.simulate("y ~ 0.5*x; x ~~ 1*x; y ~~ 1*y", 100, seed=1))
    >>> everybody_once = np.ones((1, 100), dtype=int)
    >>> bool(abs(sem.resampled(fitted, everybody_once)[0, 0] - fitted.tidy()["est"][0]) < 1e-8)
    True
    """
    choice("quantity", quantity, get_args(Drawn))
    if counts.ndim != 2 or counts.shape[1] != fit.n:
        raise ArgumentError(
            f"counts of shape {counts.shape} must have a row a resample, a column each of {fit.n} respondents."
        )
    found = refit_all(fit.task, fit.theta, [[counts]], threads, "auto")
    values = np.full((len(counts), len(fit.names())), np.nan)
    values[found.converged] = replicate_values(fit, found.only(found.converged), (quantity,))[quantity]
    return values
