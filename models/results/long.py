"""Rows of the long results table: made by name, so that an unknown name fails where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd

from models.remarks.said import refuse_words
from models.results.vocabulary import UnknownName, known
from models.results.ways import way

KEYS = ["data_set", "simulated", "stage", "table", "model", "sample", "group", "term", "quantity", "hypothesis"]
NUMBERS = ["estimate", "se", "statistic", "df", "df2", "pvalue", "ci_lower", "ci_upper", "n"]
TEXTS = ["definition", "note"]
COLUMNS = [*KEYS, "decides", *NUMBERS, *TEXTS]


def rows(entries: Iterable[Mapping[str, Any]] | pd.DataFrame, **common: Any) -> pd.DataFrame:
    """Rows of the long table.

    Parameters
    ----------
    entries : iterable of mapping, or DataFrame
        One a row: `table`, `quantity` and any other of `COLUMNS`. `decides` is given only where a row may not decide
        although it names a hypothesis, or decides one that it does not name yet.
    **common : Any
        Values of columns that are the same in every row.

    Returns
    -------
    DataFrame
        The rows, with the definition that their quantity implies where they name none.

    Raises
    ------
    UnknownName
        For a column, table, quantity or definition that the vocabulary lacks.
    ValueError
        For a row that is to decide although its quantity may not, or whose note is words and no remark.

    Examples
    --------
    >>> from models import results
    >>> made = results.rows([{"term": "t1", "quantity": "mean", "estimate": 4.2}], table="items")
    >>> made[["table", "term", "quantity", "estimate"]]
       table term quantity  estimate
    0  items   t1     mean       4.2
    """
    frame = entries if isinstance(entries, pd.DataFrame) else pd.DataFrame(list(entries))
    frame = frame.assign(**common)
    for column in frame.columns:
        if column not in COLUMNS:
            raise UnknownName("column", column, COLUMNS, "long.py")
    if frame.empty:
        return frame
    refuse_words(frame.get("note", ()))
    named = frame["definition"] if "definition" in frame else pd.Series("", index=frame.index)
    named = named.where(named.notna(), "")
    places = zip(frame["table"], frame["quantity"], named, strict=True)
    frame = frame.assign(definition=[_defined(*place) for place in places])
    if "decides" in frame:
        claimed = frame["decides"].eq(True)
        barred = frame[claimed & ~_may_decide(frame)]
        if len(barred):
            place = barred[["table", "quantity"]].iloc[0].tolist()
            raise ValueError(f"{' '.join(place)}: models/results/tables.yaml does not let it decide a hypothesis")
    return frame


def whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with every column of the long table; a row that names a hypothesis decides it where its quantity may.

    Parameters
    ----------
    frame : DataFrame
        What `rows` made.

    Returns
    -------
    DataFrame
        The same rows with all of `COLUMNS`; what a row does not say is missing.

    Examples
    --------
    >>> from models import results
    >>> made = results.rows([{"term": "t1", "quantity": "mean", "estimate": 4.2}], table="items")
    >>> list(results.whole(made)) == results.COLUMNS
    True
    """
    out = frame.reindex(columns=COLUMNS)
    claims = out["hypothesis"].notna() & out["hypothesis"].astype(str).ne("") & _may_decide(out)
    return out.assign(decides=out["decides"].where(out["decides"].notna(), claims).astype(bool))


def _may_decide(frame: pd.DataFrame) -> pd.Series:
    pairs = zip(frame["table"], frame["quantity"], strict=True)
    return pd.Series([known(*pair).decides for pair in pairs], index=frame.index, dtype=bool)


@cache
def _defined(table: str, quantity: str, named: str) -> str:
    """The definition of a row: the one that it names, else the one that its quantity implies."""
    quantity_ = known(table, quantity)
    if named and way(named).definition not in quantity_.definitions:
        raise UnknownName(f"definition of {table} {quantity},", named, quantity_.definitions, "tables.yaml")
    return named or quantity_.implied
