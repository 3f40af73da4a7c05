"""Multiple imputation by chained equations, and Rubin's rules to put the analyses together again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from scipy import linalg

from models.choices import choices
from models.measurement.errors import MeasurementError, ScaleError, TooFewRowsError, check_choice, check_share
from models.measurement.options import Imputed
from models.measurement.scales.scales import numeric_items
from models.messages.summary import Summarised
from models.remarks import Caused, Stated, remark
from models.statistics.distributions import t_quantile, t_two_sided

Estimator = Callable[[pd.DataFrame], Mapping[str, tuple[float, float]]]


class ImputationError(Caused, MeasurementError):
    """A column cannot be imputed, or an analysis of imputed data fails."""


@dataclass(frozen=True, eq=False, repr=False)
class Pooled(Summarised):
    """Estimates over imputations.

    Attributes
    ----------
    table : DataFrame
        One row a quantity: ``term est se df statistic pvalue ci_lower ci_upper within between fmi m``; `fmi` is
        the fraction of information that is missing.
    """

    table: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Tabulate the estimates.

        Returns
        -------
        DataFrame
            One row a quantity, as in `table`.
        """
        return self.table


def impute(
    data: pd.DataFrame,
    columns: Sequence[str],
    m: int = choices.imputations,
    iterations: int = 10,
    method: Imputed = choices.imputation_method,
    donors: int = choices.imputation_donors,
    seed: int | None = None,
) -> list[pd.DataFrame]:
    """Fill the gaps in `columns` `m` times, each column regressed on all others in turn.

    Parameters
    ----------
    data : DataFrame
        One row a respondent; not changed, and other columns are passed through untouched.
    columns : sequence of str
        Numeric columns, those of the analysis and any that tell why answers are missing.
    m : int
        Imputed data sets.
    iterations : int
        Rounds through the columns.
    method : {"pmm", "normal"}
        Predictive mean matching takes the answer of one of `donors` people with a near prediction and so keeps to the
        answer format; ``"normal"`` draws from the regression itself.
    donors : int
        People to draw from.
    seed : int, optional
        Seed of all draws.

    Returns
    -------
    list of DataFrame
        The completed data sets.

    Raises
    ------
    MeasurementError
        An unknown method, fewer than two imputations, columns that are not numeric, or too few answers to a column.

    Notes
    -----
    Coefficients and residual variance are drawn from their posterior before each imputation (proper imputation);
    matching compares observed predictions under the estimate with missing predictions under the draw (type 1).

    References
    ----------
    van Buuren & Groothuis-Oudshoorn (2011), doi:10.18637/jss.v045.i03; van Buuren (2018), doi:10.1201/9780429492259.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> answers.loc[:20, "t1"] = None
    >>> filled = measurement.impute(answers, ["t1", "t2", "t3"], m=2, iterations=2, seed=1)
    >>> len(filled), int(filled[0]["t1"].isna().sum())
    (2, 0)
    """
    check_choice("method", method, get_args(Imputed))
    if m < 2:
        raise ScaleError(f"m is {m}; at least two imputations are needed to see what they differ by")
    columns = list(columns)
    x = numeric_items(data, columns).to_numpy()
    observed = np.isfinite(x)
    need = len(columns) + 2
    for column, count in zip(columns, observed.sum(axis=0), strict=True):
        if count < need:
            raise TooFewRowsError(
                remark("few_answers_to_impute", item=column, n=int(count), least=need, others=len(columns) - 1)
            )
    rng = np.random.default_rng(seed)
    return [data.assign(**_chain(x, observed, columns, iterations, method, donors, rng)) for _ in range(m)]


def pool(
    estimates: np.ndarray, errors: np.ndarray, df_complete: float = np.inf, level: float = choices.confidence
) -> dict[str, float]:
    r"""Combine the estimates of one quantity over imputations by Rubin's rules.

    Parameters
    ----------
    estimates, errors : ndarray (m,)
        Estimate and standard error in each imputed data set.
    df_complete : float
        Degrees of freedom that complete data would have; infinite for z tests.
    level : float
        Confidence level.

    Returns
    -------
    dict of str to float
        ``est se df statistic pvalue ci_lower ci_upper within between fmi m``: estimate, standard error, test, interval,
        and the fraction of missing information.

    Raises
    ------
    MeasurementError
        A level that is no share.

    Notes
    -----
    :math:`T=\bar U+(1+1/m)B`; degrees of freedom of Barnard & Rubin (1999, doi:10.1093/biomet/86.4.948); fraction of
    missing information :math:`(r+2/(\nu+3))/(r+1)` with :math:`r=(1+1/m)B/\bar U` (Rubin 1987,
    doi:10.1002/9780470316696).

    Examples
    --------
    >>> import numpy as np
    >>> from models import measurement
    >>> pooled = measurement.pool(np.array([0.48, 0.52, 0.50]), np.array([0.10, 0.11, 0.10]))
    >>> round(pooled["est"], 3), round(pooled["se"], 3)
    (0.5, 0.106)
    """
    check_share("level", level)
    m = len(estimates)
    estimate, within = float(np.mean(estimates)), float(np.mean(np.square(errors)))
    between = float(np.var(estimates, ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total if total > 0 else 0.0
    df_old = (m - 1) / share**2 if share > 0 else np.inf
    df = df_old
    if np.isfinite(df_complete):
        df_observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
        df = 1 / (1 / df_old + 1 / df_observed)
    ratio = share / (1 - share) if share < 1 else np.inf
    se = float(np.sqrt(total))
    width = t_quantile((1 + level) / 2, df) * se
    statistic = estimate / se if se > 0 else np.nan
    return {
        "est": estimate,
        "se": se,
        "df": df,
        "statistic": statistic,
        "pvalue": float(t_two_sided(statistic, df)),
        "ci_lower": estimate - width,
        "ci_upper": estimate + width,
        "within": within,
        "between": between,
        "fmi": (ratio + 2 / (df + 3)) / (ratio + 1) if np.isfinite(ratio) else 1.0,
        "m": m,
    }


def multiple_imputation(
    data: pd.DataFrame,
    columns: Sequence[str],
    estimator: Estimator,
    m: int = choices.imputations,
    iterations: int = 10,
    method: Imputed = choices.imputation_method,
    df_complete: float = np.inf,
    level: float = choices.confidence,
    seed: int | None = None,
) -> Pooled:
    """Impute, estimate, pool.

    Parameters
    ----------
    data : DataFrame
        One row a respondent.
    columns : sequence of str
        As in `impute`.
    estimator : callable
        Takes a completed data set, returns for each quantity by name its estimate and standard error.
    m, iterations : int
        As in `impute`.
    method : {"pmm", "normal"}
        As in `impute`.
    df_complete, level : float
        As in `pool`.
    seed : int, optional
        As in `impute`.

    Returns
    -------
    Pooled
        One row a quantity, as `pool` gives it.

    Raises
    ------
    MeasurementError
        As `impute` raises them, and an estimator that fails or gives nothing finite.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> answers.loc[:20, "t1"] = None
    >>> def mean(frame):
    ...     return {"t1": (frame["t1"].mean(), frame["t1"].sem())}
    >>> found = measurement.multiple_imputation(answers, ["t1", "t2"], mean, m=5, iterations=2, seed=1)
    >>> found.tidy()[["term", "est", "se"]].round(2)
      term   est   se
    0   t1  0.17  0.1
    """
    results: list[Mapping[str, tuple[float, float]]] = []
    for number, completed in enumerate(impute(data, columns, m, iterations, method, seed=seed), start=1):
        try:
            results.append(estimator(completed))
        except ValueError as error:
            why = error.remark if isinstance(error, Stated) else remark("as_said", text=str(error))
            raise ImputationError(remark("imputed_analysis_fails", number=number, m=m, why=why)) from error
    rows = []
    for term in results[0]:
        values = np.array([r[term] for r in results], dtype=float)
        if not np.isfinite(values).all():
            raise ImputationError(remark("no_finite_estimate", term=term))
        rows.append({"term": term} | pool(values[:, 0], values[:, 1], df_complete, level))
    return Pooled(pd.DataFrame(rows))


def _chain(
    x: np.ndarray,
    observed: np.ndarray,
    columns: list[str],
    iterations: int,
    method: str,
    donors: int,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    filled = x.copy()
    gaps = [j for j in np.argsort((~observed).sum(axis=0), kind="stable") if not observed[:, j].all()]
    for j in gaps:
        filled[~observed[:, j], j] = rng.choice(x[observed[:, j], j], size=(~observed[:, j]).sum())
    for _ in range(iterations):
        for j in gaps:
            seen = observed[:, j]
            design = np.column_stack([np.ones(len(x)), np.delete(filled, j, axis=1)])
            filled[~seen, j] = _draw(x[seen, j], design[seen], design[~seen], method, donors, rng)
    return {column: filled[:, j] for j, column in enumerate(columns)}


def _draw(
    y: np.ndarray, design: np.ndarray, target: np.ndarray, method: str, donors: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw answers at `target` from the posterior predictive of the regression of `y` on `design`."""
    cross = design.T @ design
    factor = linalg.cholesky(cross + 1e-5 * np.diag(np.diag(cross)), lower=True)
    beta = linalg.cho_solve((factor, True), design.T @ y)
    residual = y - design @ beta
    df = max(len(y) - design.shape[1], 1)
    sigma = np.sqrt(residual @ residual / rng.chisquare(df))
    drawn = beta + sigma * linalg.solve_triangular(factor, rng.standard_normal(len(beta)), lower=True, trans="T")
    if method == "normal":
        return target @ drawn + sigma * rng.standard_normal(len(target))
    near = min(donors, len(y))
    prediction, wanted = design @ beta, target @ drawn
    order = np.argsort(prediction, kind="stable")
    sorted_prediction = prediction[order]
    place = np.searchsorted(sorted_prediction, wanted)
    around = place[:, None] + np.arange(-near, near)
    inside = (around >= 0) & (around < len(y))
    around = np.clip(around, 0, len(y) - 1)
    distance = np.where(inside, np.abs(sorted_prediction[around] - wanted[:, None]), np.inf)
    candidates = np.take_along_axis(around, np.argsort(distance, axis=1, kind="stable")[:, :near], axis=1)
    picked = candidates[np.arange(len(wanted)), rng.integers(0, near, size=len(wanted))]
    return y[order[picked]]
