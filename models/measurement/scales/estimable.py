"""Scales that no model can hold: an item tells nobody apart, or is worded the other way and was not turned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.choices import choices
from models.measurement.scales.scales import Scales, check_columns
from models.remarks import Remark, remark
from models.statistics.distributions import normal_quantile


def not_estimable(data: pd.DataFrame, scales: Scales) -> dict[str, Remark]:
    """Construct → which item of its scale nobody answered, everybody answered alike, or points the other way.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.

    Returns
    -------
    dict of str to Remark
        Constructs that cannot be estimated, and why.

    Raises
    ------
    UnknownColumnError
        An item is not a column.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import measurement
    >>> answers = pd.DataFrame({"t1": [1, 2, 4], "t2": [2, 2, 5], "u1": [3, 3, 3], "u2": [1, 4, 2]})
    >>> list(measurement.not_estimable(answers, {"trust": ["t1", "t2"], "use": ["u1", "u2"]}))
    ['use']
    """
    found: dict[str, Remark] = {}
    for construct, items in scales.items():
        check_columns(data, items)
        for item in items:
            answers = data[item].dropna()
            if answers.nunique() < 2:
                found[construct] = remark("one_answer" if len(answers) else "unanswered_item", item=item)
                break
        else:
            turned = opposite(data[list(items)])
            if turned:
                found[construct] = remark("opposite_items", items=turned)
    return found


def opposite(answers: pd.DataFrame) -> list[str]:
    """Items of one scale that run clearly against the others, the smaller side; none where all point one way.

    An item runs against the others where its correlation with their sum, all turned as the first principal component
    loads on them, reaches `choices.opposite_items` and its interval excludes zero.
    """
    together = np.nan_to_num(answers.corr(min_periods=3).to_numpy())
    side = np.where(np.linalg.eigh(together)[1][:, -1] < 0, -1.0, 1.0)
    if abs(side.sum()) == len(side):
        return []
    side *= 1.0 if side.sum() > 0 or (side.sum() == 0 and side[0] > 0) else -1.0
    z = (answers - answers.mean()) / answers.std() * side
    against = []
    for item in answers.columns[side < 0]:
        known = z.dropna()
        r = known[item].corr(known.drop(columns=item).sum(axis=1))
        noise = -normal_quantile(choices.alpha / 2) / np.sqrt(max(len(known) - 3, 1))
        if np.isfinite(r) and r >= choices.opposite_items and np.arctanh(min(r, 1 - 1e-12)) > noise:
            against.append(item)
    return against
