"""Panel tests over time: closed loops and levels by GMM, mediation by products of slopes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models import panel
from models.behaviour.reasons import reason
from models.choices import choices
from models.panel.engine.transform import period_effects
from models.panel.language.editing import lagged, shifted
from models.panel.language.formula import read
from models.remarks import packed, remark
from models.specs import PanelSpec
from models.statistics.seeding import SeedOf


def centred(data: pd.DataFrame, spec: PanelSpec) -> pd.DataFrame:
    """What enters products, as deviations (a copy): `centre` from user and period, `centre_users` from the user alone.

    Columns that the data lack are passed over.
    """
    out = data.copy()
    for column in (c for c in spec.centre if c in out):
        free = _without_periods(out, column)
        out[column] = free - free.groupby(out["entity"]).transform("mean")
    for column in (c for c in spec.centre_users if c in out):
        out[column] -= out[column].groupby(out["entity"]).transform("mean")
    return out


def absorbed(data: pd.DataFrame, column: str) -> bool:
    """Whether user and period effects leave nothing of a column, as of a price that is the same for all users."""
    free = _without_periods(data, column)
    left = free - free.groupby(data["entity"]).transform("mean")
    return bool(left.std() <= 1e-9 * data[column].std())


def _without_periods(data: pd.DataFrame, column: str) -> pd.Series:
    """A column less its period effects beside effects of users; missing values stay missing."""
    known = data[data[column].notna()]
    entity, time = (pd.factorize(known[key])[0].astype(np.int64) for key in ("entity", "time"))
    values = known[[column]].to_numpy(dtype=np.float64)
    free = pd.Series((values - period_effects(values, entity, time)[time])[:, 0], index=known.index)
    return free.reindex(data.index)


def alone(spec: PanelSpec, formula: str) -> bool:
    """Whether a dynamic specification is left with nothing but the outcome's own past."""
    return spec.estimator == "gmm" and set(lagged(formula)) <= {spec.outcome}


def many_periods(data: pd.DataFrame) -> bool:
    """Whether there are more periods than users, too many for an effect of each."""
    return bool(data["time"].nunique() >= data["entity"].nunique())


def dynamic(formula: str, data: pd.DataFrame) -> panel.DynamicFit:
    """Estimate a formula of lags by difference GMM with period effects.

    Every regressor may respond to the outcome (predetermined), so its levels from the second lag on are instruments;
    few lags, collapsed, keep their number sane (Roodman 2009, doi:10.1177/1536867X0900900106). Lags, instruments and
    steps are chosen (`choices.gmm_…`). With as many periods as users the means of the periods are removed first instead
    of estimated.

    Raises
    ------
    PanelError
        When the instruments outnumber the users, or users are too few for the errors of two steps.
    """
    causes = lagged(formula)
    variables = list(dict.fromkeys([read(formula).outcome.name, *causes]))
    if thin := many_periods(data):
        data = data.assign(**{v: data[v] - data.groupby("time")[v].transform("mean") for v in variables})
    lags = (choices.gmm_first_lag, choices.gmm_last_lag)
    instruments: dict[str, tuple[int, int | None]] = dict.fromkeys(causes, lags)
    fit = panel.gmm(
        formula,
        data,
        entity="entity",
        time="time",
        instruments=instruments,
        steps=2 if choices.gmm_estimator == "two-step" else 1,
        collapse=choices.gmm_instruments == "collapsed",
        time_effects=not thin,
    )
    if fit.n_instruments > fit.n_entity:
        raise panel.PanelError(remark("more_instruments_than_users", m=fit.n_instruments, n=fit.n_entity))
    if fit.n_entity < choices.few_clusters:
        raise panel.PanelError(remark("few_users_for_gmm", n=fit.n_entity, least=choices.few_clusters))
    return fit


def dynamic_rows(name: str, formula: str, data: pd.DataFrame, units: str, group: str) -> list[dict[str, Any]]:
    """Slopes of a dynamic specification in one group; in raw units also the sample and the specification tests."""
    common = {"model": name, "group": group}
    try:
        fit = dynamic(formula, data)
    except (panel.PanelError, np.linalg.LinAlgError) as error:
        why = packed([reason(error)])
        lost = {"table": "remarks", "model": name, "term": group, "quantity": "failed", "note": why}
        return [lost] if units == "raw" else []
    rows = [
        common
        | {"table": "slopes", "quantity": units, "definition": "difference_gmm", "term": row.term}
        | measured(row)
        for row in fit.tidy().itertuples()
        if shifted(row.term)
    ]
    if units == "raw":
        if many_periods(data):
            said = remark("period_means_first", periods=data["time"].nunique(), users=data["entity"].nunique())
            note = packed([said])
            rows.append({"table": "remarks", "model": name, "term": group, "quantity": "period_means", "note": note})
        rows += [
            common | {"table": "panel_fit", "term": quantity, "quantity": quantity, "estimate": size}
            for quantity, size in (("nobs", fit.nobs), ("n_entity", fit.n_entity))
        ]
        tests = fit.glance().iloc[0]
        hansen = {"statistic": tests["hansen"], "df": tests["hansen_df"], "pvalue": tests["hansen_pvalue"]}
        found = {"Hansen": hansen, "instruments": {"statistic": fit.n_instruments}}
        for order in (1, 2):
            found[f"AR({order})"] = {"statistic": tests[f"ar{order}"], "pvalue": tests[f"ar{order}_pvalue"]}
        rows += [
            common
            | {"table": "panel_diagnostics", "term": test, "quantity": "test", "definition": "panel_test", **values}
            for test, values in found.items()
        ]
    return rows


def measured(row: Any) -> dict[str, float]:
    """The numbers of a row of `tidy()` under the names of the results table."""
    names = ("se", "statistic", "pvalue", "ci_lower", "ci_upper")
    return {"estimate": row.est, "n": row.nobs} | {name: getattr(row, name) for name in names}


def mediation_rows(
    name: str,
    spec: PanelSpec,
    to_mediator: panel.PanelFit,
    to_outcome: panel.PanelFit,
    units: str,
    seed_of: SeedOf,
) -> list[dict[str, Any]]:
    """Indirect effects of every cause of the mediator, in every group that both fits have."""
    through, rows = f"lag({spec.mediator})", []
    members = {g.group: g for g in to_outcome.groups}
    by = to_mediator.spec.by
    for first in to_mediator.groups:
        second = members.get(first.group)
        if second is None or through not in second.estimate.names:
            continue
        for cause in (term for term in first.estimate.names if shifted(term)):
            seed = seed_of("mediation", name, first.group, cause)
            found = panel.mediation(to_mediator, to_outcome, cause, through, group=first.group, seed=seed)
            rows.append(
                {
                    "table": "slopes",
                    "model": name,
                    "group": f"{by}: {first.group}" if by else "all",
                    "term": cause,
                    "quantity": units,
                    "estimate": found.indirect,
                    "se": found.se,
                    "statistic": found.indirect / found.se,
                    "pvalue": found.pvalue,
                    "ci_lower": found.ci_lower,
                    "ci_upper": found.ci_upper,
                    "n": second.estimate.nobs,
                    "definition": "lagged_mediation",
                }
            )
    return rows
