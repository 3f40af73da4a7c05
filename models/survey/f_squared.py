"""How much a cause adds to what the other causes explain: Cohen's f² for every path."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import results
from models.survey.equations import Structural, improper


def effect_sizes(model: Structural) -> pd.DataFrame:
    """f² of every path among constructs, and how much the other causes inflate its variance.

    Returns
    -------
    Rows `effect_sizes` of the results table: term = path, quantity = `f2` and `vif`; none where the
    solution is inadmissible.

    Notes
    -----
    :math:`f^2=(R^2-R^2_{-x})/(1-R^2)`, where :math:`R^2_{-x}` is what the other causes explain of the outcome, both
    from the model's covariances of the constructs, so free of measurement error; .02, .15 and .35 are by convention
    small, medium and large (Cohen 1988, doi:10.4324/9780203771587). :math:`VIF=1/(1-R^2_x)` of a cause regressed on the
    others (Belsley, Kuh & Welsch 1980, doi:10.1002/0471725153).
    """
    if improper(model.fit):
        return pd.DataFrame()
    covariance = next(iter(model.fit.latent_covariance().values()))
    causes: dict[str, list[str]] = {}
    for row in model.fit.names().itertuples():
        if row.op == "~" and {row.lhs, row.rhs} <= set(covariance):
            causes.setdefault(row.lhs, []).append(row.rhs)
    rows = []
    for outcome, named in causes.items():
        whole = _explained(covariance, outcome, named)
        for cause in named:
            rest = _explained(covariance, outcome, [other for other in named if other != cause])
            f2 = (whole - rest) / (1 - whole) if whole < 1 else np.nan
            among = _explained(covariance, cause, [other for other in named if other != cause])
            term = f"{outcome} ~ {cause}"
            rows.append({"term": term, "quantity": "f2", "estimate": f2})
            rows.append({"term": term, "quantity": "vif", "estimate": 1 / (1 - among) if among < 1 else np.nan})
    return results.rows(rows, table="effect_sizes", model=model.spec, n=model.fit.n)


def _explained(covariance: pd.DataFrame, outcome: str, causes: list[str]) -> float:
    if not causes:
        return 0.0
    with_outcome = covariance.loc[causes, outcome].to_numpy()
    among = covariance.loc[causes, causes].to_numpy()
    return float(with_outcome @ np.linalg.solve(among, with_outcome) / covariance.loc[outcome, outcome])
