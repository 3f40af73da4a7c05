"""Frames of measurement and structural models → rows of the long results table; why there are none, as a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from models import results
from models.remarks import Remark, Stated, packed
from models.remarks import remark as said

FIT = ["chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]


def remarked(why: Iterable[Remark], table: str = "remarks", **where: str) -> pd.DataFrame:
    """One row that says why something is not estimated."""
    return results.rows([{"table": table, **where, "quantity": "failed", "note": packed(why)}])


def failed(error: Exception, table: str = "remarks", **where: str) -> pd.DataFrame:
    """One row that says what an error said: its remark, or its first line."""
    why = error.remark if isinstance(error, Stated) else said("as_said", text=str(error).splitlines()[0])
    return remarked([why], table, **where)


def tried(name: str, step: Callable[..., Any], *arguments: Any, model: str = "", **options: Any) -> list[pd.DataFrame]:
    """The frame or frames that a step gives; where the data cannot carry it, a remark under its name that says why."""
    try:
        found = step(*arguments, **options)
    except Stated as error:
        return [failed(error, term=name if model else f"step {name}", model=model)]
    return found if isinstance(found, list) else [found]


def long(
    frame: pd.DataFrame,
    table: str,
    term: str,
    quantities: Sequence[str],
    group: str | None = None,
    versions: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> pd.DataFrame:
    """One row an entry of `frame` and quantity; its remarks go with the missing quantities, else with the first.

    Parameters
    ----------
    term, group
        Columns that name the entry.
    quantities
        Columns that become rows.
    versions
        Term → quantity → its definition, where the entry decides which.
    """
    rows = []
    for entry in frame.to_dict("records"):
        noted = [quantity for quantity in quantities if pd.isna(entry[quantity])] or quantities[:1]
        for quantity in quantities:
            rows.append(
                {
                    "table": table,
                    "term": entry[term],
                    "group": entry[group] if group else "",
                    "quantity": quantity,
                    "estimate": entry[quantity],
                    "definition": versions.get(entry[term], {}).get(quantity, ""),
                    "n": entry.get("n"),
                    "note": packed(entry.get("note", ())) if quantity in noted else "",
                }
            )
    return results.rows(rows)


def with_interval(
    rows: pd.DataFrame, quantity: str, frame: pd.DataFrame, term: str, lower: str, upper: str
) -> pd.DataFrame:
    """The rows with the interval of one quantity filled in from `frame`, looked up by term."""
    found = frame.drop_duplicates(term).set_index(term)
    at = rows["quantity"] == quantity
    rows = rows.copy()
    rows.loc[at, "ci_lower"] = rows.loc[at, "term"].map(found[lower])
    rows.loc[at, "ci_upper"] = rows.loc[at, "term"].map(found[upper])
    return rows
