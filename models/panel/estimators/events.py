"""Staggered roll-outs: event study by imputation, robust to effects that differ over cohorts and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.choices import choices
from models.messages.summary import Summarised
from models.panel.engine.conventions import cluster_sums
from models.panel.engine.design import Design, FloatArray, check_clusters, check_formula, keyed
from models.panel.engine.keys import IntArray, period_numbers
from models.panel.engine.large_sample import tidy_normal
from models.panel.engine.ledger import Ledger, Recorded
from models.panel.engine.reference import estimate
from models.panel.engine.sample import Sample, complete_rows
from models.panel.engine.starts import first_treated
from models.panel.engine.transform import check_rank
from models.panel.errors import NotEstimableError, OptionError, check_columns
from models.remarks import Remark, remark
from models.statistics.wald import WaldTest, wald_test


@dataclass(frozen=True, eq=False, repr=False)
class EventStudy(Recorded, Summarised):
    """Effects by periods since the start (``horizons``), their average, and tests of what should not be there.

    ``params``, ``se``, ``n_treated`` (H + 1,) end with the average over all treated rows; ``pretrend`` tests the leads.
    """

    horizons: tuple[int, ...]
    params: FloatArray
    se: FloatArray
    n_treated: IntArray
    leads: pd.DataFrame
    pretrend: WaldTest | Remark
    nobs: int
    n_entity: int
    n_never: int
    ledger: Ledger

    def tidy(self, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the effects.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``term group est se statistic pvalue ci_lower ci_upper nobs horizon``, one row a lead or lag, the average
            last.

        Raises
        ------
        PanelError
            A level that is no share.
        """
        table = pd.DataFrame({"term": [*(f"horizon {h}" for h in self.horizons), "average effect"]})
        table["est"], table["se"], table["nobs"] = self.params, self.se, self.n_treated
        table["horizon"] = pd.array([*self.horizons, None], dtype="Int64")
        table = pd.concat([self.leads, table], ignore_index=True)
        found = tidy_normal(table["term"], table["est"], table["se"], level)
        found.insert(1, "group", "all")
        return found.assign(nobs=table["nobs"], horizon=table["horizon"])

    def glance(self) -> pd.DataFrame:
        """Tabulate the fit in one row.

        Returns
        -------
        DataFrame
            Sizes, entities that are never treated, and the test of the leads, or why there is none.
        """
        row: dict[str, object] = {"group": "all", "nobs": self.nobs, "n_entity": self.n_entity, "n_never": self.n_never}
        row |= {"effects": "twoway, of untreated rows", "n_dropped": self.ledger.lost()}
        if isinstance(self.pretrend, Remark):
            return pd.DataFrame([row | {"note": str(self.pretrend)}])
        found = {"pretrend": self.pretrend.statistic, "pretrend_df": self.pretrend.df}
        return pd.DataFrame([row | found | {"pretrend_pvalue": self.pretrend.pvalue}])


def event_study(
    formula: str,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    start: str,
    leads: int = 3,
    placebo: int = 0,
    cluster: str | None = None,
    freq: str | None = None,
) -> EventStudy:
    r"""Borusyak–Jaravel–Spiess imputation estimator.

    Entity and period effects (and slopes of controls) are estimated on untreated rows alone and predict the outcome of
    treated rows: :math:`\hat\tau_{it} = y_{it} - \hat\alpha_i - \hat\lambda_t - x_{it}'\hat\delta`, and effects are
    averages of :math:`\hat\tau_{it}` at each horizon. Errors are the conservative clustered ones, with effects averaged
    by cohort and period.

    Parameters
    ----------
    formula : str
        ``"outcome ~ 1"`` or with controls, ``"outcome ~ price"``.
    data : DataFrame
        One row an entity and period.
    entity, time : str
        Key columns.
    start : str
        Column with the entity's first treated period, on the scale of ``time``, numbers or dates as there;
        missing if never treated, see ``starts.first_treated``.
    leads : int
        Leads −1, …, −leads that are tested on the untreated rows (pre-trends); rows before them are the base.
    placebo : int
        Pretend that treatment began so many periods earlier and leave the truly treated rows out: effects should be 0.
    cluster : str, optional
        Column of the clusters; the entity by default.
    freq : str, optional
        As in ``fit``.

    Returns
    -------
    EventStudy
        Effects at each horizon and their average, the leads and their test.

    Raises
    ------
    PanelError
        Unknown columns or options, or a sample that does not identify the effects.

    Notes
    -----
    Borusyak, Jaravel & Spiess (2024), doi:10.1093/restud/rdae007.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(40), 6), "week": np.tile(range(6), 40)})
    >>> log["start"] = np.where(log["user"] < 20, 3 + log["user"] % 2, np.nan)
    >>> log["y"] = 2.0 * (log["week"] >= log["start"]) + 0.1 * rng.normal(size=240)
    >>> found = panel.event_study("y ~ 1", log, entity="user", time="week", start="start", leads=1)
    >>> found.tidy()[["term", "est", "nobs"]].round(2)
                 term   est  nobs
    0      horizon -1 -0.02    20
    1       horizon 0  1.95    20
    2       horizon 1  1.96    20
    3       horizon 2  1.99    10
    4  average effect  1.96    50
    """
    parsed = check_formula(formula, data)
    check_columns(data.columns, [("start", start)])
    if leads < 0 or placebo < 0:
        raise OptionError(f"leads={leads} and placebo={placebo} are numbers of periods, zero or more")
    ledger = Ledger()
    rows = keyed(data, entity, time, None, (cluster,) if cluster else (), ledger)
    periods = period_numbers(rows[time], freq)
    keys: dict[str, Any] = {"entity": entity, "time": time, "clusters": (cluster or entity,), "periods": periods}
    sample = complete_rows(parsed, rows, **keys, ledger=ledger)
    begins = first_treated(rows, entity, start, periods).to_numpy()[sample.rows]
    if placebo:
        truly = sample.period >= begins
        sample, begins = sample.without(remark("truly_treated"), truly), begins[~truly] - placebo
    horizon = np.where(np.isnan(begins), -np.inf, sample.period - begins)
    keep = _imputable(sample, horizon)
    horizon, begins = horizon[keep], begins[keep]
    design = sample.take(keep).design(controls_only=True)
    check_clusters(design.clusters)
    treated = horizon >= 0
    horizons = np.unique(horizon[treated]).astype(int)
    picks = np.column_stack([horizon == h for h in horizons] + [treated]).astype(float)
    params, se = impute(design, treated, picks / picks.sum(axis=0), horizon, begins)
    if not (se > 1e-10 * np.abs(design.y).max()).any():
        raise NotEstimableError(remark("effects_fit_exactly"))
    table, pretrend = _pretrend(design, treated, horizon, leads)
    never = np.unique(design.entity[np.isnan(begins)])
    return EventStudy(
        horizons=tuple(horizons.tolist()),
        params=params,
        se=se,
        n_treated=picks.sum(axis=0).astype(np.int64),
        leads=table,
        pretrend=pretrend,
        nobs=design.nobs,
        n_entity=design.n_entity,
        n_never=len(never),
        ledger=ledger,
    )


def impute(
    design: Design, treated: np.ndarray, weights: FloatArray, horizon: FloatArray, begins: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weighted sums of imputed effects (m,) for ``weights`` (N, m) on treated rows, and their clustered errors."""
    values = np.column_stack([design.y, design.x])
    tau = values - predict_untreated(values, design.entity, design.time, treated)
    untreated = np.flatnonzero(~treated)
    v = weights - untreated_weights(weights, design.entity, design.time, treated)
    if design.x.shape[1]:
        x0 = tau[untreated, 1:]
        check_rank(x0, design.x[untreated], design.names, "untreated")
        slopes = np.linalg.lstsq(x0, tau[untreated, 0], rcond=None)[0]
        v[untreated] -= x0 @ np.linalg.inv(x0.T @ x0) @ (tau[:, 1:].T @ weights)
        effect = tau[:, 0] - tau[:, 1:] @ slopes
    else:
        effect = tau[:, 0]
    cell = np.unique(np.column_stack([begins, horizon])[treated], axis=0, return_inverse=True)[1].reshape(-1)
    errors = np.repeat(effect[:, None], weights.shape[1], axis=1)
    squares = v[treated] ** 2
    total = cluster_sums(squares, cell)
    mean = cluster_sums(squares * effect[treated, None], cell) / np.where(total > 0, total, 1.0)
    errors[treated] -= mean[cell]
    scores = cluster_sums(v * errors, np.unique(design.clusters[:, 0], return_inverse=True)[1])
    return weights.T @ effect, np.sqrt((scores**2).sum(axis=0))


def predict_untreated(values: FloatArray, entity: IntArray, time: IntArray, treated: np.ndarray) -> FloatArray:
    """α_i + λ_t of each column (N, p), estimated on untreated rows."""
    e, t = entity[~treated], time[~treated]
    size = np.bincount(e, minlength=entity.max() + 1).astype(float)
    sums = cluster_sums(values[~treated], e, len(size))
    period = _solve_periods(e, t, size, sums, cluster_sums(values[~treated], t, int(time.max()) + 1))
    means = (sums - cluster_sums(period[t], e, len(size))) / size[:, None]
    return means[entity] + period[time]


def untreated_weights(weights: FloatArray, entity: IntArray, time: IntArray, treated: np.ndarray) -> FloatArray:
    """Weights (N, m) with which untreated outcomes enter the predictions for the weighted treated rows."""
    e, t = entity[~treated], time[~treated]
    size = np.bincount(e, minlength=entity.max() + 1).astype(float)
    wanted = cluster_sums(weights, entity, len(size))
    period = _solve_periods(e, t, size, wanted, cluster_sums(weights, time, int(time.max()) + 1))
    own = (wanted - cluster_sums(period[t], e, len(size))) / size[:, None]
    found = np.zeros_like(weights)
    found[~treated] = own[e] + period[t]
    return found


def _solve_periods(
    e: IntArray, t: IntArray, size: FloatArray, by_entity: FloatArray, by_time: FloatArray
) -> FloatArray:
    """Period part of the normal equations of entity and period dummies, entities eliminated."""
    n_time = len(by_time)
    counts = np.zeros((len(size), n_time))
    np.add.at(counts, (e, t), 1.0)
    shares = counts / size[:, None]
    cross = np.diag(counts.sum(axis=0)) - counts.T @ shares
    solved: FloatArray = np.linalg.pinv(cross, rcond=1e-10, hermitian=True) @ (by_time - shares.T @ by_entity)
    return solved


def _imputable(sample: Sample, horizon: FloatArray) -> IntArray:
    """Rows of the sample whose untreated outcome the untreated rows can tell; the others go on record."""
    untreated = horizon < 0
    if untreated.all():
        raise NotEstimableError(remark("no_row_treated"))
    entity, time = (np.unique(codes, return_inverse=True)[1] for codes in (sample.unit, sample.period))
    n_entity, nodes = int(entity.max()) + 1, int(entity.max() + time.max()) + 2
    has_past = np.bincount(entity, untreated, minlength=n_entity)[entity] > 0
    has_peers = np.bincount(time, untreated)[time] > 0
    edges = (np.ones(int(untreated.sum())), (entity[untreated], n_entity + time[untreated]))
    part = connected_components(coo_array(edges, shape=(nodes, nodes)), directed=False)[1]
    linked = part[entity] == part[n_entity + time]
    for rule, lost in (
        ("always_treated", ~has_past),
        ("all_treated", has_past & ~has_peers),
        ("not_linked", has_past & has_peers & ~linked),
    ):
        sample.ledger.add(sample.group, remark(rule), int(lost.sum()))
    keep = np.flatnonzero(has_past & has_peers & linked)
    if not (horizon[keep] >= 0).any():
        raise NotEstimableError(remark("no_imputable_row"))
    return keep


def _pretrend(
    design: Design, treated: np.ndarray, horizon: FloatArray, leads: int
) -> tuple[pd.DataFrame, WaldTest | Remark]:
    """Slopes of the leads on untreated rows alone and the test that all are zero."""
    untreated = np.flatnonzero(~treated)
    sample, distance = design.take(untreated), horizon[untreated]
    present = [h for h in range(-leads, 0) if (distance == h).any()]
    empty = pd.DataFrame({"term": [], "group": [], "est": [], "se": [], "nobs": [], "horizon": []})
    if not present:
        return empty, remark("not_applicable", why=remark("no_lead_row"))
    columns = np.column_stack([distance == h for h in present]).astype(float)
    names = tuple(f"horizon {h}" for h in present)
    sample = Design(**(vars(sample) | {"x": np.column_stack([columns, sample.x]), "names": names + sample.names}))
    try:
        e = estimate(sample, "twoway", "stata")
    except NotEstimableError as error:
        return empty, remark("not_applicable", why=error.remark)
    m = len(present)
    table = pd.DataFrame({"term": names, "group": "all", "est": e.params[:m], "se": np.sqrt(np.diag(e.cov)[:m])})
    table["nobs"] = columns.sum(axis=0).astype(int)
    table["horizon"] = pd.array(present, dtype="Int64")
    test = wald_test(e.params[:m], e.cov[:m, :m], "all leads zero (no pre-trends)", ("all",))
    return table, test or remark("not_applicable", why=remark("singular_for_clusters", k=m))
