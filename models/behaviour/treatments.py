"""Roll-outs of strategies on the panel: effects by periods since the start, and what should not be there before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from models import panel, results, specs, theory
from models.behaviour.dynamics import measured
from models.behaviour.left_out import left_out
from models.remarks import Remark, packed, remark
from models.specs import RollOutSpec
from models.theory import RollOut

SPEC, AVERAGE = "event_study", "average effect"
# M̄ from which on it says no more than that trends may part as they like.
MOST = 100.0
KEYS: dict[str, Any] = {"entity": "entity", "time": "time", "cluster": "entity"}


def roll_outs(data: pd.DataFrame, stands_for: dict[str, str], measures: set[str], enters: bool) -> pd.DataFrame:
    """Estimate every roll-out on every outcome that the data set offers.

    Parameters
    ----------
    data
        Panel with a column `start_<roll-out>`, the first treated period, missing for who was never reached.
    stands_for
        Roll-out → construct; a strategy's effect on the deciding outcome decides the hypothesis.
    enters
        Whether an entity enters with its first event, so that its first period is active by construction and
        left out.

    Returns
    -------
    Rows `event_study` (group: the outcome), `event_checks`, `dropped` and `remarks` of the results table.
    """
    spec = specs.roll_outs()[SPEC]
    if enters:
        data = data[data["time"] > data.groupby("entity")["time"].transform("min")]
    rows: list[dict] = []
    for name, construct in stands_for.items():
        for outcome in (o for o in spec.outcomes if o in measures):
            decides = hypothesis_of(construct) if outcome == spec.decides else ""
            try:
                rows += _one(name, outcome, decides, data, spec)
            except panel.PanelError as error:
                failed = {
                    "table": "remarks",
                    "model": name,
                    "term": outcome,
                    "quantity": "failed",
                    "note": packed([error.remark]),
                }
                rows.append(failed | {"hypothesis": decides})
    averages = [row for row in rows if row.get("quantity") == "raw"]
    adjusted: list[float] = panel.holm(np.array([row["pvalue"] for row in averages])).tolist() if averages else []
    same = ("table", "model", "group", "term", "definition")
    rows += [
        {key: row[key] for key in same} | {"quantity": "holm", "pvalue": pvalue}
        for row, pvalue in zip(averages, adjusted, strict=True)
    ]
    return results.rows(rows)


def with_strategies(
    data: pd.DataFrame, stands_for: dict[str, str], measures: Iterable[str]
) -> tuple[pd.DataFrame, dict[str, Remark]]:
    """Add each strategy that is not measured but rolled out: how many of its roll-outs have reached the user.

    Returns
    -------
    A copy with the added columns, and strategy → how it was made up.
    """
    out, made = data.copy(), {}
    for construct in theory.strategies(c for c in stands_for.values() if c not in measures):
        names = [name for name, other in stands_for.items() if other == construct]
        reached = [data["time"] >= data[f"start_{name}"] for name in names]
        out[construct] = sum(one.astype(float) for one in reached)
        made[construct] = remark("roll_outs_reached", roll_outs=names)
    return out, made


def hypothesis_of(construct: str) -> str:
    """The hypothesis that a dated roll-out of this construct decides, if any."""
    tests = {h.id: h.panel for h in theory.hypotheses().values() if isinstance(h.panel, RollOut)}
    return next((key for key, test in tests.items() if construct in test.needs.treatments), "")


def _one(name: str, outcome: str, decides: str, data: pd.DataFrame, spec: RollOutSpec) -> list[dict]:
    keys = KEYS | {"start": f"start_{name}"}
    common: dict[str, Any] = {"table": "event_study", "model": name, "group": outcome, "definition": "imputation"}
    study = panel.event_study(f"{outcome} ~ 1", data, leads=spec.leads, **keys)
    rows = []
    for row in study.tidy().itertuples():
        if row.term == AVERAGE:
            found, sd = measured(row), float(data.loc[~(data["time"] >= data[keys["start"]]), outcome].std())
            scaled = {key: found[key] / sd for key in ("estimate", "se", "ci_lower", "ci_upper")}
            decided = common | {"term": AVERAGE, "hypothesis": decides} | found
            rows += [decided | {"quantity": "raw"}, decided | {"quantity": "std"} | scaled]
        else:
            quantity = "lead" if row.horizon < 0 else "effect"
            rows.append(common | {"term": str(row.horizon), "quantity": quantity} | measured(row))
    rows += _others(outcome, data, spec, keys, common)
    return rows + _checks(study, common, bool(decides))


def _others(
    outcome: str, data: pd.DataFrame, spec: RollOutSpec, keys: dict[str, Any], common: dict[str, Any]
) -> list[dict]:
    """The average effect again: of a fake start, beside a linear trend of the treated, by a second estimator."""
    start, time = data[keys["start"]], data["time"]
    trend = data.assign(trend=np.where(start.notna(), time - time.min(), 0.0))
    estimates: dict[str, Callable[[], panel.EventStudy | panel.InteractionWeighted]] = {
        "placebo": lambda: panel.event_study(f"{outcome} ~ 1", data, leads=0, placebo=spec.placebo, **keys),
        "own_trend": lambda: panel.event_study(f"{outcome} ~ trend", trend, leads=0, **keys),
        "interaction_weighted": lambda: panel.interaction_weighted(f"{outcome} ~ 1", data, **keys),
    }
    rows = []
    for quantity, estimate in estimates.items():
        row = common | {"term": AVERAGE, "quantity": quantity}
        if quantity == "interaction_weighted":
            row |= {"definition": "interaction_weighted"}
        try:
            estimated = estimate()
            found = measured(estimated.tidy().set_index("term", drop=False).loc[AVERAGE])
        except panel.PanelError as error:
            rows.append(row | {"note": packed([error.remark])})
        else:
            rows.append(row | found)
            if isinstance(estimated, panel.InteractionWeighted) and not np.isnan(estimated.breakdown):
                limit = min(estimated.breakdown, MOST)
                rows.append(common | {"term": AVERAGE, "quantity": "breakdown", "estimate": limit})
                rows[-1]["definition"] = "breakdown"
    return rows


def _checks(study: panel.EventStudy, common: dict[str, Any], decides: bool) -> list[dict]:
    """The test of the leads, numbers of entities, rows that could not be imputed."""
    test = {"table": "event_checks", "term": "pretrend", "quantity": "test", "definition": "pretrend"}
    if isinstance(study.pretrend, Remark):
        rows = [common | test | {"note": packed([study.pretrend])}]
    else:
        found = {"statistic": study.pretrend.statistic, "df": study.pretrend.df, "pvalue": study.pretrend.pvalue}
        rows = [common | test | found]
    sizes = {"n_never": study.n_never, "n_reached": study.n_entity - study.n_never}
    rows += [
        common | {"table": "event_checks", "term": term, "quantity": "size", "estimate": size, "definition": ""}
        for term, size in sizes.items()
    ]
    return rows + left_out(study.ledger.lines, common["model"]) if decides else rows
