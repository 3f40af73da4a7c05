"""Second stage of meta-analytic structural equation modelling: a path model on pooled correlations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import least_squares
from scipy.special import chdtrc

from models.choices import choices
from models.messages.summary import Summarised
from models.remarks import remark
from models.sem.language.syntax import parse
from models.sem.language.table import Options, ParameterTable, build
from models.sem.model.matrices import Structure, implied, jacobian, structure
from models.sem.model.standardise import standardised
from models.statistics.distributions import normal_quantile, two_sided
from models.synthesis.errors import SynthesisError
from models.synthesis.first_stage import PooledCorrelations
from models.synthesis.heterogeneity import check_level


@dataclass(frozen=True, eq=False, repr=False)
class PathModel(Summarised):
    """A path model on pooled correlations.

    Attributes
    ----------
    rows : DataFrame
        ``term lhs op rhs est se statistic z pvalue ci_lower ci_upper``, in standard deviations; ``z`` is lavaan's name
        of the statistic.
    chisq, df, pvalue : float
        Test of the model against the pooled correlations.
    cfi, rmsea, srmr : float
    n : int
        People in all data sets.
    """

    rows: pd.DataFrame
    chisq: float
    df: int
    pvalue: float
    cfi: float
    rmsea: float
    srmr: float
    n: int

    def tidy(self) -> pd.DataFrame:
        """Tabulate the estimates.

        Returns
        -------
        DataFrame
            One row a parameter, as in `rows`.
        """
        return self.rows.copy()

    def glance(self) -> pd.DataFrame:
        """Tabulate the fit in one row.

        Returns
        -------
        DataFrame
            ``nobs chisq df pvalue cfi rmsea srmr``.
        """
        names = ("chisq", "df", "pvalue", "cfi", "rmsea", "srmr")
        return pd.DataFrame([{"nobs": self.n} | {name: getattr(self, name) for name in names}])


def path_model(text: str, pooled: PooledCorrelations, *, level: float = choices.confidence) -> PathModel:
    r"""Fit a model in lavaan syntax to pooled correlations by weighted least squares.

    Minimises :math:`(r - \rho(\theta))' V^{-1} (r - \rho(\theta))` over the correlations that the model implies, V
    from the first stage.

    Parameters
    ----------
    text : str
        Model in lavaan syntax; its variables are among those of `pooled`.
    pooled : PooledCorrelations
        What `pool_correlations` gives.
    level : float
        Coverage of the intervals.

    Returns
    -------
    PathModel
        Standardised paths with errors and intervals, and how well the model fits.

    Raises
    ------
    SynthesisError
        When a variable was not pooled, or the correlations do not determine the parameters.

    Notes
    -----
    Cheung & Chan (2005), https://doi.org/10.1037/1082-989X.10.1.40.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import synthesis
    >>> names = ["value", "trust", "use"]
    >>> one = pd.DataFrame([[1, 0.5, 0.4], [0.5, 1, 0.4], [0.4, 0.4, 1]], index=names, columns=names)
    >>> two = pd.DataFrame([[1, 0.4, 0.2], [0.4, 1, 0.3], [0.2, 0.3, 1]], index=names, columns=names)
    >>> pooled = synthesis.pool_correlations({"one": (one, 200), "two": (two, 300)}, random=False)
    >>> found = synthesis.path_model("trust ~ value; use ~ trust", pooled)
    >>> found.tidy().query("op == '~'")[["lhs", "rhs", "est"]].round(3)
         lhs    rhs    est
    0  trust  value  0.464
    1    use  trust  0.359
    >>> round(found.chisq, 2), found.df
    (14.75, 1)
    """
    check_level(level)
    options = Options(std_lv=True, fixed_x=False)
    observed = build(parse(text), options).variables.observed
    if unknown := [name for name in observed if name not in pooled.names]:
        raise SynthesisError(remark("not_pooled", names=unknown))
    # Correlations have no scale: with every residual variance at 1, paths and loadings are free of it.
    table = build(parse(text + "".join(f"\n{name} ~~ 1*{name}" for name in observed)), options)
    matrices = structure(table)
    places = [
        pooled.pairs.index(pair) if pair in pooled.pairs else pooled.pairs.index(pair[::-1])
        for pair in _pairs(observed)
    ]
    r, V = pooled.estimate[places], pooled.covariance[np.ix_(places, places)]
    root = np.linalg.cholesky(np.linalg.inv(V)).T
    q = matrices.n_free
    found = least_squares(
        lambda theta: root @ (_correlations(matrices, theta)[0] - r),
        np.full(q, 0.3),
        jac=lambda theta: root @ _correlations(matrices, theta)[1],
        method="lm" if q <= len(r) else "trf",
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
    )
    J = root @ _correlations(matrices, found.x)[1]
    if np.linalg.matrix_rank(J) < q:
        raise SynthesisError(remark("correlations_undetermined", n=len(r), free=q))
    return _result(table, matrices, found.x, np.linalg.inv(J.T @ J), r, V, pooled.n, level)


def _pairs(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(names[i], names[j]) for i in range(len(names)) for j in range(i + 1, len(names))]


def _correlations(matrices: Structure, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Implied correlations (pairs,) and their derivatives (pairs, q)."""
    cells = matrices.groups[0]
    state = implied(cells, theta)
    p = matrices.n_observed
    i, j = np.triu_indices(p, 1)
    slopes = jacobian(cells, state)[1].reshape(p, p, -1)
    s = state.sigma
    variances = np.diag(s)
    rho = s[i, j] / np.sqrt(variances[i] * variances[j])
    relative = slopes[np.arange(p), np.arange(p)] / variances[:, None]
    return rho, slopes[i, j] / np.sqrt(variances[i] * variances[j])[:, None] - 0.5 * rho[:, None] * (
        relative[i] + relative[j]
    )


def _result(
    table: ParameterTable,
    matrices: Structure,
    theta: np.ndarray,
    vcov: np.ndarray,
    r: np.ndarray,
    V: np.ndarray,
    n: int,
    level: float,
) -> PathModel:
    step = 1e-6
    estimates = standardised(table, matrices, theta)
    ahead = [standardised(table, matrices, theta + step * unit) for unit in np.eye(len(theta))]
    behind = [standardised(table, matrices, theta - step * unit) for unit in np.eye(len(theta))]
    slopes = (np.array(ahead) - np.array(behind)).T / (2 * step)
    se = np.sqrt(np.einsum("ij,jk,ik->i", slopes, vcov, slopes))
    shown = [
        place
        for place, row in enumerate(table.rows)
        if row.op in ("=~", "~") or (row.op == "~~" and row.lhs != row.rhs)
    ]
    reach = normal_quantile((1 + level) / 2)
    rows = pd.DataFrame(
        [
            {"lhs": table.rows[place].lhs, "op": table.rows[place].op, "rhs": table.rows[place].rhs}
            | {"est": estimates[place], "se": se[place], "z": estimates[place] / se[place]}
            | {"ci_lower": estimates[place] - reach * se[place], "ci_upper": estimates[place] + reach * se[place]}
            for place in shown
        ]
    )
    rows.insert(0, "term", rows["lhs"] + " " + rows["op"] + " " + rows["rhs"])
    rows.insert(6, "statistic", rows["z"])
    rows.insert(8, "pvalue", two_sided(rows["z"].to_numpy()))
    misfit = r - _correlations(matrices, theta)[0]
    W = np.linalg.inv(V)
    chisq, baseline, df = float(misfit @ W @ misfit), float(r @ W @ r), len(r) - len(theta)
    excess, excess_baseline = max(chisq - df, 0.0), max(baseline - len(r), chisq - df, 0.0)
    return PathModel(
        rows=rows,
        chisq=chisq,
        df=df,
        pvalue=float(chdtrc(df, chisq)) if df else np.nan,
        cfi=1 - excess / excess_baseline if excess_baseline > 0 else 1.0,
        rmsea=float(np.sqrt(excess / (df * (n - 1)))) if df else 0.0,
        srmr=float(np.sqrt(np.mean(misfit**2))),
        n=n,
    )
