"""Repurchase and churn: discrete-time hazards on entity × period rows, Cox regression on spells."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import linprog
from statsmodels.duration.hazard_regression import PHReg

from models.panel.conventions import cluster_sums
from models.panel.design import Design, FloatArray, Ledger, build_design, check_formula, keyed
from models.panel.errors import NotEstimableError, OptionError, check_columns, check_option
from models.panel.large_sample import tidy_normal
from models.panel.transform import check_independent

LINKS = {"cloglog": sm.families.links.CLogLog, "logit": sm.families.links.Logit}


@dataclass(frozen=True)
class HazardFit:
    """Log hazard ratios (``cloglog`` and Cox) or log odds ratios (``logit``) with their covariance."""

    model: str
    names: tuple[str, ...]
    params: FloatArray
    cov: FloatArray
    nobs: int
    n_entity: int
    n_events: int
    log_likelihood: float
    dropped: pd.DataFrame

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """A row a term: term group est se statistic pvalue ci_lower ci_upper nobs ratio (e to the estimate)."""
        table = tidy_normal(self.names, self.params, np.sqrt(np.diag(self.cov)), level)
        table.insert(1, "group", "all")
        return table.assign(nobs=self.nobs, ratio=np.exp(self.params))

    def glance(self) -> pd.DataFrame:
        """One row: model, sizes, events, log likelihood."""
        row = {"group": "all", "model": self.model, "nobs": self.nobs, "n_entity": self.n_entity}
        row |= {"n_events": self.n_events, "log_likelihood": self.log_likelihood}
        return pd.DataFrame([row | {"n_dropped": int(self.dropped["rows"].sum())}])


def discrete_hazard(
    formula: str,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    link: str = "cloglog",
    baseline: bool = True,
    freq: str | None = None,
) -> HazardFit:
    r"""Binary regression of "the event happens this period" on entity × period rows up to the event.

    With the complementary log-log link slopes are those of a proportional hazard in continuous time (Prentice &
    Gloeckler 1978, doi:10.2307/2529588); ``baseline`` adds a dummy a period. Errors are clustered by entity (factor
    G/(G−1)). Rows after an entity's first event are dropped and counted. Regressors that separate events from
    survivors, or that are combinations of each other or of the baseline, raise NotEstimableError with their names.
    """
    check_option("link", link, LINKS)
    ledger = Ledger()
    parsed = check_formula(formula, data)
    rows = keyed(data, entity, time, None, (), ledger)
    design = build_design(parsed, rows, entity=entity, time=time, intercept=True, freq=freq, ledger=ledger)
    if not np.isin(design.y, (0.0, 1.0)).all():
        raise OptionError(f"{design.dependent} must be 1 in the period of the event and 0 before; it has other values")
    so_far = np.cumsum(design.y) - design.y
    starts = np.unique(design.entity, return_index=True)[1]
    over = so_far - so_far[starts][design.entity] > 0
    ledger.add("all", "after the first event", int(over.sum()))
    design = design.take(np.flatnonzero(~over))
    if design.y.min() == design.y.max():
        raise NotEstimableError(
            f"{design.dependent} is {design.y[0]:g} in all rows; a hazard needs events and survivors"
        )
    x, names = design.x, design.names
    if baseline:
        x, names = _with_baseline(design)
    check_independent(x, names)
    model = sm.GLM(design.y, x, family=sm.families.Binomial(link=LINKS[link]()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # separation is looked for below
        result = model.fit(tol=1e-12, maxiter=200)
    extreme = np.minimum(result.mu, 1 - result.mu).min() < 1e-7
    by = separating(design.y, x, names) if extreme or not result.converged else []
    if by:
        raise NotEstimableError(
            f"{', '.join(by)} separates events from survivors and has no finite slope: leave it out or merge categories"
        )
    if not result.converged:
        raise NotEstimableError("the hazard model did not converge; look for regressors of very different size")
    scores = cluster_sums(np.asarray(model.score_obs(result.params)), design.entity)
    bread = np.asarray(result.normalized_cov_params)
    groups = design.n_entity
    return HazardFit(
        model=f"discrete-time hazard, {link}",
        names=names,
        params=np.asarray(result.params),
        cov=groups / (groups - 1) * bread @ scores.T @ scores @ bread,
        nobs=design.nobs,
        n_entity=groups,
        n_events=int(design.y.sum()),
        log_likelihood=float(result.llf),
        dropped=ledger.table(),
    )


def cox(
    formula: str,
    data: pd.DataFrame,
    *,
    event: str,
    entry: str | None = None,
    cluster: str | None = None,
    ties: str = "efron",
) -> HazardFit:
    """Cox regression on spells, ``"duration ~ value + trust"``; ``entry`` is the age at which a spell comes into view.

    Cox (1972), doi:10.1111/j.2517-6161.1972.tb00899.x; ties by Efron or Breslow; with ``cluster``, robust errors.
    """
    check_option("ties", ties, ("efron", "breslow"))
    check_columns(data.columns, [(role, name) for role, name in (("entry", entry), ("cluster", cluster)) if name])
    design, kept, ledger = spells(formula, data, event=event)
    status = kept[event].to_numpy(dtype=float)
    started = kept[entry].to_numpy(dtype=float) if entry else None
    centred = design.x - design.x.mean(0)
    varies = np.linalg.norm(centred, axis=0) > 1e-9 * np.linalg.norm(design.x, axis=0)
    check_independent(np.where(varies, centred, 0.0), design.names)
    result = PHReg(design.y, design.x, status=status, entry=started, ties=ties).fit(
        groups=kept[cluster].to_numpy() if cluster else None
    )
    return HazardFit(
        model=f"Cox, ties by {ties.capitalize()}",
        names=design.names,
        params=np.asarray(result.params),
        cov=np.asarray(result.cov_params()),
        nobs=design.nobs,
        n_entity=int(kept[cluster].nunique()) if cluster else design.nobs,
        n_events=int(status.sum()),
        log_likelihood=float(result.llf),
        dropped=ledger.table(),
    )


def spells(formula: str, data: pd.DataFrame, *, event: str) -> tuple[Design, pd.DataFrame, Ledger]:
    """Arrays of complete spells, a row each, the rows of the data they come from, and what was left out."""
    check_columns(data.columns, [("event", event)])
    parsed = check_formula(formula, data)
    ledger = Ledger()
    if not data.index.is_unique:
        data = data.reset_index(drop=True)
    numbered = data.assign(_spell=np.arange(len(data)), _one=1)
    design = build_design(parsed, numbered, entity="_spell", time="_one", ledger=ledger)
    kept = data.loc[design.rows]
    status = kept[event].to_numpy(dtype=float)
    if not np.isin(status, (0.0, 1.0)).all():
        raise OptionError(f"{event} must be 1 for an event and 0 for censoring; it has other values or is missing")
    if status.sum() == 0:
        raise NotEstimableError(f"{event} is 0 in all spells; a hazard needs events")
    if (design.y <= 0).any():
        raise OptionError(f"{design.dependent} must be positive; it is not in {int((design.y <= 0).sum())} spells")
    return design, kept, ledger


def separating(y: FloatArray, x: FloatArray, names: tuple[str, ...]) -> list[str]:
    """The columns whose combination never is on the wrong side of an event and sometimes on the right one; or none.

    A linear programme; where it finds one the likelihood has no maximum (Albert & Anderson 1984,
    doi:10.1093/biomet/71.1.1).
    """
    sides = np.where(y > 0, 1.0, -1.0)[:, None] * x / np.abs(x).max(axis=0)
    found = linprog(-sides.mean(axis=0), A_ub=-sides, b_ub=np.zeros(len(y)), bounds=(-1, 1))
    if not found.success or -found.fun < 1e-9:
        return []
    return [n for n, b in zip(names, found.x, strict=True) if abs(b) > 1e-6 and n != "Intercept"] or ["the intercept"]


def _with_baseline(design: Design) -> tuple[FloatArray, tuple[str, ...]]:
    """Period dummies, but the first, beside the regressors; each period needs events and survivors."""
    periods = np.unique(design.period)
    for period in periods:
        y = design.y[design.period == period]
        if y.min() == y.max():
            raise NotEstimableError(
                f"in period {period} {'every' if y[0] else 'no'} row has the event: its baseline hazard is not finite; "
                "widen the periods, or set baseline=False and model time in the formula"
            )
    dummies = (design.period[:, None] == periods[1:]).astype(float)
    return np.column_stack([design.x, dummies]), (*design.names, *(f"period {p}" for p in periods[1:]))
