"""Dynamic panels: difference and system GMM with instruments kept countable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages.summary import Summarised
from models.panel.engine.conventions import cluster_sums
from models.panel.engine.design import FloatArray, check_formula, keyed
from models.panel.engine.keys import lag_positions
from models.panel.engine.large_sample import tidy_normal
from models.panel.engine.ledger import Ledger, Recorded
from models.panel.errors import NotEstimableError, OptionError
from models.panel.estimators.equations import Equations, Instruments, stack
from models.remarks import remark
from models.statistics.distributions import chi2_sf, two_sided


@dataclass(frozen=True, eq=False, repr=False)
class DynamicFit(Recorded, Summarised):
    """GMM estimate with its specification tests. ``cov`` is robust; of two steps, Windmeijer's."""

    names: tuple[str, ...]
    params: FloatArray
    cov: FloatArray
    cov_uncorrected: FloatArray
    nobs: int
    n_entity: int
    n_instruments: int
    hansen: float
    hansen_df: int
    ar: tuple[float, ...]
    steps: int
    system: bool
    ledger: Ledger

    def tidy(self, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the slopes (normal inference).

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``term group est se statistic pvalue ci_lower ci_upper nobs``, one row a term.

        Raises
        ------
        PanelError
            A level that is no share.
        """
        table = tidy_normal(self.names, self.params, np.sqrt(np.diag(self.cov)), level)
        table.insert(1, "group", "all")
        return table.assign(nobs=self.nobs)

    def glance(self) -> pd.DataFrame:
        """Tabulate the fit in one row.

        Returns
        -------
        DataFrame
            Sizes, number of instruments, Hansen's and Arellano–Bond tests.
        """
        remedy = "collapse them or limit their lags"
        too_many = self.n_instruments > self.n_entity
        row = {
            "group": "all",
            "nobs": self.nobs,
            "n_entity": self.n_entity,
            "n_instruments": self.n_instruments,
            "hansen": self.hansen,
            "hansen_df": self.hansen_df,
            "hansen_pvalue": float(chi2_sf(self.hansen, self.hansen_df)) if self.hansen_df else float("nan"),
            "effects": "system GMM" if self.system else "difference GMM",
            "se_type": "Windmeijer" if self.steps == 2 else "robust",
            "steps": self.steps,
            "n_dropped": self.ledger.lost(),
            "note": f"more instruments than entities: {remedy} (Roodman 2009)" if too_many else "",
        }
        for m, z in enumerate(self.ar, start=1):
            row |= {f"ar{m}": z, f"ar{m}_pvalue": float(two_sided(z))}
        return pd.DataFrame([row])


def gmm(
    formula: str,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    instruments: Instruments,
    system: bool = False,
    steps: int = 2,
    collapse: bool = False,
    time_effects: bool = True,
    freq: str | None = None,
) -> DynamicFit:
    """Arellano–Bond (difference) or Blundell–Bond (system) GMM.

    Parameters
    ----------
    formula : str
        ``"n ~ lag(n) + lag(n, 2) + w + lag(w) + k"``.
    data : DataFrame
        One row an entity and period.
    entity, time : str
        Key columns.
    instruments : dict
        ``{"n": (2, None)}``: levels of n, from the second lag to the last, instrument the differenced equation; in
        system GMM the lagged difference instruments the level equation. Regressors that are neither such a variable nor
        its lag are strictly exogenous and instrument themselves.
    system : bool
        Add the level equation.
    steps : {1, 2}
        Two steps with Windmeijer's correction, or one with robust errors.
    collapse : bool
        One instrument a lag instead of one a lag and period, which keeps their number sane.
    time_effects : bool
        Period dummies.
    freq : str, optional
        Length of a period for dates.

    Returns
    -------
    DynamicFit
        Slopes with robust errors, Hansen's test of the instruments and tests of serial correlation.

    Raises
    ------
    PanelError
        Unknown columns or options, or a sample or instruments that do not identify the slopes.

    Notes
    -----
    Arellano & Bond (1991), doi:10.2307/2297968; Blundell & Bond (1998), doi:10.1016/S0304-4076(98)00009-8; Windmeijer
    (2005), doi:10.1016/j.jeconom.2004.02.005; Roodman (2009), doi:10.1177/1536867X0900900106.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> paths = [rng.normal(size=100)]
    >>> for week in range(4):
    ...     paths.append(0.5 * paths[-1] + rng.normal(size=100))
    >>> log = pd.DataFrame({"user": np.repeat(range(100), 5), "week": np.tile(range(5), 100)})
    >>> log["y"] = np.ravel(paths, "F")
    >>> fitted = panel.gmm("y ~ lag(y)", log, entity="user", time="week", instruments={"y": (2, None)})
    >>> fitted.tidy()[["term", "est", "se"]].head(1).round(2)
         term   est    se
    0  lag(y)  0.44  0.14
    >>> fitted.n_instruments, fitted.hansen_df
    (9, 5)
    """
    if steps not in (1, 2):
        raise OptionError(f"steps={steps!r}: one or two")
    parsed = check_formula(formula, data)
    ledger = Ledger()
    rows = keyed(data, entity, time, None, (), ledger)
    if rows[entity].nunique() < 2:
        raise NotEstimableError(remark("one_entity_errors", entity=entity))
    equations = stack(parsed, rows, entity, time, instruments, system, collapse, time_effects, freq, ledger)
    return solve_gmm(equations, steps, system, ledger)


def solve_gmm(e: Equations, steps: int, system: bool, ledger: Ledger) -> DynamicFit:
    """One- or two-step estimate, robust covariance, Hansen and serial-correlation tests."""
    zx, zy = e.z.T @ e.x, e.z.T @ e.y
    weight = inverse(e.z.T @ (e.h @ e.z))
    bread = np.asarray(np.linalg.inv(zx.T @ weight @ zx), dtype=np.float64)
    first = bread @ zx.T @ weight @ zy
    u = e.y - e.x @ first
    scores = cluster_sums(e.z * u[:, None], e.entity)
    omega = scores.T @ scores
    robust = bread @ zx.T @ weight @ omega @ weight @ zx @ bread
    weight2 = inverse(omega)
    if np.linalg.matrix_rank(zx.T @ weight2 @ zx, hermitian=True) < e.x.shape[1]:
        raise NotEstimableError(
            remark("few_for_moments", n=int(e.entity.max()) + 1, k=e.x.shape[1]),
            "more of them, or fewer slopes (time_effects=False), are needed",
        )
    bread2 = np.asarray(np.linalg.inv(zx.T @ weight2 @ zx), dtype=np.float64)
    second = bread2 @ zx.T @ weight2 @ zy
    u2 = e.y - e.x @ second
    moments = e.z.T @ u2
    if steps == 1:
        params, cov, plain, residual, used, used_bread = first, robust, robust, u, weight, bread
    else:
        cov = windmeijer(e, u, moments, weight2, bread2, robust)
        params, plain, residual, used, used_bread = second, bread2, u2, weight2, bread2
    return DynamicFit(
        names=e.names,
        params=params,
        cov=cov,
        cov_uncorrected=plain,
        nobs=len(e.y) - e.n_difference if system else len(e.y),
        n_entity=int(e.entity.max()) + 1,
        n_instruments=e.z.shape[1],
        hansen=float(moments @ weight2 @ moments),
        hansen_df=e.z.shape[1] - e.x.shape[1],
        ar=tuple(serial_correlation(e, residual, m, used, used_bread, cov) for m in (1, 2)),
        steps=steps,
        system=system,
        ledger=ledger,
    )


def inverse(matrix: FloatArray) -> FloatArray:
    """Inverse, or pseudo-inverse where instruments outnumber what the entities can tell apart."""
    values = np.linalg.eigvalsh(matrix)
    if values[0] > 1e-12 * values[-1]:
        return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    return np.asarray(np.linalg.pinv(matrix, rcond=1e-12, hermitian=True), dtype=np.float64)


def windmeijer(
    e: Equations, u: FloatArray, moments: FloatArray, weight: FloatArray, bread: FloatArray, robust: FloatArray
) -> FloatArray:
    """Two-step covariance corrected for the estimated weights (Windmeijer 2005, eq. 3.2)."""
    zx = e.z.T @ e.x
    scores = cluster_sums(e.z * u[:, None], e.entity)
    change = np.empty((e.x.shape[1], e.x.shape[1]))
    for j in range(e.x.shape[1]):
        own = cluster_sums(e.z * e.x[:, [j]], e.entity)
        slope = -(own.T @ scores + scores.T @ own)
        change[:, j] = -bread @ zx.T @ weight @ slope @ weight @ moments
    return np.asarray(bread + change @ bread + bread @ change.T + change @ robust @ change.T, dtype=np.float64)


def serial_correlation(
    e: Equations, u: FloatArray, order: int, weight: FloatArray, bread: FloatArray, cov: FloatArray
) -> float:
    """Arellano–Bond z statistic of serial correlation in the differenced residuals.

    NaN where no residual has its lag, or in tiny samples where the estimated variance of the sum is not positive.
    """
    n = e.n_difference
    position = lag_positions(e.entity[:n], e.period[:n], order)
    lagged = np.zeros(len(u))
    lagged[:n] = np.where(position >= 0, u[:n][position], 0.0)
    if not lagged.any():
        return float("nan")
    zx: FloatArray = e.z.T @ e.x
    wx: FloatArray = lagged @ e.x
    by_entity = np.bincount(e.entity, lagged * u)
    scores = cluster_sums(e.z * u[:, None], e.entity)
    correction = wx @ bread @ zx.T @ weight @ (scores.T @ by_entity)
    variance = float(by_entity @ by_entity) - 2 * float(correction) + float(wx @ cov @ wx)
    return float(by_entity.sum() / np.sqrt(variance)) if variance > 0 else float("nan")
