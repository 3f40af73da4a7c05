"""Repurchase and churn: discrete-time hazards on entity × period rows, Cox regression on spells."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import linprog
from statsmodels.duration.hazard_regression import PHReg

from models.choices import choices
from models.messages.summary import Summarised
from models.panel.engine.calendars import calendar_form
from models.panel.engine.cells import column_of
from models.panel.engine.conventions import cluster_sums
from models.panel.engine.design import Design, FloatArray, check_clusters, check_formula, keyed
from models.panel.engine.large_sample import tidy_normal
from models.panel.engine.ledger import Ledger, Recorded
from models.panel.engine.sample import build_design, complete_rows
from models.panel.engine.transform import check_independent
from models.panel.errors import NotEstimableError, ValuesError, check_columns, check_option
from models.panel.options import Link, Ties
from models.remarks import remark

# An information of this share of that at zero is a slope so large that risks differ e^14-fold at the least.
FLAT = 1e-6
LINKS = {"cloglog": sm.families.links.CLogLog, "logit": sm.families.links.Logit}


@dataclass(frozen=True, eq=False, repr=False)
class HazardFit(Recorded, Summarised):
    """Log hazard ratios (``cloglog`` and Cox) or log odds ratios (``logit``) with their covariance."""

    model: str
    names: tuple[str, ...]
    params: FloatArray
    cov: FloatArray
    nobs: int
    n_entity: int
    n_events: int
    log_likelihood: float
    ledger: Ledger

    def tidy(self, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the slopes.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``term group est se statistic pvalue ci_lower ci_upper nobs ratio``, one row a term; the ratio is e to the
            power of the estimate.

        Raises
        ------
        PanelError
            A level that is no share.
        """
        table = tidy_normal(self.names, self.params, np.sqrt(np.diag(self.cov)), level)
        table.insert(1, "group", "all")
        return table.assign(nobs=self.nobs, ratio=np.exp(self.params))

    def glance(self) -> pd.DataFrame:
        """Tabulate the fit in one row.

        Returns
        -------
        DataFrame
            Model, sizes, events, log likelihood.
        """
        row = {"group": "all", "model": self.model, "nobs": self.nobs, "n_entity": self.n_entity}
        row |= {"n_events": self.n_events, "log_likelihood": self.log_likelihood}
        return pd.DataFrame([row | {"n_dropped": self.ledger.lost()}])


def discrete_hazard(
    formula: str,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    link: Link = "cloglog",
    baseline: bool = True,
    freq: str | None = None,
) -> HazardFit:
    r"""Binary regression of "the event happens this period" on entity × period rows up to the event.

    With the complementary log-log link slopes are those of a proportional hazard in continuous time (Prentice &
    Gloeckler 1978, doi:10.2307/2529588); ``baseline`` adds a dummy a period. Errors are clustered by entity (factor
    G/(G−1)). Rows after an entity's first event are dropped and counted. Regressors that separate events from
    survivors, or that are combinations of each other or of the baseline, raise NotEstimableError with their names.

    Parameters
    ----------
    formula : str
        ``"event ~ value + trust"``, the event 0 or 1.
    data : DataFrame
        One row an entity and period.
    entity, time : str
        Key columns.
    link : {"cloglog", "logit"}
        Slopes are log hazard ratios or log odds ratios.
    baseline : bool
        A dummy a period.
    freq : str, optional
        Length of a period for dates.

    Returns
    -------
    HazardFit
        Slopes with errors clustered by entity.

    Raises
    ------
    PanelError
        Unknown columns or options, an event that is not 0 or 1, or slopes that the sample does not identify.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(100), 4), "week": np.tile(range(4), 100)})
    >>> log["x"] = rng.normal(size=400)
    >>> log["left"] = (rng.uniform(size=400) < 0.2 * np.exp(0.5 * log["x"])).astype(int)
    >>> fitted = panel.discrete_hazard("left ~ x", log, entity="user", time="week")
    >>> fitted.n_events, fitted.tidy().query("term == 'x'")["est"].round(2).tolist()
    (60, [0.49])
    """
    check_option("link", link, LINKS)
    ledger = Ledger()
    parsed = check_formula(formula, data)
    rows = keyed(data, entity, time, None, (), ledger)
    sample = complete_rows(parsed, rows, entity=entity, time=time, freq=freq, ledger=ledger)
    if len(np.unique(sample.unit)) < 2:
        raise NotEstimableError(remark("one_entity_errors", entity=entity))
    if not np.isin(sample.y, (0.0, 1.0)).all():
        outcome = parsed.outcome.name
        raise ValuesError(remark("outcome_not_zero_one", outcome=outcome))
    so_far = np.cumsum(sample.y) - sample.y
    starts, of = np.unique(sample.unit, return_index=True, return_inverse=True)[1:]
    design = sample.without(remark("after_first_event"), so_far - so_far[starts][of] > 0).design(intercept=True)
    if design.y.min() == design.y.max():
        raise NotEstimableError(remark("one_outcome", outcome=design.dependent, value=float(design.y[0])))
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
        raise NotEstimableError(remark("separates", terms=by), "leave it out or merge categories")
    if not result.converged:
        raise NotEstimableError(remark("hazard_not_converged"), "look for regressors of very different size")
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
        ledger=ledger,
    )


def cox(
    formula: str,
    data: pd.DataFrame,
    *,
    event: str,
    entry: str | None = None,
    cluster: str | None = None,
    ties: Ties = "efron",
) -> HazardFit:
    """Cox regression on spells, ``"duration ~ value + trust"``; ``entry`` is the age at which a spell comes into view.

    Parameters
    ----------
    formula : str
        Duration and regressors.
    data : DataFrame
        One row a spell.
    event : str
        Column with 1 where the spell ended in the event, 0 where it was censored.
    entry : str, optional
        Column of the age at which a spell comes into view.
    cluster : str, optional
        Column of the clusters of robust errors; model-based errors by default.
    ties : {"efron", "breslow"}
        How events at the same age are counted.

    Returns
    -------
    HazardFit
        Log hazard ratios.

    Raises
    ------
    PanelError
        Unknown columns or options, or a likelihood without a maximum.

    Notes
    -----
    Cox (1972), doi:10.1111/j.2517-6161.1972.tb00899.x.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> spells = pd.DataFrame({"trust": rng.normal(size=200)})
    >>> spells["weeks"] = rng.exponential(10 * np.exp(0.5 * spells["trust"]))
    >>> spells["left"] = (spells["weeks"] < 20).astype(int)
    >>> spells["weeks"] = spells["weeks"].clip(upper=20)
    >>> panel.cox("weeks ~ trust", spells, event="left").tidy()[["term", "est", "se"]].round(2)
        term   est    se
    0  trust -0.49  0.09
    """
    check_option("ties", ties, get_args(Ties))
    design, kept, ledger = spells(formula, data, event=event, entry=entry, cluster=cluster)
    status = kept[event].to_numpy(dtype=float)
    started = kept[entry].to_numpy(dtype=float) if entry else None
    centred = design.x - design.x.mean(0)
    varies = np.linalg.norm(centred, axis=0) > 1e-9 * np.linalg.norm(design.x, axis=0)
    check_independent(np.where(varies, centred, 0.0), design.names)
    model = _Regression(design.y, design.x, status=status, entry=started, ties=ties)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a likelihood without a maximum is looked for below
        result = model.fit(groups=design.clusters[:, 0] if cluster else None)
    if without_end := flat(model, np.asarray(result.params), design.names):
        raise NotEstimableError(remark("orders_events", terms=without_end), "leave it out or merge categories")
    return HazardFit(
        model=f"Cox, ties by {ties.capitalize()}",
        names=design.names,
        params=np.asarray(result.params),
        cov=np.asarray(result.cov_params()),
        nobs=design.nobs,
        n_entity=int(kept[cluster].nunique()) if cluster else design.nobs,
        n_events=int(status.sum()),
        log_likelihood=float(result.llf),
        ledger=ledger,
    )


class _Regression(PHReg):
    """A Cox regression that reckons its information once at each slope, whoever asks: steps, errors, `flat`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.known: dict[bytes, FloatArray] = {}

    def hessian(self, params: FloatArray) -> FloatArray:
        at = np.asarray(params, dtype=float).tobytes()
        if at not in self.known:
            self.known[at] = super().hessian(params)
            self.known[at].flags.writeable = False
        return self.known[at]


def flat(model: PHReg, params: FloatArray, names: tuple[str, ...]) -> list[str]:
    """Terms along which a Cox likelihood has no maximum; or none.

    There the information at the estimate vanishes beside that at zero: the largest generalised eigenvalue of the two is
    where slopes run off to infinity (Bryson & Johnson 1981, doi:10.1080/00401706.1981.10487689).
    """
    if not np.isfinite(params).all():
        return list(names)
    with np.errstate(all="ignore"):
        at_zero, found = (-np.asarray(model.hessian(p)) for p in (np.zeros_like(params), params))
    scale = np.sqrt(np.diag(at_zero))
    if not (np.isfinite(found).all() and (scale > 0).all()):
        return list(names)
    left = found / np.outer(scale, scale)
    values, vectors = np.linalg.eigh((left + left.T) / 2)
    if values[0] > FLAT * np.linalg.eigvalsh(at_zero / np.outer(scale, scale))[0]:
        return []
    return [n for n, v in zip(names, vectors[:, 0], strict=True) if abs(v) > 0.1]


def spells(
    formula: str, data: pd.DataFrame, *, event: str, entry: str | None = None, cluster: str | None = None
) -> tuple[Design, pd.DataFrame, Ledger]:
    """Arrays of complete spells, a row each, the rows of the data they come from, and what was left out."""
    roles = [("event", event)] + [(role, name) for role, name in (("entry", entry), ("cluster", cluster)) if name]
    check_columns(data.columns, roles)
    if len(data) == 0:
        raise NotEstimableError(remark("no_rows"))
    parsed = check_formula(formula, data)
    ledger = Ledger()
    if not data.index.is_unique:
        data = data.reset_index(drop=True)
    for role, name in roles[1:]:
        missing = data[name].isna()
        ledger.add("all", remark("missing_key", role=role, name=name), int(missing.sum()))
        data = data[~missing]
        if len(data) == 0:
            raise NotEstimableError(remark("no_spell_with", role=role, name=name))
    numbered = data.assign(_spell=np.arange(len(data)), _one=1)
    clusters = (cluster,) if cluster else ()
    design = build_design(
        parsed, numbered, entity="_spell", time="_one", clusters=clusters, singletons="ignore", ledger=ledger
    )
    check_clusters(design.clusters)
    kept = data.loc[design.rows]
    for name in (event, *([entry] if entry else [])):
        if not pd.api.types.is_numeric_dtype(kept[name]):
            raise ValuesError(remark("column_of_no_numbers", name=name, dtype=str(kept[name].dtype)))
    status = column_of(event, kept[event])
    if status.missing.any() or not np.isin(status.values, (0.0, 1.0)).all():
        raise ValuesError(remark("event_not_zero_one", event=event))
    if not status.values.any():
        raise NotEstimableError(remark("no_events", event=event))
    if (design.y <= 0).any():
        raise ValuesError(remark("spells_not_positive", duration=design.dependent, n=int((design.y <= 0).sum())))
    if form := calendar_form(design.y) if (design.y == np.round(design.y)).all() and design.y.max() < 2**53 else "":
        raise ValuesError(remark("duration_of_dates", duration=design.dependent, form=form))
    if entry:
        _check_entry(kept[entry].to_numpy(dtype=float), design.y, entry, design.dependent)
    return design, kept, ledger


def _check_entry(entry: FloatArray, duration: FloatArray, name: str, ends: str) -> None:
    for wrong, key in ((~np.isfinite(entry) | (entry < 0), "entry_negative"), (entry >= duration, "entry_not_below")):
        if wrong.any():
            raise ValuesError(remark(key, entry=name, duration=ends, n=int(wrong.sum())))


def separating(y: FloatArray, x: FloatArray, names: tuple[str, ...]) -> list[str]:
    """Find the columns whose combination is never on the wrong side of an event and at times on the right one; or none.

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
                remark("all_events_in_period" if y[0] else "no_event_in_period", period=str(period)),
                "widen the periods, or set baseline=False and model time in the formula",
            )
    dummies = (design.period[:, None] == periods[1:]).astype(float)
    return np.column_stack([design.x, dummies]), (*design.names, *(f"period {p}" for p in periods[1:]))
