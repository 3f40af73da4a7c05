"""Staggered roll-outs, second opinion: effects of every cohort and horizon in one regression, averaged by size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages.summary import Summarised
from models.panel.engine.design import FloatArray, check_clusters, check_formula, keyed
from models.panel.engine.keys import period_numbers
from models.panel.engine.large_sample import tidy_normal
from models.panel.engine.ledger import Ledger, Recorded
from models.panel.engine.reference import estimate
from models.panel.engine.sample import complete_rows
from models.panel.engine.starts import first_treated
from models.panel.errors import NotEstimableError, check_columns
from models.panel.estimators.breakdown import breakdown
from models.remarks import remark


@dataclass(frozen=True, eq=False, repr=False)
class InteractionWeighted(Recorded, Summarised):
    """Effects at ``horizons`` (H,), at last their average over all treated rows: ``params`` and ``se`` (H + 1,).

    ``breakdown`` is the largest M̄ at which the average effect is told from zero (`breakdown`).
    """

    horizons: tuple[int, ...]
    params: FloatArray
    se: FloatArray
    nobs: int
    n_entity: int
    ledger: Ledger
    breakdown: float

    def tidy(self, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the effects.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``term group est se statistic pvalue ci_lower ci_upper nobs``, one row a horizon and one for the average.

        Raises
        ------
        PanelError
            A level that is no share.
        """
        terms = [*(f"horizon {h}" for h in self.horizons), "average effect"]
        table = tidy_normal(terms, self.params, self.se, level).assign(nobs=self.nobs)
        table.insert(1, "group", "all")
        return table

    def glance(self) -> pd.DataFrame:
        """Tabulate the fit in one row.

        Returns
        -------
        DataFrame
            Sizes, convention of the errors, and the largest M̄ at which the average effect is told from zero.
        """
        row: dict[str, object] = {"group": "all", "nobs": self.nobs, "n_entity": self.n_entity}
        row |= {"effects": "twoway", "se_type": "stata", "breakdown": self.breakdown}
        return pd.DataFrame([row | {"n_dropped": self.ledger.lost()}])


def interaction_weighted(
    formula: str,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    start: str,
    cluster: str | None = None,
    freq: str | None = None,
) -> InteractionWeighted:
    r"""Sun–Abraham estimator: two-way effects and a dummy a cohort and horizon, but for the last one before the start.

    Entities that are never treated are the comparison. Effects are averaged over cohorts by their rows; errors are
    clustered and take these shares as given.

    Parameters
    ----------
    formula : str
        As in ``event_study``.
    data : DataFrame
        One row an entity and period.
    entity, time : str
        Key columns.
    start : str
        Column with the entity's first treated period, as in ``event_study``.
    cluster : str, optional
        Column of the clusters; the entity by default.
    freq : str, optional
        As in ``fit``.

    Returns
    -------
    InteractionWeighted
        Effects at each horizon and the average of those since the start.

    Raises
    ------
    PanelError
        Unknown columns or options, nobody who is never treated, or no row to compare with.

    Notes
    -----
    Sun & Abraham (2021), doi:10.1016/j.jeconom.2020.09.006.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(40), 6), "week": np.tile(range(6), 40)})
    >>> log["start"] = np.where(log["user"] < 20, 3 + log["user"] % 2, np.nan)
    >>> log["y"] = 2.0 * (log["week"] >= log["start"]) + 0.1 * rng.normal(size=240)
    >>> found = panel.interaction_weighted("y ~ 1", log, entity="user", time="week", start="start")
    >>> found.tidy()[["term", "est"]].tail(2).round(2)
                 term   est
    2       horizon 2  1.98
    3  average effect  1.97
    """
    parsed = check_formula(formula, data)
    check_columns(data.columns, [("start", start)])
    ledger = Ledger()
    rows = keyed(data, entity, time, None, (cluster,) if cluster else (), ledger)
    periods = period_numbers(rows[time], freq)
    keys: dict[str, Any] = {"entity": entity, "time": time, "clusters": (cluster or entity,), "periods": periods}
    sample = complete_rows(parsed, rows, **keys, ledger=ledger)
    design = sample.design(controls_only=True)
    begins = first_treated(rows, entity, start, periods).to_numpy()[sample.rows]
    horizon = design.period - begins
    based = np.bincount(design.entity, horizon == -1, minlength=design.n_entity)[design.entity] > 0
    keep = based | np.isnan(begins)
    sample = sample.without(remark("no_base_period"), ~keep)
    begins, horizon = begins[keep], horizon[keep]
    if not np.isnan(begins).any():
        raise NotEstimableError(remark("nobody_never_treated"))
    if not (horizon >= 0).any():
        raise NotEstimableError(remark("no_based_row"))
    design = sample.design(controls_only=True)
    check_clusters(design.clusters)
    cells = np.unique(np.column_stack([begins, horizon])[~np.isnan(begins) & (horizon != -1)], axis=0)
    dummies = ((begins[:, None] == cells[:, 0]) & (horizon[:, None] == cells[:, 1])).astype(float)
    names = tuple(f"start {g:g}, horizon {h:g}" for g, h in cells)
    full = replace(design, x=np.column_stack([dummies, design.x]), names=names + design.names)
    fit = estimate(full, "twoway", "stata")
    m, sizes = len(cells), dummies.sum(axis=0)
    horizons = np.unique(cells[cells[:, 1] >= 0, 1])
    picks = [cells[:, 1] == h for h in horizons] + [cells[:, 1] >= 0]
    weights = np.array([pick * sizes / (pick * sizes).sum() for pick in picks])
    steps = _steps(cells[:, 1], sizes)
    both = np.vstack([weights[-1:], steps])
    cov = both @ fit.cov[:m, :m] @ both.T
    reach = float(weights[-1] @ (cells[:, 1] + 1))
    return InteractionWeighted(
        horizons=tuple(horizons.astype(int).tolist()),
        params=weights @ fit.params[:m],
        se=np.sqrt(np.einsum("ij,jk,ik->i", weights, fit.cov[:m, :m], weights)),
        nobs=full.nobs,
        n_entity=full.n_entity,
        ledger=ledger,
        breakdown=breakdown(float(weights[-1] @ fit.params[:m]), steps @ fit.params[:m], cov, reach),
    )


def _steps(horizon: FloatArray, sizes: FloatArray) -> FloatArray:
    """Weights (K, cells) of the differences of neighbouring leads; the last before the start is zero."""
    leads = [-1, *sorted({int(h) for h in horizon if h < -1}, reverse=True)]
    means = {h: (horizon == h) * sizes / max((sizes * (horizon == h)).sum(), 1) for h in leads}
    pairs = [(later, earlier) for later, earlier in zip(leads, leads[1:], strict=False) if later - earlier == 1]
    return np.array([means[later] - means[earlier] for later, earlier in pairs]).reshape(len(pairs), len(sizes))
