"""Do a few people carry the result: paths without those whose answers move them most, to first order."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import results, sem
from models.analysis.influential import left_out
from models.choices import choices
from models.remarks import packed, remark
from models.statistics.distributions import normal_quantile, two_sided
from models.survey.deciding_paths import deciding_paths
from models.survey.equations import MAIN, Structural


def influential_people(model: Structural) -> pd.DataFrame:
    """Paths that decide, without the people who hold them up most.

    Changes add up to first order, errors are held (Broderick, Giordano & Meager 2020, doi:10.48550/arXiv.2011.14999):
    no model is fitted again. Leaving out those who speak for a path makes it smaller by construction: does it stand?

    Returns
    -------
    Rows `influential_people` of the results table: `single`, the largest change from one person in standard errors;
    `without`, the standardised path without the `choices.influential_users` (their `influential_share`, where that is
    fewer) who hold it up most, with the p of the path; `fewest`, how many people must be left out until a clear path is
    no longer clear, or one that is not clear becomes it; missing where more than half would have to go.
    """
    paths = deciding_paths(model)
    if not paths:
        return pd.DataFrame()
    fit = model.fit
    raw, standard = (sem.influences(fit, quantity) for quantity in ("est", "std_all"))
    tidy = fit.tidy()
    k = left_out(len(raw))
    rows: list[dict] = []
    for path in paths:
        row, change = tidy.iloc[path.row], raw[:, path.row]
        common = {"table": "influential_people", "term": path.term, "n": len(raw)}
        single = {"quantity": "single", "estimate": float(np.abs(change).max() / row["se"])}
        gone = np.argsort(change * np.sign(row["est"]))[:k]
        z = (row["est"] + change[gone].sum()) / row["se"]
        without = {"estimate": row["std_all"] + standard[gone, path.row].sum(), "statistic": z}
        note = packed([remark("without_people", k=k, n=len(raw))])
        without |= {"quantity": "without", "pvalue": float(two_sided(z)), "note": note}
        fewest = {"quantity": "fewest", "estimate": fewest_to_turn(row["est"], row["se"], change)}
        rows += [common | one for one in (single, without, fewest)]
    return results.rows(rows, model=MAIN)


def fewest_to_turn(estimate: float, se: float, change: np.ndarray) -> float:
    """How many must be left out until the estimate crosses the line between clear and not; NaN for over half of all.

    Parameters
    ----------
    change
        Of the estimate without each person (n,).
    """
    line = normal_quantile(1 - choices.alpha / 2) * se
    size = abs(estimate)
    moved = np.sort(change * np.sign(estimate))
    reached = size + np.cumsum(moved) < line if size >= line else size + np.cumsum(moved[::-1]) >= line
    half = reached[: len(change) // 2]
    return float(np.argmax(half) + 1) if half.any() else np.nan
