"""Scales that no model can hold, because an item of theirs tells nobody apart."""

from __future__ import annotations

import pandas as pd

from models.measurement.scales.scales import Scales, check_columns


def not_estimable(data: pd.DataFrame, scales: Scales) -> dict[str, str]:
    """Construct → the item of its scale that nobody answered or everybody answered alike, and which of the two.

    Parameters
    ----------
    data : (respondents, items) answers, missing as NaN.

    Raises
    ------
    UnknownColumnError
        An item is not a column.
    """
    found = {}
    for construct, items in scales.items():
        check_columns(data, items)
        for item in items:
            answers = data[item].dropna()
            if answers.nunique() < 2:
                how = "everybody gave the same answer to" if len(answers) else "nobody answered"
                found[construct] = f"{how} {item}"
                break
    return found
