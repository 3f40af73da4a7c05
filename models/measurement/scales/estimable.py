"""Scales that no model can hold, because an item of theirs tells nobody apart."""

from __future__ import annotations

import pandas as pd

from models.measurement.scales.scales import Scales, check_columns
from models.remarks import Remark, remark


def not_estimable(data: pd.DataFrame, scales: Scales) -> dict[str, Remark]:
    """Construct → which item of its scale nobody answered, or everybody answered alike.

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
    return found
