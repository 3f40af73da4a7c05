"""One effect over several data sets: random effects, how far the sets differ, and what a further set would show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from models.choices import choices
from models.messages.summary import Summarised
from models.synthesis import heterogeneity


@dataclass(frozen=True, repr=False)
class RandomEffects(Summarised):
    """The mean of effects that differ between data sets.

    Attributes
    ----------
    estimate, se, statistic, df, pvalue, ci_lower, ci_upper : float
        The mean effect with the standard error of Hartung & Knapp and Sidik & Jonkman, on t with k − 1 degrees of
        freedom.
    tau2, tau2_lower, tau2_upper : float
        Between-set variance (REML) and its Q-profile interval.
    i2, h2 : float
        Share of the variance that is between sets, in percent, and its ratio to the sampling variance.
    q, q_df, q_pvalue : float
        Cochran's test that all sets have the same effect.
    prediction_lower, prediction_upper : float
        Where the effect of a further set is expected: mean ± t(k − 1) √(se² + τ²).
    k : int
        Number of effects.
    """

    estimate: float
    se: float
    statistic: float
    df: int
    pvalue: float
    ci_lower: float
    ci_upper: float
    tau2: float
    tau2_lower: float
    tau2_upper: float
    i2: float
    h2: float
    q: float
    q_df: int
    q_pvalue: float
    prediction_lower: float
    prediction_upper: float
    k: int

    def tidy(self) -> pd.DataFrame:
        """Tabulate the mean.

        Returns
        -------
        DataFrame
            ``term est se statistic df pvalue ci_lower ci_upper prediction_lower prediction_upper``, one row.
        """
        names = ("se", "statistic", "df", "pvalue", "ci_lower", "ci_upper", "prediction_lower", "prediction_upper")
        return pd.DataFrame([{"term": "mean", "est": self.estimate} | {name: getattr(self, name) for name in names}])

    def glance(self) -> pd.DataFrame:
        """Tabulate how much the effects differ.

        Returns
        -------
        DataFrame
            ``k tau2 tau2_lower tau2_upper i2 h2 q q_df q_pvalue``, one row.
        """
        names = ("k", "tau2", "tau2_lower", "tau2_upper", "i2", "h2", "q", "q_df", "q_pvalue")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])


def random_effects(
    estimates: np.ndarray,
    variances: np.ndarray,
    *,
    level: float = choices.confidence,
    conservative: bool = choices.synthesis_errors == "conservative",
) -> RandomEffects:
    r"""Pool effects by random effects with the adjustment of Hartung and Knapp.

    :math:`\hat\mu = \sum w_i y_i / \sum w_i` with :math:`w_i = 1 / (v_i + \hat\tau^2)`, τ² by restricted maximum
    likelihood, and :math:`se^2 = \frac{q}{\sum w_i}`, :math:`q = \frac{1}{k - 1} \sum w_i (y_i - \hat\mu)^2`.

    Parameters
    ----------
    estimates : ndarray (k,)
        Effects, one a data set, in the same units.
    variances : ndarray (k,)
        Their squared standard errors.
    level : float
        Coverage of the intervals.
    conservative : bool
        Never a smaller standard error than without the adjustment (q at least 1), which matters where sets are few and
        agree by chance (Röver, Knapp & Friede 2015, https://doi.org/10.1186/s12874-015-0091-1).

    Returns
    -------
    RandomEffects
        The mean with its test and intervals, and how much the effects differ between data sets.

    Raises
    ------
    SynthesisError
        For fewer than two effects, variances that are not positive, or a level that is no share.

    Notes
    -----
    Hartung & Knapp (2001), https://doi.org/10.1002/sim.791; prediction interval: Higgins, Thompson & Spiegelhalter
    (2009), https://doi.org/10.1111/j.1467-985X.2008.00552.x, with k − 1 degrees of freedom as metafor has them.

    Examples
    --------
    >>> from models import synthesis
    >>> pooled = synthesis.random_effects([0.21, 0.35, 0.12, 0.44], [0.010, 0.008, 0.012, 0.020])
    >>> round(pooled.estimate, 3), round(pooled.i2, 1)
    (0.271, 29.9)
    """
    y, v = heterogeneity.checked(estimates, variances, least=2)
    heterogeneity.check_level(level)
    X = np.ones((len(y), 1))
    tau2 = heterogeneity.restricted_likelihood(y, v, X)
    at = heterogeneity.weighted(y, v, X, tau2)
    df = len(y) - 1
    se = np.sqrt(at.covariance[0, 0] * adjustment(at.q, df, conservative))
    mean = float(at.coefficients[0])
    reach = float(stdtrit(df, (1 + level) / 2))
    lower, upper = heterogeneity.q_profile(y, v, X, level)
    q, q_df, q_pvalue = heterogeneity.cochran(y, v, X)
    typical = heterogeneity.typical_variance(v, X)
    spread = np.sqrt(se**2 + tau2)
    return RandomEffects(
        estimate=mean,
        se=float(se),
        statistic=float(mean / se),
        df=df,
        pvalue=float(2 * stdtr(df, -abs(mean / se))),
        ci_lower=float(mean - reach * se),
        ci_upper=float(mean + reach * se),
        tau2=tau2,
        tau2_lower=lower,
        tau2_upper=upper,
        i2=100 * tau2 / (tau2 + typical),
        h2=(tau2 + typical) / typical,
        q=q,
        q_df=q_df,
        q_pvalue=q_pvalue,
        prediction_lower=float(mean - reach * spread),
        prediction_upper=float(mean + reach * spread),
        k=len(y),
    )


def adjustment(q: float, df: int, conservative: bool) -> float:
    """Return what the squared standard errors are multiplied with: Q(τ²) over its degrees of freedom, or at least 1."""
    return max(1.0, q / df) if conservative else q / df
