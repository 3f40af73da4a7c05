"""Scales that no model can hold, because an item of theirs tells nobody apart."""

from __future__ import annotations

import pandas as pd

from models.measurement.scales.scales import Scales, check_columns
from models.remarks import Remark, remark


def not_estimable(data: pd.DataFrame, scales: Scales) -> dict[str, Remark]:
    """Construct → which item of its scale nobody answered, or everybody answered alike.

    Parameters
    ----------
    data : (respondents, items) answers, missing as NaN.

    Raises
    ------
    UnknownColumnError
        An item is not a column.
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
