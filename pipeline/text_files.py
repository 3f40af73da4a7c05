"""Reading a table of text: ids as they are written, blanks where the card can have meant a blank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.card import Card

# What programs write for "nothing"; in a column of ids only the empty cell is one.
BLANKS = {
    "", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None",
    "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
}  # fmt: skip
WHOLE = r"(?:0|-?[1-9][0-9]{0,18})"


def read(card: Card, table: str, path: Path, form: str) -> pd.DataFrame:
    """A csv or fixed file: ids and written dates are whole numbers if every one is, else text."""
    entry = card.source["files"][table]
    how: dict[str, Any] = {
        "sep": r"\s+" if form == "fixed" else entry.get("separator", ","),
        "encoding": entry.get("encoding", "utf-8"),
        "header": 0 if entry.get("header", True) else None,
        "names": entry.get("columns"),
        "skipinitialspace": True,
        "low_memory": False,
    }
    columns = pd.read_csv(path, nrows=0, **how).columns
    ids, written, named = keys(card, table), dates(card, table), named_values(card)
    blanks = {c: sorted({""} if c in ids else BLANKS - named.get(c, set())) for c in columns}
    frame = pd.read_csv(path, dtype=dict.fromkeys(ids | written, "str"), na_values=blanks, keep_default_na=False, **how)
    return frame.assign(**{c: _numbers(frame[c], padded=c in ids) for c in columns if c in ids | written})


def keys(card: Card, table: str) -> set[str]:
    """Columns of a table by which rows belong to somebody or to rows of another table."""
    survey, panel = card.survey or {}, card.panel or {}
    found = {survey["respondent"]} if survey.get("table") == table and "respondent" in survey else set()
    for of in (panel, *panel.get("treatments", {}).values()):
        joins = of.get("joins", ())
        own = {of.get("table"), *of.get("stack", ())}
        if table in own | {join["table"] for join in joins}:
            found |= {of.get("entity", panel.get("entity"))}
        found |= {join["by"] for join in joins if table in own | {join["table"]}}
    return found


def dates(card: Card, table: str) -> set[str]:
    """Columns whose times are written in a form of the card (20240131 may begin with a zero in another form)."""
    panel = card.panel or {}
    timed = table in {panel.get("table"), *panel.get("stack", ())}
    return (
        {panel["time"]["column"]} if timed and panel["time"].get("format", "unix") not in ("unix", "unix_ms") else set()
    )


def named_values(card: Card) -> dict[str, set[str]]:
    """Column → the values that a `where` or the levels of a group of the card name."""
    found: dict[str, set[str]] = {}
    for entry in _entries(card.raw):
        listed = {c: v if isinstance(v, list) else [v] for c, v in entry.get("where", {}).items()}
        if "levels" in entry and "column" in entry:
            listed[entry["column"]] = list(entry["levels"])
        for column, values in listed.items():
            found.setdefault(column, set()).update(value for value in values if isinstance(value, str))
    return found


def _entries(node: Any) -> Iterator[dict[str, Any]]:
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and isinstance(node.get("where", {}), dict):
        yield node
    for part in inside:
        yield from _entries(part)


def _numbers(written: pd.Series, padded: bool) -> pd.Series:
    """Whole numbers where no two texts become the same number (`padded`: all of one width is enough), else the text."""
    found = written.dropna().str.strip()
    one_width = padded and found.str.len().nunique() == 1 and found.str.fullmatch("[0-9]{1,18}").all()
    if found.empty or not (one_width or found.str.fullmatch(WHOLE).all()):
        return written
    whole = pd.to_numeric(found, errors="coerce", dtype_backend="numpy_nullable")
    if not pd.api.types.is_signed_integer_dtype(whole.dtype):
        return written
    return whole.astype(np.int64) if len(found) == len(written) else whole.reindex(written.index).astype("Int64")
