"""Scales: which items stand for which construct, checked against the data before anything is computed."""

from collections.abc import Collection, Hashable, Mapping, Sequence

import pandas as pd

from models.choices import choices
from models.measurement.errors import (
    MeasurementError,
    NotNumericError,
    ScaleError,
    TooFewRowsError,
    UnknownColumnError,
    suggestion,
)
from models.remarks import remark
from models.sem.errors import SemError
from models.sem.samples.answers import numbers

Scales = Mapping[str, Sequence[str]]
Limits = tuple[float, float] | Mapping[str, tuple[float, float]]


def check_columns(data: pd.DataFrame, columns: Sequence[str], role: str = "item") -> None:
    """Raise for the first of `columns` that `data` does not have, or has twice."""
    if not isinstance(data, pd.DataFrame):
        raise MeasurementError(f"the data are a {type(data).__name__}; expected a pandas DataFrame")
    for column in columns:
        if not isinstance(column, Hashable):
            raise ScaleError(f"{role} {column!r} is no name of a column; expected text")
        if column not in data.columns:
            hint = suggestion(column, list(data.columns))
            raise UnknownColumnError(
                f"{role} '{column}' is not a column of the data{hint}; correct the name or add the column"
            )
        if list(data.columns).count(column) > 1:
            raise ScaleError(f"the data have several columns named '{column}'; rename or drop all but one")


def numeric_items(data: pd.DataFrame, items: Sequence[str], ordered: bool = False) -> pd.DataFrame:
    """Return the items as floats, missing as NaN (`models.sem.samples.answers` decides what is a number).

    Parameters
    ----------
    ordered : bool
        Whether only the order of the answers counts; then ordered labels become 1, 2, …

    Raises
    ------
    UnknownColumnError
        An item is not a column.
    NotNumericError
        An item holds something else than finite numbers; the message names the first such row.
    """
    check_columns(data, items)
    answers = pd.DataFrame(index=data.index)
    for item in items:
        try:
            answers[item] = numbers(data[item], item, ordered)
        except SemError as error:
            raise NotNumericError(*error.args) from error
    return answers


def check_scales(data: pd.DataFrame, scales: Scales, min_rows: int = 3, ordered: bool = False) -> pd.DataFrame:
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
    if not isinstance(scales, Mapping):
        raise ScaleError(f"scales are {scales!r}; expected a mapping of construct to the list of its items")
    owner: dict[str, str] = {}
    for construct, items in scales.items():
        if isinstance(items, str) or not isinstance(items, Collection) or len(items) == 0:
            raise ScaleError(f"scale '{construct}' is {items!r}; expected a list with at least one item")
        for item in items:
            if isinstance(item, Hashable) and item in owner:
                raise ScaleError(
                    f"item '{item}' is listed in '{owner[item]}' and again in '{construct}'; "
                    "an item measures one construct"
                )
            check_columns(data, [item])
            owner[item] = construct
    if len(data) < min_rows:
        raise TooFewRowsError(remark("few_rows", n=len(data), least=min_rows))
    return numeric_items(data, list(owner), ordered)


def check_limits(data: pd.DataFrame, limits: Limits | None) -> None:
    """Raise for an answer format of an item that `data` does not have, or whose lowest answer is not below the highest.

    Raises
    ------
    UnknownColumnError
        An item is not a column.
    ScaleError
        A format that is not the lowest, then the highest answer.
    """
    if limits is None:
        return
    by_item = {f" of '{item}'": pair for item, pair in limits.items()} if isinstance(limits, Mapping) else {"": limits}
    if isinstance(limits, Mapping):
        check_columns(data, list(limits), role="answer format: item")
    for of_item, pair in by_item.items():
        if len(pair) != 2 or not pair[0] < pair[1]:
            raise ScaleError(f"answer format{of_item} is {tuple(pair)}; expected the lowest, then the highest answer")


def scale_scores(data: pd.DataFrame, scales: Scales, min_share: float = choices.scale_score_share) -> pd.DataFrame:
    """Mean of each respondent's answers to each scale; NaN where fewer than `min_share` of its items were answered.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    min_share : float
        Share of the items of a scale that a score needs.

    Returns
    -------
    DataFrame
        One row a respondent, one column a construct.

    Raises
    ------
    MeasurementError
        Scales that contradict themselves, items that are no numeric columns, too few rows, or a share that is none.

    References
    ----------
    Half the items: Graham (2009), doi:10.1146/annurev.psych.58.110405.085530.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import measurement
    >>> answers = pd.DataFrame({"t1": [1, 2, 4], "t2": [2, None, 5], "t3": [3, None, 4]})
    >>> measurement.scale_scores(answers, {"trust": ["t1", "t2", "t3"]}, min_share=0.5).round(2)
       trust
    0   2.00
    1    NaN
    2   4.33
    """
    if not 0 <= min_share <= 1:
        raise ScaleError(f"min_share is {min_share!r}; expected a share from 0 to 1")
    answers = check_scales(data, scales)
    scores = pd.DataFrame(index=data.index)
    for construct, items in scales.items():
        block = answers[list(items)]
        scores[construct] = block.mean(axis=1).where(block.notna().mean(axis=1) >= min_share)
    return scores
