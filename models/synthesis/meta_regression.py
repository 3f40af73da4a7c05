"""Do effects differ with what the data sets are: a meta-regression on platform type, culture, age or measure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc, stdtr, stdtrit

from models.choices import choices
from models.messages.summary import Summarised
from models.remarks import remark
from models.statistics.wald import quadratic
from models.synthesis import heterogeneity
from models.synthesis.errors import SynthesisError
from models.synthesis.pooling import adjustment


@dataclass(frozen=True, eq=False, repr=False)
class Moderated(Summarised):
    """A meta-regression.

    Attributes
    ----------
    terms : tuple of str
        `intercept`, numbers by their name, levels as `name[level]` against the first level.
    estimate, se, pvalue, ci_lower, ci_upper : ndarray (p,)
    tau2 : float
        Between-set variance that the moderators leave.
    statistic, df, df2, pvalue_all
        F test that no moderator matters.
    """

    terms: tuple[str, ...]
    estimate: np.ndarray
    se: np.ndarray
    pvalue: np.ndarray
    ci_lower: np.ndarray
    ci_upper: np.ndarray
    tau2: float
    statistic: float
    df: int
    df2: int
    pvalue_all: float

    def tidy(self) -> pd.DataFrame:
        """Tabulate the coefficients.

        Returns
        -------
        DataFrame
            ``term est se statistic pvalue ci_lower ci_upper``, one row a term.
        """
        table = pd.DataFrame({"term": self.terms, "est": self.estimate, "se": self.se})
        table["statistic"] = table["est"] / table["se"]
        return table.assign(pvalue=self.pvalue, ci_lower=self.ci_lower, ci_upper=self.ci_upper)

    def glance(self) -> pd.DataFrame:
        """Tabulate the model in one row.

        Returns
        -------
        DataFrame
            ``k tau2 statistic df df2 pvalue``: effects, what the moderators leave, the F test of all moderators.
        """
        row = {"k": self.df + self.df2 + 1, "tau2": self.tau2, "statistic": self.statistic}
        return pd.DataFrame([row | {"df": self.df, "df2": self.df2, "pvalue": self.pvalue_all}])


def moderators(
    estimates: np.ndarray,
    variances: np.ndarray,
    sets: pd.DataFrame,
    *,
    level: float = choices.confidence,
    conservative: bool = choices.synthesis_errors == "conservative",
) -> Moderated:
    """Regress effects on attributes of their data sets, τ² by REML, standard errors after Hartung and Knapp.

    Parameters
    ----------
    estimates, variances : ndarray (k,)
        Effects and their squared standard errors.
    sets : DataFrame (k rows)
        One column a moderator; texts are levels, numbers are slopes.
    level : float
        Coverage of the intervals.
    conservative : bool
        As in `random_effects`.

    Returns
    -------
    Moderated
        A coefficient a term, their joint F test, and the variance between sets that is left.

    Raises
    ------
    SynthesisError
        When there are no more effects than terms, a moderator has one value only, or moderators say the same.

    Notes
    -----
    Knapp & Hartung (2003), https://doi.org/10.1002/sim.1482.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import synthesis
    >>> years = pd.DataFrame({"year": [0, 1, 2, 3, 4]})
    >>> found = synthesis.moderators([0.1, 0.22, 0.28, 0.41, 0.5], [0.01] * 5, years)
    >>> found.tidy()[["term", "est", "se"]].round(3)
            term    est     se
    0  intercept  0.104  0.077
    1       year  0.099  0.032
    """
    y, v = heterogeneity.checked(estimates, variances, least=3)
    heterogeneity.check_of_each("rows of moderators", len(sets), len(y))
    heterogeneity.check_level(level)
    if unknown := [str(name) for name in sets if sets[name].isna().any()]:
        raise SynthesisError(f"{unknown[0]!r} has no value for some effects; leave these effects out, or the moderator")
    X, terms = _design(sets)
    if len(y) <= X.shape[1]:
        raise SynthesisError(remark("terms_for_effects", n=len(y), terms=X.shape[1]))
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise SynthesisError(remark("moderators_say_the_same"))
    tau2 = heterogeneity.restricted_likelihood(y, v, X)
    at = heterogeneity.weighted(y, v, X, tau2)
    df2 = len(y) - X.shape[1]
    covariance = at.covariance * adjustment(at.q, df2, conservative)
    se = np.sqrt(np.diag(covariance))
    reach = stdtrit(df2, (1 + level) / 2) * se
    b = at.coefficients
    df = X.shape[1] - 1
    together = quadratic(b[1:], covariance[1:, 1:])
    if together is None:
        raise SynthesisError(remark("moderators_say_the_same"))
    F = together / df if df else np.nan
    return Moderated(
        terms=terms,
        estimate=b,
        se=se,
        pvalue=2 * stdtr(df2, -np.abs(b / se)),
        ci_lower=b - reach,
        ci_upper=b + reach,
        tau2=tau2,
        statistic=F,
        df=df,
        df2=df2,
        pvalue_all=float(fdtrc(df, df2, F)),
    )


def _design(sets: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...]]:
    columns, terms = [np.ones(len(sets))], ["intercept"]
    for name, values in sets.items():
        if pd.api.types.is_numeric_dtype(values):
            columns.append(values.to_numpy(float))
            terms.append(str(name))
            continue
        for value in sorted(values.astype(str).unique())[1:]:
            columns.append((values.astype(str) == value).to_numpy(float))
            terms.append(f"{name}[{value}]")
    return np.column_stack(columns), tuple(terms)
