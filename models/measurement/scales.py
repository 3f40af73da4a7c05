"""Scales: which items stand for which construct, checked against the data before anything is computed."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models.measurement.errors import NotNumericError, ScaleError, TooFewRowsError, UnknownColumnError, suggestion
from models.sem.errors import shown

Scales = Mapping[str, Sequence[str]]
Limits = tuple[float, float] | Mapping[str, tuple[float, float]]


def check_columns(data: pd.DataFrame, columns: Sequence[str], role: str = "item") -> None:
    """Raise `UnknownColumnError` for the first of `columns` that `data` does not have."""
    for column in columns:
        if column not in data.columns:
            hint = suggestion(column, list(data.columns))
            raise UnknownColumnError(
                f"{role} '{column}' is not a column of the data{hint}; correct the name or add the column"
            )


def numeric_items(data: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    """Return the items as floats, missing as NaN.

    Raises
    ------
    UnknownColumnError
        An item is not a column.
    NotNumericError
        An item holds text or infinite values; the message names the first offending rows.
    """
    check_columns(data, items)
    answers = pd.DataFrame(index=data.index)
    for item in items:
        numbers = pd.to_numeric(data[item], errors="coerce").astype(float)
        bad = (numbers.isna() & data[item].notna()) | np.isinf(numbers)
        if bad.any():
            row = data.index[bad.to_numpy()][0]
            raise NotNumericError(
                f"item '{item}' has {int(bad.sum())} answers that are not finite numbers, the first "
                f"{shown(data[item][row])} in row {shown(row)}; code answers as numbers and missing ones as empty"
            )
        answers[item] = numbers
    return answers


def check_scales(data: pd.DataFrame, scales: Scales, min_rows: int = 3) -> pd.DataFrame:
    """Return the numeric answers to all items of `scales`, in the order of the scales.

    Raises
    ------
    ScaleError
        No scale, an empty scale, or an item that appears twice.
    UnknownColumnError, NotNumericError
        See `numeric_items`.
    TooFewRowsError
        Fewer than `min_rows` rows.
    """
    if not scales:
        raise ScaleError("no scales given; expected a mapping of construct to the list of its items")
    owner: dict[str, str] = {}
    for construct, items in scales.items():
        if isinstance(items, str) or len(items) == 0:
            raise ScaleError(f"scale '{construct}' is {items!r}; expected a list with at least one item")
        for item in items:
            if item in owner:
                raise ScaleError(
                    f"item '{item}' is listed in '{owner[item]}' and again in '{construct}'; "
                    "an item measures one construct"
                )
            owner[item] = construct
    if len(data) < min_rows:
        raise TooFewRowsError(f"the data have {len(data)} rows; at least {min_rows} are needed")
    return numeric_items(data, list(owner))


def scale_scores(data: pd.DataFrame, scales: Scales, min_share: float = 0.5) -> pd.DataFrame:
    """Mean of each respondent's answers to each scale; NaN where fewer than `min_share` of its items were answered.

    References
    ----------
    Half the items: Graham (2009), doi:10.1146/annurev.psych.58.110405.085530.
    """
    answers = check_scales(data, scales)
    scores = pd.DataFrame(index=data.index)
    for construct, items in scales.items():
        block = answers[list(items)]
        scores[construct] = block.mean(axis=1).where(block.notna().mean(axis=1) >= min_share)
    return scores
