"""How strong a cause, or a method, behind both ends of a path must be for the path to vanish."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import results
from models.choices import choices
from models.sem.model.matrices import implied
from models.statistics.distributions import normal_quantile
from models.survey.equations import Structural


def omitted_cause(model: Structural) -> pd.DataFrame:
    r"""The share of variance of both ends of each path that one omitted cause must make to take the path away.

    Of a path with partial correlation r (beside the other causes), one cause u behind both ends that makes a share k
    of each leaves :math:`(r - k) / (1 - k)`: nothing at :math:`k = r`, and no more than the least correlation with p
    below alpha, :math:`r_0 = r z_{1-\alpha/2} / |z|`, at :math:`k = (r - r_0) / (1 - r_0)`. A method that all items
    share is such a cause. Frank (2000), https://doi.org/10.1177/0049124100029002001, on latent correlations, where u
    is the phantom variable of Harring, McNeish & Hancock (2017), https://doi.org/10.1037/met0000103.

    Parameters
    ----------
    model : Structural
        A model as fitted.

    Returns
    -------
    DataFrame
        Rows `omitted_cause` of the results table for each path between factors: `share_zero`, and
        `share_significance` (0 where p is not below `choices.alpha` as it is).
    """
    task = model.fit.task
    names = list(task.structure.names)
    C = implied(task.structure.groups[0], model.fit.theta).C
    tidy = model.fit.tidy()
    paths = tidy[(tidy["op"] == "~") & tidy["lhs"].isin(model.built.latents) & tidy["rhs"].isin(model.built.latents)]
    rows = []
    for path in paths.itertuples():
        causes = [row.rhs for row in tidy[(tidy["op"] == "~") & (tidy["lhs"] == path.lhs)].itertuples()]
        others = [names.index(cause) for cause in causes if cause != path.rhs]
        r = abs(partial_correlation(C, names.index(path.rhs), names.index(path.lhs), others))
        least = r * normal_quantile(1 - choices.alpha / 2) / abs(path.z)
        common = {"term": f"{path.lhs} ~ {path.rhs}", "definition": "omitted_cause"}
        rows.append(common | {"quantity": "share_zero", "estimate": r})
        rows.append(common | {"quantity": "share_significance", "estimate": max((r - least) / (1 - least), 0.0)})
    return results.rows(rows, table="omitted_cause", model=model.spec, n=model.fit.n)


def partial_correlation(C: np.ndarray, x: int, y: int, others: list[int]) -> float:
    """Correlation of two variables of a covariance matrix C (k, k) beside others."""
    P = np.linalg.inv(C[np.ix_([x, y, *others], [x, y, *others])])
    return float(-P[0, 1] / np.sqrt(P[0, 0] * P[1, 1]))
