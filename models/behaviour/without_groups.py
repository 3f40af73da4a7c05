"""Does one platform carry a slope: the specification without each group of users in turn."""

from __future__ import annotations

import pandas as pd

from models import panel, results
from models.behaviour.dynamics import measured
from models.behaviour.estimated_so import defined
from models.behaviour.few_clusters import decisive
from models.behaviour.robustness import attempt
from models.choices import choices
from models.panel.engine.results import PanelFit
from models.remarks import Remark, packed
from models.specs import PanelSpec
from models.statistics.seeding import SeedOf


def slopes_without_groups(
    name: str, spec: PanelSpec, fit: PanelFit, data: pd.DataFrame, terms: list[str], seed_of: SeedOf
) -> pd.DataFrame:
    """Decisive slopes without each platform type, where there are `choices.left_out_groups` or more.

    Parameters
    ----------
    data
        Panel in which products already are made of deviations (`centred`).

    Returns
    -------
    Rows `slopes_without` of the results table: group = `by: group left out`, `raw`; `failed` with its reason.
    """
    by = spec.by
    groups = sorted(data[by].dropna().unique()) if by in data else []
    if len(groups) < choices.left_out_groups or not terms:
        return pd.DataFrame()
    keys = {"entity": "entity", "time": "time", "cluster": spec.cluster, "effects": spec.effects}
    meaning = defined("slopes_without", fit)
    rows: list[dict] = []
    for group in groups:
        common = {"table": "slopes_without", "model": name, "group": f"{by}: {group}", "definition": meaning}
        found = attempt(panel.fit, fit.spec.formula, data[data[by] != group], **keys)
        if isinstance(found, Remark):
            rows.append(common | {"quantity": "failed", "note": packed([found])})
            continue
        slopes = found.tidy().set_index("term")
        rows += [
            common
            | {"term": term, "quantity": "raw"}
            | measured(slopes.loc[term])
            | decisive(found, term, seed_of, name, "without", str(group))
            for term in terms
        ]
    return results.rows(rows)
