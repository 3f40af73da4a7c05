"""Answers of ordered items that too few people of a group chose, joined with their neighbours by rule."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.choices import choices


def merge_sparse(
    answers: pd.DataFrame, items: Sequence[str], labels: pd.Series, least: int = choices.sparse_answers
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Join each answer that fewer than `least` people of some group chose with its neighbour, in all groups.

    Parameters
    ----------
    answers : DataFrame
        Items as ordered numbers, missing as NaN.
    items : sequence of str
        Columns to look at.
    labels : Series
        Group of each row.
    least : int
        Smallest number of people a group and answer.

    Returns
    -------
    answers : DataFrame
        Items coded 1, 2, … anew.
    merged : dict of item to number of answers left
        Items whose answers were joined.

    Notes
    -----
    The rarest answer goes first, to its neighbour towards the middle, until none is rare. A threshold can be estimated
    in every group only if every answer was given there; joining is the same in all groups, as anything else would
    itself be a difference between them (Rutkowski, Svetina & Liaw 2019, doi:10.1080/10705511.2018.1547640).
    """
    coded = answers.copy()
    merged: dict[str, int] = {}
    for item in items:
        counts = pd.crosstab(answers[item], labels)
        kept = [[value] for value in counts.index]
        cells = counts.to_numpy()
        while len(kept) > 1 and cells.min() < least:
            rarest = int(cells.min(axis=1).argmin())
            middle = (len(kept) - 1) / 2
            other = rarest + (1 if rarest < middle else -1)
            low, high = sorted((rarest, other))
            kept[low : high + 1] = [kept[low] + kept[high]]
            cells = np.vstack([cells[:low], cells[low] + cells[high], cells[high + 1 :]])
        code = {value: float(place) for place, values in enumerate(kept, 1) for value in values}
        coded[item] = answers[item].map(code)
        if len(kept) < len(counts):
            merged[item] = len(kept)
    return coded, merged
